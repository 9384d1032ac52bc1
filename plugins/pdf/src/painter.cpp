#include "painter.hpp"

#include <stdexcept>
#include <type_traits>

#include <cairo-pdf.h>

#include "amend.hpp"
#include "fonts/owned.hpp"
#include "glyph_painter.hpp"
#include "picture_surface.hpp"

namespace pdf {
namespace {

struct Output {
  std::string bytes;
  bool full = false;
};

cairo_status_t append(void* closure, const unsigned char* data, unsigned size) {
  auto& output = *static_cast<Output*>(closure);
  try {
    output.bytes.append(reinterpret_cast<const char*>(data), size);
  } catch (...) {
    output.full = true;
    return CAIRO_STATUS_WRITE_ERROR;
  }
  return CAIRO_STATUS_SUCCESS;
}

class Painter {
 public:
  Painter(cairo_t* canvas, const Document& document, const Checkpoint& checkpoint)
      : canvas_(canvas), document_(document), checkpoint_(checkpoint) {}

  void paint(const TextItem& item) { paint_text(canvas_, item, document_.right_to_left); }

  void paint(const BoxItem& box) {
    cairo_set_source_rgb(canvas_, box.color.red, box.color.green, box.color.blue);
    cairo_rectangle(canvas_, box.x, box.y, box.width, box.height);
    cairo_fill(canvas_);
  }

  void paint(const PictureItem& item) {
    checkpoint_();
    const auto surface = surface_of(*item.picture, item.width);
    if (item.alt) {
      cairo_tag_begin(canvas_, "Figure", "");
      alternatives.push_back(*item.alt);
    }
    cairo_save(canvas_);
    cairo_translate(canvas_, item.x, item.y);
    cairo_scale(canvas_, item.width / cairo_image_surface_get_width(surface.get()),
                item.height / cairo_image_surface_get_height(surface.get()));
    cairo_set_source_surface(canvas_, surface.get(), 0, 0);
    // Filled, not painted: Cairo 1.16 refuses an element that holds a whole-page operation.
    cairo_rectangle(canvas_, 0, 0, cairo_image_surface_get_width(surface.get()),
                    cairo_image_surface_get_height(surface.get()));
    cairo_fill(canvas_);
    cairo_restore(canvas_);
    if (item.alt) cairo_tag_end(canvas_, "Figure");
  }

  void paint(const BeginElement& element) {
    cairo_tag_begin(canvas_, element.tag, "");
    open_.push_back(element.tag);
  }

  void paint(const EndElement&) {
    cairo_tag_end(canvas_, open_.back());
    open_.pop_back();
  }

  std::vector<std::string> alternatives;  // of the figures, in their order

 private:
  cairo_t* canvas_;
  const Document& document_;
  const Checkpoint& checkpoint_;
  std::vector<const char*> open_;
};

void set_facts(cairo_surface_t* surface, const Document& document) {
  const auto set = [&](cairo_pdf_metadata_t what, const std::string& text) {
    if (!text.empty()) cairo_pdf_surface_set_metadata(surface, what, text.c_str());
  };
  set(CAIRO_PDF_METADATA_TITLE, document.title);
  set(CAIRO_PDF_METADATA_AUTHOR, document.author);
  set(CAIRO_PDF_METADATA_SUBJECT, document.subject);
  set(CAIRO_PDF_METADATA_CREATOR, "Serai");
  // Without these Cairo asks the clock.
  set(CAIRO_PDF_METADATA_CREATE_DATE, document.date);
  set(CAIRO_PDF_METADATA_MOD_DATE, document.date);
}

void check(cairo_status_t status) {
  if (status == CAIRO_STATUS_NO_MEMORY) throw std::bad_alloc();
  if (status != CAIRO_STATUS_SUCCESS) throw std::runtime_error(cairo_status_to_string(status));
}

}  // namespace

std::string paint(const Document& document, const std::vector<Page>& pages,
                  const Checkpoint& checkpoint) {
  Output output;
  std::vector<std::string> alternatives;
  {
    const Surface surface(cairo_pdf_surface_create_for_stream(
        append, &output, document.brand.page.width, document.brand.page.height));
    set_facts(surface.get(), document);
    const Canvas canvas(cairo_create(surface.get()));
    Painter painter(canvas.get(), document, checkpoint);
    for (const auto& page : pages) {
      checkpoint();
      for (const auto& item : page) std::visit([&](const auto& one) { painter.paint(one); }, item);
      cairo_show_page(canvas.get());
    }
    alternatives = std::move(painter.alternatives);
    cairo_surface_finish(surface.get());
    if (output.full) throw std::bad_alloc();
    check(cairo_status(canvas.get()));
    check(cairo_surface_status(surface.get()));
  }
  return amend(std::move(output.bytes), document.language, alternatives);
}

}  // namespace pdf
