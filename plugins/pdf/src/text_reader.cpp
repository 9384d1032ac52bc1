#include "text_reader.hpp"

#include <algorithm>
#include <cctype>

#include <serai/problem.hpp>

#include "object_reader.hpp"

namespace pdf {
namespace {

constexpr std::size_t kMaxText = 20'000;  // bytes of one text
constexpr std::size_t kMaxSpans = 200;

// What a reader may be led to: nothing that runs or opens files.
std::string read_link(const ObjectReader& from) {
  auto link = from.text("link", 2000);
  if (link.empty()) return link;
  std::string scheme = link.substr(0, link.find(':'));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool good = link.find(':') != std::string::npos && (scheme == "https" || scheme == "http" ||
                                                            scheme == "mailto" || scheme == "tel");
  const bool plain =
      std::all_of(link.begin(), link.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  if (!good || !plain)
    from.fault("link",
               "A link begins with https:, http:, mailto: or tel: and is plain ASCII, "
               "percent-encoded.");
  return link;
}

Span read_span(const serai::Json& json, const std::string& pointer) {
  if (json.is_string()) return {clean_text(json, pointer, kMaxText), false, false, {}};
  const ObjectReader from(json, pointer, {"text", "bold", "italic", "link"});
  return {from.required_text("text", kMaxText), from.flag("bold"), from.flag("italic"),
          read_link(from)};
}

}  // namespace

Text read_text(const serai::Json& json, const std::string& pointer) {
  if (!json.is_array()) return {read_span(json, pointer)};
  if (json.size() > kMaxSpans) throw serai::invalid_field(pointer, "This has more than 200 spans.");
  Text text;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    text.push_back(read_span(json[i], pointer + "/" + std::to_string(i)));
    bytes += text.back().text.size();
  }
  if (bytes > kMaxText)
    throw serai::invalid_field(pointer, "This text is longer than 20000 bytes.");
  return text;
}

}  // namespace pdf
