// See the header.
#include "text.hpp"

#include <algorithm>
#include <vector>

#include <unicode/ucasemap.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

namespace quotes {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n'; }

}  // namespace

std::string tidy(std::string_view text, bool lines) {
  std::string clean;
  clean.reserve(text.size());
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(text, at, size, c);
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    if (control && !(lines && c == '\n')) c = ' ';
    char bytes[U8_MAX_LENGTH];
    int32_t length = 0;
    U8_APPEND_UNSAFE(bytes, length, c);
    clean.append(bytes, static_cast<std::size_t>(length));
  }
  const auto begin = std::find_if_not(clean.begin(), clean.end(), is_space);
  const auto end = std::find_if_not(clean.rbegin(), clean.rend(), is_space).base();
  return begin < end ? std::string(begin, end) : std::string();
}

std::string email_of(std::string_view text) {
  std::string email = tidy(text);
  for (char& c : email)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const std::size_t at = email.find('@');
  if (at == std::string::npos || at == 0 || at > 64 || email.size() > 254 ||
      email.find('@', at + 1) != std::string::npos)
    return {};
  const std::string domain = email.substr(at + 1);
  const bool plain = std::all_of(email.begin(), email.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("<>()[],;:\\\"").find(static_cast<char>(c)) == std::string_view::npos;
  });
  const bool dotted = domain.find('.') != std::string::npos && domain.front() != '.' &&
                      domain.back() != '.' && domain.find("..") == std::string::npos;
  return plain && dotted ? email : std::string();
}

std::string folded(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* form = unorm2_getNFKCCasefoldInstance(&error);
  std::vector<UChar> wide(text.size() + 1), made(text.size() * 4 + 16);
  int32_t size = 0, length = 0;
  u_strFromUTF8WithSub(wide.data(), static_cast<int32_t>(wide.size()), &size, text.data(),
                       static_cast<int32_t>(text.size()), 0xfffd, nullptr, &error);
  size = unorm2_normalize(form, wide.data(), size, made.data(), static_cast<int32_t>(made.size()),
                          &error);
  std::string out(made.size() * 3, '\0');
  u_strToUTF8WithSub(out.data(), static_cast<int32_t>(out.size()), &length, made.data(), size,
                     0xfffd, nullptr, &error);
  if (U_FAILURE(error)) return std::string(text);
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace quotes
