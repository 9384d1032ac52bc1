// Parameters and file names; see multipart_fields.hpp.
#include "http/multipart_fields.hpp"

#include "http/ascii.hpp"
#include "http/form.hpp"

namespace host::http {
namespace {

constexpr std::size_t kNameLimit = 255;

// Takes a quoted string from the front of `text`, which begins behind the opening quote.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  while (!text.empty()) {
    const char character = text.front();
    text.remove_prefix(1);
    if (character == '"') return value;
    if (character == '\\' && !text.empty() && (text.front() == '"' || text.front() == '\\')) {
      value.push_back(text.front());
      text.remove_prefix(1);
    } else if (character == '%' && text.starts_with("22")) {
      value.push_back('"');
      text.remove_prefix(2);
    } else if (character == '%' && text.size() >= 2 &&
               (equals_ignoring_case(text.substr(0, 2), "0d") ||
                equals_ignoring_case(text.substr(0, 2), "0a"))) {
      value.push_back(lower(text[1]) == 'd' ? '\r' : '\n');
      text.remove_prefix(2);
    } else {
      value.push_back(character);
    }
  }
  return std::nullopt;
}

std::string_view take_token(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is(text[length], kToken)) ++length;
  const auto token = text.substr(0, length);
  text.remove_prefix(length);
  return token;
}

}  // namespace

const std::string* ParameterizedField::find(std::string_view name) const {
  for (const auto& [key, text] : parameters) {
    if (key == name) return &text;
  }
  return nullptr;
}

std::optional<ParameterizedField> parse_parameters(std::string_view field) {
  ParameterizedField parsed;
  const auto semicolon = field.find(';');
  parsed.value = trimmed(field.substr(0, semicolon));
  auto rest = semicolon == std::string_view::npos ? std::string_view() : field.substr(semicolon);
  while (!rest.empty()) {
    if (rest.front() != ';') return std::nullopt;
    rest = trimmed(rest.substr(1));
    if (rest.empty()) break;  // a semicolon at the end is tolerated
    std::string name;
    for (const char character : take_token(rest)) name.push_back(lower(character));
    if (name.empty() || rest.empty() || rest.front() != '=') return std::nullopt;
    rest.remove_prefix(1);
    std::optional<std::string> value;
    if (!rest.empty() && rest.front() == '"') {
      rest.remove_prefix(1);
      value = take_quoted(rest);
    } else if (const auto token = take_token(rest); !token.empty()) {
      value = token;
    }
    if (!value || parsed.find(name) != nullptr) return std::nullopt;
    parsed.parameters.emplace_back(std::move(name), std::move(*value));
    rest = trimmed(rest);
  }
  return parsed;
}

std::optional<std::string> decode_extended(std::string_view value) {
  const auto charset_end = value.find('\'');
  if (charset_end == std::string_view::npos ||
      !equals_ignoring_case(value.substr(0, charset_end), "utf-8")) {
    return std::nullopt;
  }
  const auto language_end = value.find('\'', charset_end + 1);
  if (language_end == std::string_view::npos) return std::nullopt;
  auto decoded = percent_decode(value.substr(language_end + 1));
  if (decoded && !valid_utf8(*decoded)) return std::nullopt;
  return decoded;
}

std::string bare_file_name(std::string_view name) {
  const auto separator = name.find_last_of("/\\");
  if (separator != std::string_view::npos) name.remove_prefix(separator + 1);
  const bool utf8 = valid_utf8(name);
  std::string bare;
  for (const char character : name.substr(0, kNameLimit)) {
    const auto byte = static_cast<unsigned char>(character);
    const bool usable = byte >= 0x20 && byte != 0x7f && (byte < 0x80 || utf8);
    bare.push_back(usable ? character : '_');
  }
  while (!valid_utf8(bare)) bare.pop_back();  // the limit may have cut a character
  if (bare.empty() || bare == "." || bare == "..") return "file";
  return bare;
}

}  // namespace host::http
