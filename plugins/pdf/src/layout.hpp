// A document onto pages.
#pragma once

#include <vector>

#include "flow.hpp"
#include "page.hpp"

namespace pdf {

// What the pages hold points into `document`. Throws serai::Problem 422 if it is too long.
std::vector<Page> lay_out(const Document& document, Typesetter& typesetter,
                          const Checkpoint& checkpoint);

// The parts of it, each from flow.y on.
void lay_letterhead(Flow& flow);
void lay_block(Flow& flow, const Block& block);
void lay_table(Flow& flow, const Table& table);
void lay_terms(Flow& flow);

// Running heads and feet, once the number of pages is known.
void decorate(const Document& document, Typesetter& typesetter, std::vector<Page>& pages);

// `color` on white paper, thinned: 1 is the colour itself, 0 is white.
Color tint(const Color& color, double strength);

}  // namespace pdf
