#include "api/json_body.hpp"

#include <nlohmann/json.hpp>

#include "base/problem.hpp"

namespace host::api {
namespace {

constexpr int kMaxDepth = 64;

bool too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

nlohmann::json parse_json(std::string_view text) {
  if (too_deep(text))
    throw Problem(400, "malformed_json", "The JSON body is nested more than 64 levels deep.");
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    throw Problem(400, "malformed_json",
                  "The body is not valid JSON; the first fault is at byte " +
                      std::to_string(error.byte) + ".");
  } catch (const nlohmann::json::out_of_range&) {
    throw Problem(400, "malformed_json", "The JSON body holds a number that is too large.");
  }
}

}  // namespace host::api
