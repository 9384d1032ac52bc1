#include "isolation/answer_rules.hpp"

#include <algorithm>
#include <string_view>

namespace host::isolation {
namespace {

constexpr std::uint32_t kMaxHeaders = 100;

bool framing(std::string_view name) {
  static constexpr std::string_view names[] = {"content-length", "connection", "transfer-encoding",
                                               "keep-alive",     "upgrade",    "trailer",
                                               "date",           "te"};
  return std::any_of(std::begin(names), std::end(names), [&](std::string_view other) {
    return name.size() == other.size() &&
           std::equal(name.begin(), name.end(), other.begin(), [](char a, char b) {
             return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b;
           });
  });
}

// A header that could split the answer never gets out of here.
bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}
bool good_value(std::string_view value) {
  return value.size() <= 8000 && std::all_of(value.begin(), value.end(), [](unsigned char c) {
           return (c >= 0x20 && c != 0x7f) || c == '\t';
         });
}

}  // namespace

const char* fault_of_answer(std::int32_t http_status, const serai_pair* headers,
                            std::uint32_t header_count) noexcept {
  if (http_status < 200 || http_status > 599) return "An HTTP status lies between 200 and 599.";
  if (header_count > kMaxHeaders || (header_count && !headers))
    return "That many headers are not possible.";
  for (std::uint32_t i = 0; i < header_count; ++i) {
    const auto& [name, value] = headers[i];
    if ((name.size && !name.data) || (value.size && !value.data))
      return "A text of that size has no bytes.";
    const std::string_view word(name.data, name.size);
    if (!good_name(word) || !good_value({value.data, value.size}))
      return "A header has characters that are not allowed.";
    if (framing(word)) return "Framing headers are the host's.";
  }
  return nullptr;
}

}  // namespace host::isolation
