// The pdf plugin: one engine, as a service for other plugins and as a preview for people.
#include <serai/plugin.hpp>

#include "document_reader.hpp"
#include "engine.hpp"
#include "picture.hpp"

namespace {

using serai::Json;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// What the tenant's documents look like unless they say otherwise.
pdf::Brand brand_of(const serai::Call& call) {
  const Json settings = call.config().all();
  const auto text = [&](const char* name) { return settings.at(name).get<std::string>(); };
  pdf::Brand brand;
  brand.name = text("company_name");
  brand.address = lines_of(text("company_address"));
  brand.font = text("font");
  brand.primary = pdf::read_color(text("primary_color"), "/settings/primary_color");
  brand.page = text("page_size") == "Letter" ? pdf::kLetter : pdf::kA4;
  brand.footer = text("footer");
  brand.terms = text("terms");
  return brand;
}

class Pdf : public serai::Plugin {
 public:
  Pdf() {
    route("preview", [this](serai::Request& request) {
      return serai::Response::bytes("application/pdf", render(request, request.json()))
          .with_header("content-disposition", "inline; filename=\"preview.pdf\"");
    });
    service("render", [this](serai::ServiceCall& call) { return render(call, call.json()); });
  }

 private:
  std::string render(const serai::Call& call, const Json& json) {
    const auto begin = call.clock().monotonic();
    const auto blobs = [&](const std::string& reference) {
      return call.blobs().open(reference).read_all(pdf::kMaxPictureBytes);
    };
    const auto in_time = [&] {
      if (call.time_left().count() <= 0)
        throw serai::Problem(504, "deadline_exceeded", "There was no time left for the document.");
    };
    const auto document = pdf::read_document(json, brand_of(call), blobs);
    auto bytes = engine_.render(document, in_time);
    call.metrics().add("documents_total");
    call.metrics().observe("render_seconds",
                           std::chrono::duration<double>(call.clock().monotonic() - begin).count());
    return bytes;
  }

  pdf::Engine engine_;
};

}  // namespace

SERAI_PLUGIN(Pdf)
