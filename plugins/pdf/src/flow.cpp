#include "flow.hpp"

#include <algorithm>

#include <serai/problem.hpp>

#include "margins.hpp"

namespace pdf {

Flow::Flow(const Document& document_, Typesetter& typesetter_, const Checkpoint& checkpoint)
    : document(document_),
      typesetter(typesetter_),
      y(kTopMargin),
      checkpoint_(checkpoint),
      left_(kSideMargin),
      right_(document_.brand.page.width - kSideMargin),
      top_(kTopMargin),
      bottom_(document_.brand.page.height - kBottomMargin),
      pages_(1) {
  normal_.color = document.brand.text;
}

double Flow::x(double offset, double width) const {
  return document.right_to_left ? right_ - offset - width : left_ + offset;
}

void Flow::new_page() {
  checkpoint_();
  if (pages_.size() == kMaxPages)
    throw serai::Problem(422, "document_too_long", "The document has more than 500 pages.");
  pages_.emplace_back();
  y = top_;
}

void Flow::need(double height) {
  if (height > room() && !at_top()) new_page();
}

void Flow::gap(double height) {
  if (!at_top()) y += height;
}

void Flow::text(const Lines& lines, double offset, double column, const char* tag, double down) {
  text(lines, 0, lines->lines.size(), offset, column, tag, down);
}

void Flow::text(const Lines& lines, std::size_t first, std::size_t count, double offset,
                double column, const char* tag, double down) {
  pages_.back().push_back(TextItem{lines, first, count, x(offset, column), y + down, column, tag});
}

void Flow::box(double offset, double width, double height, const Color& color, double down) {
  pages_.back().push_back(BoxItem{x(offset, width), y + down, width, height, color});
}

void Flow::picture(const Picture& picture, double offset, double width, double height,
                   const std::string* alt) {
  pages_.back().push_back(PictureItem{&picture, x(offset, width), y, width, height, alt});
}

void Flow::running_text(const Lines& lines, double offset, double column, const char* tag) {
  const auto total = lines->lines.size();
  for (std::size_t first = 0; first < total;) {
    std::size_t count = 0;
    while (first + count < total && lines->height_of(first, count + 1) <= room()) ++count;
    // No single line alone at the end of a page or at the top of the next.
    if (first + count < total) {
      if (total - first - count == 1 && count > 2) --count;
      if (count < 2 && !at_top()) count = 0;
    }
    if (count == 0 && !at_top()) {
      new_page();
      continue;
    }
    count = std::max<std::size_t>(count, 1);  // one that is taller than a page is cut off
    text(lines, first, count, offset, column, tag, 0);
    y += lines->height_of(first, count);
    first += count;
    if (first < total) new_page();
  }
}

}  // namespace pdf
