// JSON as plugins use it: nlohmann::json, with the two doors through which untrusted text comes and
// answers go. dump() never throws on invalid UTF-8; parse() refuses text nested too deeply to be
// handled by recursive code.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "serai/problem.hpp"

namespace serai {

using Json = nlohmann::json;

inline constexpr std::size_t max_json_depth = 100;

namespace detail {

// Deepest nesting of brackets outside strings. Cheap: one pass, no state but a flag.
inline std::size_t json_depth(std::string_view text) noexcept {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest) deepest = depth;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace detail

// Throws Problem(`status`, "invalid_json") naming `what` if the text is not JSON.
inline Json parse_json(std::string_view text, std::string_view what = "The body",
                       int status = 400) {
  if (detail::json_depth(text) > max_json_depth) {
    throw Problem(status, "invalid_json", std::string(what) + " is nested too deeply.");
  }
  Json value = Json::parse(text.begin(), text.end(), nullptr, false);
  if (value.is_discarded()) {
    throw Problem(status, "invalid_json", std::string(what) + " is not valid JSON.");
  }
  return value;
}

// Compact text; invalid UTF-8 becomes U+FFFD.
inline std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// {"success": true, "data": value}
inline Json data(Json value) {
  Json answer = Json::object();
  answer["success"] = true;
  answer["data"] = std::move(value);
  return answer;
}

// {"success": true, "data": items, "count": n}. Add "total" or "next" to the result for pages.
inline Json list(Json items) {
  if (!items.is_array()) items = Json::array({std::move(items)});
  const std::size_t count = items.size();
  Json answer = data(std::move(items));
  answer["count"] = count;
  return answer;
}

}  // namespace serai
