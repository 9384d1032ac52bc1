// Every kind of block but the table.
#include <algorithm>
#include <string>
#include <type_traits>

#include "layout.hpp"

namespace pdf {
namespace {

constexpr double kBlockGap = 7;
// Of what a heading is about and is not parted from: a line, and a table's head and first row.
constexpr double kBelowHeading = 84;
constexpr double kPixel = 72.0 / 150;  // of a picture that does not say how large it is

void lay(Flow& flow, const Heading& heading) {
  constexpr double sizes[] = {17, 12.5, 10.5};
  constexpr const char* tags[] = {"H1", "H2", "H3"};
  const auto level = static_cast<std::size_t>(heading.level - 1);
  const auto lines = flow.typesetter.set(
      heading.text, {sizes[level], true, flow.document.brand.primary}, flow.width());
  flow.gap(level == 0 ? 4 : 9);
  flow.need(std::min(lines->height + kBelowHeading, flow.whole_room()));
  flow.running_text(lines, 0, flow.width(), tags[level]);
  flow.y += level == 0 ? 8 : 4;
}

void lay(Flow& flow, const Paragraph& paragraph) {
  auto style = flow.normal();
  style.align = paragraph.align;
  style.bold = paragraph.strong;
  if (paragraph.small) style.size = 8;
  if (paragraph.muted) style.color = flow.document.brand.muted;
  flow.running_text(flow.typesetter.set(paragraph.text, style, flow.width()), 0, flow.width(), "P");
  flow.y += kBlockGap;
}

void lay(Flow& flow, const List& list) {
  constexpr double indent = 16;
  flow.begin("L");
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const auto lines = flow.typesetter.set(list.items[i], flow.normal(), flow.width() - indent);
    const auto mark = flow.typesetter.set(list.ordered ? std::to_string(i + 1) + "." : "\u2022",
                                          flow.normal(), 0);
    flow.need(lines->height_of(0, std::min<std::size_t>(2, lines->lines.size())));
    flow.begin("LI");
    flow.text(mark, 2, indent, "Lbl");
    flow.running_text(lines, indent, flow.width() - indent, "LBody");
    flow.end();
    flow.y += 2.5;
  }
  flow.end();
  flow.y += kBlockGap - 2.5;
}

void lay(Flow& flow, const Fields& fields) {
  constexpr double gutter = 14;
  const auto columns = static_cast<std::size_t>(fields.columns);
  const double width =
      (flow.width() - gutter * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  for (std::size_t i = 0; i < fields.items.size(); i += columns) {
    struct Cell {
      Lines label, value;
    };
    std::vector<Cell> cells;
    double height = 0;
    for (std::size_t k = i; k < std::min(i + columns, fields.items.size()); ++k) {
      const auto& item = fields.items[k];
      cells.push_back(
          {flow.typesetter.set(item.label, {7.5, false, flow.document.brand.muted}, width),
           flow.typesetter.set(item.value, flow.normal(), width)});
      height = std::max(height, cells.back().label->height + cells.back().value->height);
    }
    flow.need(height);
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const double offset = static_cast<double>(k) * (width + gutter);
      flow.text(cells[k].label, offset, width, "P");
      flow.text(cells[k].value, offset, width, "P", cells[k].label->height);
    }
    flow.y += height + 5;
  }
  flow.y += kBlockGap - 5;
}

void lay(Flow& flow, const Totals& totals) {
  const double width = flow.width() * 0.46;
  const double half = width / 2 - 10;
  const double offset = flow.width() - width;
  struct Set {
    Lines label, value;
    double height;
  };
  std::vector<Set> lines;
  double height = 0;
  for (const auto& line : totals.lines) {
    auto style = flow.normal();
    style.bold = line.strong;
    if (line.strong) {
      style.size = 11;
      style.color = flow.document.brand.primary;
    }
    auto value_style = style;
    value_style.align = Align::end;
    const auto label = flow.typesetter.set(line.label, style, half);
    const auto value = flow.typesetter.set(line.value, value_style, half);
    lines.push_back({label, value, std::max(label->height, value->height) + 6});
    height += lines.back().height;
  }
  flow.need(std::min(height, flow.whole_room()));
  flow.begin("Table");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    flow.need(line.height);
    if (totals.lines[i].strong) flow.box(offset, width, 0.9, flow.document.brand.primary);
    flow.begin("TR");
    flow.text(line.label, offset + 5, half, "TD", 3);
    flow.text(line.value, offset + width - 5 - half, half, "TD", 3);
    flow.end();
    flow.y += line.height;
  }
  flow.end();
  flow.y += kBlockGap;
}

void lay(Flow& flow, const Figure& figure) {
  const double ratio = static_cast<double>(figure.picture.height) / figure.picture.width;
  double width = figure.width;
  if (width == 0) width = figure.height > 0 ? figure.height / ratio : figure.picture.width * kPixel;
  double height = figure.width > 0 && figure.height > 0 ? figure.height : width * ratio;
  const double scale = std::min({1.0, flow.width() / width, flow.whole_room() / height});
  width *= scale;
  height *= scale;
  flow.need(height);
  const double room = flow.width() - width;
  const double offset =
      figure.align == Align::start ? 0 : (figure.align == Align::end ? room : room / 2);
  flow.picture(figure.picture, offset, width, height, &figure.alt);
  flow.y += height + kBlockGap;
}

void lay(Flow& flow, const Table& table) {
  lay_table(flow, table);
  flow.y += kBlockGap;
}

void lay(Flow& flow, const Rule&) {
  flow.need(8);
  flow.box(0, flow.width(), 0.6, tint(flow.document.brand.muted, 0.6), 2);
  flow.y += 8;
}

void lay(Flow& flow, const Space& space) { flow.gap(space.height); }

void lay(Flow& flow, const PageBreak&) {
  if (!flow.at_top()) flow.new_page();
}

}  // namespace

void lay_block(Flow& flow, const Block& block) {
  std::visit([&](const auto& one) { lay(flow, one); }, block);
}

}  // namespace pdf
