// Tables: rows stay whole where they can, heads are repeated on each page.
#include <algorithm>
#include <vector>

#include "column_widths.hpp"
#include "layout.hpp"

namespace pdf {
namespace {

constexpr double kPaddingX = 5, kPaddingY = 3.5;
constexpr double kHeadSize = 8.5, kCellSize = 9;
// So many rows say how wide a column wants to be.
constexpr std::size_t kMeasuredRows = 100;

double luminance(const Color& color) {
  return 0.299 * color.red + 0.587 * color.green + 0.114 * color.blue;
}

using Cells = std::vector<Lines>;

class TableLayout {
 public:
  TableLayout(Flow& flow, const Table& table) : flow_(flow), table_(table) {}
  void lay();

 private:
  Style head_style(std::size_t column) const;
  Style cell_style(const Row& row, std::size_t column) const;
  void measure();
  Cells cells_of(std::size_t row);
  void lay_head(bool again);
  void lay_row(std::size_t number);
  void lay_whole(const Cells& cells, std::size_t number, double height);
  void lay_sliced(const Cells& cells, std::size_t number);
  void lay_ground(std::size_t number, double height);
  void next_page();
  double inner(std::size_t column) const { return widths_[column] - 2 * kPaddingX; }

  Flow& flow_;
  const Table& table_;
  std::vector<double> widths_, offsets_;
  std::vector<Cells> measured_;
  Cells head_;
  double head_height_ = 0;
};

double height_of(const Cells& cells) {
  double height = 0;
  for (const auto& cell : cells) height = std::max(height, cell->height);
  return height + 2 * kPaddingY;
}

Style TableLayout::head_style(std::size_t column) const {
  const auto& primary = flow_.document.brand.primary;
  const Color ink = luminance(primary) < 0.6 ? Color{1, 1, 1} : Color{0.1, 0.1, 0.1};
  return {kHeadSize, true, ink, table_.columns[column].align};
}

Style TableLayout::cell_style(const Row& row, std::size_t column) const {
  return {kCellSize, row.strong, flow_.document.brand.text, table_.columns[column].align};
}

void TableLayout::measure() {
  std::vector<ColumnWish> wishes;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    head_.push_back(flow_.typesetter.set(table_.columns[i].title, head_style(i), 0));
    wishes.push_back({head_[i]->width, table_.columns[i].share});
  }
  for (std::size_t r = 0; r < std::min(kMeasuredRows, table_.rows.size()); ++r) {
    auto& cells = measured_.emplace_back();
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      cells.push_back(
          flow_.typesetter.set(table_.rows[r].cells[i], cell_style(table_.rows[r], i), 0));
      wishes[i].natural = std::max(wishes[i].natural, cells[i]->width);
    }
  }
  for (auto& wish : wishes) wish.natural += 2 * kPaddingX + 0.5;  // rounding breaks no word
  widths_ = column_widths(wishes, flow_.width());
  double offset = 0;
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    widths_[i] = std::max(widths_[i], 2 * kPaddingX + 4);
    offsets_.push_back(offset);
    offset += widths_[i];
    if (head_[i]->width > inner(i))
      head_[i] = flow_.typesetter.set(table_.columns[i].title, head_style(i), inner(i));
  }
  head_height_ = std::min(height_of(head_), flow_.whole_room() / 3);
}

// Of those that were measured, only what has to be broken is set again.
Cells TableLayout::cells_of(std::size_t row) {
  Cells cells;
  if (row < measured_.size()) cells.swap(measured_[row]);
  const bool known = !cells.empty();
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    if (known && cells[i]->width <= inner(i)) continue;
    auto set =
        flow_.typesetter.set(table_.rows[row].cells[i], cell_style(table_.rows[row], i), inner(i));
    if (known)
      cells[i] = std::move(set);
    else
      cells.push_back(std::move(set));
  }
  return cells;
}

void TableLayout::lay_head(bool again) {
  flow_.box(0, flow_.width(), head_height_, flow_.document.brand.primary);
  if (!again) flow_.begin("TR");
  for (std::size_t i = 0; i < head_.size(); ++i)
    flow_.text(head_[i], offsets_[i] + kPaddingX, inner(i), again ? nullptr : "TH", kPaddingY);
  if (!again) flow_.end();
  flow_.y += head_height_;
}

void TableLayout::next_page() {
  flow_.new_page();
  lay_head(true);
}

void TableLayout::lay_ground(std::size_t number, double height) {
  const auto& brand = flow_.document.brand;
  if (number % 2 == 1) flow_.box(0, flow_.width(), height, tint(brand.primary, 0.06));
  flow_.box(0, flow_.width(), 0.4, tint(brand.muted, 0.4), height - 0.4);
}

void TableLayout::lay_whole(const Cells& cells, std::size_t number, double height) {
  lay_ground(number, height);
  flow_.begin("TR");
  for (std::size_t i = 0; i < cells.size(); ++i)
    flow_.text(cells[i], offsets_[i] + kPaddingX, inner(i), "TD", kPaddingY);
  flow_.end();
  flow_.y += height;
}

// A row taller than a page: from each cell as many lines as fit, until all are out.
void TableLayout::lay_sliced(const Cells& cells, std::size_t number) {
  std::vector<std::size_t> next(cells.size(), 0);
  flow_.begin("TR");
  for (bool more = true; more;) {
    more = false;
    double height = 0;
    std::vector<std::size_t> counts(cells.size(), 0);
    const double room = flow_.room() - 2 * kPaddingY;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto left = cells[i]->lines.size() - next[i];
      auto& count = counts[i];
      while (count < left && cells[i]->height_of(next[i], count + 1) <= room) ++count;
      if (count == 0 && left > 0) count = 1;
      height = std::max(height, cells[i]->height_of(next[i], count));
      more = more || count < left;
    }
    lay_ground(number, height + 2 * kPaddingY);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (counts[i] == 0) continue;
      flow_.text(cells[i], next[i], counts[i], offsets_[i] + kPaddingX, inner(i), "TD", kPaddingY);
      next[i] += counts[i];
    }
    flow_.y += height + 2 * kPaddingY;
    if (more) next_page();
  }
  flow_.end();
}

void TableLayout::lay_row(std::size_t number) {
  const auto cells = cells_of(number);
  const double height = height_of(cells);
  const bool fits_a_page = height <= flow_.whole_room() - head_height_;
  if (height > flow_.room() && (fits_a_page || flow_.room() < flow_.whole_room() / 4)) next_page();
  if (fits_a_page)
    lay_whole(cells, number, height);
  else
    lay_sliced(cells, number);
}

void TableLayout::lay() {
  measure();
  // The head does not stand alone at the end of a page.
  double first_row = 0;
  if (!measured_.empty()) first_row = height_of(measured_.front());
  flow_.need(std::min(head_height_ + first_row + 12, flow_.whole_room()));
  flow_.begin("Table");
  lay_head(false);
  for (std::size_t i = 0; i < table_.rows.size(); ++i) {
    if (i % 50 == 0) flow_.check();
    lay_row(i);
  }
  flow_.end();
}

}  // namespace

void lay_table(Flow& flow, const Table& table) { TableLayout(flow, table).lay(); }

}  // namespace pdf
