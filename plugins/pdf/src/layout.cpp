#include "layout.hpp"

namespace pdf {

Color tint(const Color& color, double strength) {
  const auto mix = [&](double part) { return 1 - (1 - part) * strength; };
  return {mix(color.red), mix(color.green), mix(color.blue)};
}

std::vector<Page> lay_out(const Document& document, Typesetter& typesetter,
                          const Checkpoint& checkpoint) {
  typesetter.begin(document);
  Flow flow(document, typesetter, checkpoint);
  flow.begin("Document");
  lay_letterhead(flow);
  for (const auto& block : document.content) {
    flow.check();
    lay_block(flow, block);
  }
  lay_terms(flow);
  flow.end();
  auto pages = flow.take_pages();
  decorate(document, typesetter, pages);
  return pages;
}

}  // namespace pdf
