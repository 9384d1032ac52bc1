#include "picture_surface.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include <serai/problem.hpp>

namespace pdf {
namespace {

constexpr double kDotsPerInch = 300;

cairo_status_t read_piece(void* closure, unsigned char* into, unsigned size) {
  auto& left = *static_cast<std::string_view*>(closure);
  if (size > left.size()) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(into, left.data(), size);
  left.remove_prefix(size);
  return CAIRO_STATUS_SUCCESS;
}

Surface decode_png(const Picture& picture) {
  std::string_view left = picture.bytes;
  Surface surface(cairo_image_surface_create_from_png_stream(read_piece, &left));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
    throw serai::invalid_field(picture.pointer, "The PNG is broken and cannot be decoded.");
  return surface;
}

Surface shrink(Surface large, const Picture& picture, double scale) {
  const int width = std::max(1, static_cast<int>(std::lround(picture.width * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(picture.height * scale)));
  Surface small(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height));
  const Canvas canvas(cairo_create(small.get()));
  cairo_scale(canvas.get(), static_cast<double>(width) / picture.width,
              static_cast<double>(height) / picture.height);
  cairo_set_source_surface(canvas.get(), large.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(canvas.get()), CAIRO_FILTER_BEST);
  cairo_pattern_set_extend(cairo_get_source(canvas.get()), CAIRO_EXTEND_PAD);
  cairo_paint(canvas.get());
  return small;
}

// The pixels stay untouched zeros: the PDF takes the file. free() of the C library, as Cairo may
// keep it for longer than we are loaded.
Surface carry_jpeg(const Picture& picture) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture.width, picture.height));
  auto* copy = static_cast<unsigned char*>(std::malloc(picture.bytes.size()));
  if (!copy) throw std::bad_alloc();
  std::copy(picture.bytes.begin(), picture.bytes.end(), copy);
  if (cairo_surface_set_mime_data(surface.get(), CAIRO_MIME_TYPE_JPEG, copy, picture.bytes.size(),
                                  std::free, copy) != CAIRO_STATUS_SUCCESS) {
    std::free(copy);
    throw std::bad_alloc();
  }
  return surface;
}

}  // namespace

Surface surface_of(const Picture& picture, double width) {
  if (picture.kind == Picture::Kind::jpeg) return carry_jpeg(picture);
  auto surface = decode_png(picture);
  const double scale = width / 72 * kDotsPerInch / picture.width;
  return scale < 0.8 ? shrink(std::move(surface), picture, scale) : std::move(surface);
}

}  // namespace pdf
