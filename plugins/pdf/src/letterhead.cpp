// Whose paper it is: the head of the first page, running heads, feet, terms.
#include <algorithm>
#include <string>

#include "layout.hpp"
#include "margins.hpp"

namespace pdf {
namespace {

constexpr double kLogoWidth = 170, kLogoHeight = 52;
constexpr double kSmall = 7.5;

// As large as fits; height 0 without a logo.
double lay_logo(Flow& flow) {
  const auto& brand = flow.document.brand;
  if (brand.logo.empty()) return 0;
  const auto& logo = brand.logo.front();
  const double scale = std::min({kLogoWidth / logo.width, kLogoHeight / logo.height, 0.75});
  flow.picture(logo, 0, logo.width * scale, logo.height * scale, &brand.name);
  return logo.height * scale;
}

Lines numbered(const Document& document, Typesetter& typesetter, const Style& style,
               std::size_t page, std::size_t pages) {
  std::string label = document.page_label;
  const auto replace = [&](const std::string& what, std::size_t number) {
    if (const auto at = label.find(what); at != std::string::npos)
      label.replace(at, what.size(), std::to_string(number));
  };
  replace("{pages}", pages);
  replace("{page}", page);
  return typesetter.set(label, style, 0);
}

}  // namespace

void lay_letterhead(Flow& flow) {
  const auto& brand = flow.document.brand;
  if (brand.name.empty() && brand.logo.empty() && brand.address.empty()) return;
  const double half = flow.width() * 0.55;
  const double logo = lay_logo(flow);
  double down = 0;
  if (!brand.name.empty()) {
    const bool beside = logo > 0;
    const Style style{beside ? 11.0 : 15.0, true, brand.primary,
                      beside ? Align::end : Align::start};
    const auto name = flow.typesetter.set(brand.name, style, half);
    flow.text(name, beside ? flow.width() - half : 0, half, "P");
    down = name->height + 2;
  }
  double address_top = logo > 0 ? down : 0;
  for (const auto& line : brand.address) {
    const auto set = flow.typesetter.set(line, {8, false, brand.muted, Align::end}, half);
    flow.text(set, flow.width() - half, half, "P", address_top);
    address_top += set->height;
  }
  flow.y += std::max({logo, down, address_top}) + 8;
  flow.box(0, flow.width(), 1.2, brand.primary);
  flow.y += 16;
}

void lay_terms(Flow& flow) {
  const auto& brand = flow.document.brand;
  if (brand.terms.empty()) return;
  const auto terms = flow.typesetter.set(brand.terms, {kSmall, false, brand.muted}, flow.width());
  flow.gap(14);
  flow.need(std::min(terms->height, 40.0));
  if (!flow.at_top()) flow.box(0, flow.width(), 0.5, tint(brand.muted, 0.5), -6);
  flow.running_text(terms, 0, flow.width(), "P");
}

void decorate(const Document& document, Typesetter& typesetter, std::vector<Page>& pages) {
  const auto& brand = document.brand;
  const double width = brand.page.width - 2 * kSideMargin;
  const double foot = brand.page.height - kFooterHeight;
  const Style start{kSmall, false, brand.muted, Align::start};
  const Style end{kSmall, false, brand.muted, Align::end};
  const auto footer = typesetter.set(brand.footer, start, width * 0.8);
  const auto title = typesetter.set(document.title, start, width * 0.6);
  const auto name = typesetter.set(brand.name, end, width * 0.4);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    auto& page = pages[i];
    const auto text = [&](const Lines& lines, std::size_t count, double y) {
      page.push_back(
          TextItem{lines, 0, std::min(count, lines->lines.size()), kSideMargin, y, width, nullptr});
    };
    page.push_back(BoxItem{kSideMargin, foot - 6, width, 0.5, tint(brand.muted, 0.5)});
    if (!brand.footer.empty()) text(footer, 2, foot);
    text(numbered(document, typesetter, end, i + 1, pages.size()), 1, foot);
    if (i == 0) continue;
    text(title, 1, kRunningHeadTop);
    if (!brand.name.empty()) text(name, 1, kRunningHeadTop);
  }
}

}  // namespace pdf
