// See the header.
#include "words.hpp"

#include <algorithm>

#include "tables.hpp"

namespace quotes {

std::span<const Language* const> languages() {
  static constexpr const Language* kAll[] = {&kEnglish, &kAfrikaans,  &kGerman,  &kFrench,
                                             &kSpanish, &kPortuguese, &kItalian, &kDutch};
  return kAll;
}

const Language* find_language(std::string_view code) {
  for (const Language* language : languages())
    if (language->code == code) return language;
  return nullptr;
}

std::string fill(std::string_view text,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> names) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find('{', at), close = text.find('}', open);
    if (close == std::string_view::npos) return out += text.substr(at);
    out += text.substr(at, open - at);
    const auto name = text.substr(open + 1, close - open - 1);
    const auto* const given = std::find_if(names.begin(), names.end(),
                                           [&](const auto& one) { return one.first == name; });
    // What nobody gave stays as it is, for whoever fills that in.
    out += given == names.end() ? text.substr(open, close + 1 - open) : given->second;
    at = close + 1;
  }
  return out;
}

std::string_view form_for(double count, const Plural& words, const Forms& forms) {
  return count == 1 || (forms.zero_is_one && count < 2) ? words.one : words.other;
}

std::string counted(std::int64_t count, const Plural& words, const Forms& forms) {
  return fill(form_for(static_cast<double>(count), words, forms),
              {{"count", std::to_string(count)}});
}

}  // namespace quotes
