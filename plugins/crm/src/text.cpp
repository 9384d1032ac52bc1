// See text.hpp.
#include "text.hpp"

#include <algorithm>

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <serai/json.hpp>

namespace crm {
namespace {

constexpr std::size_t kLongestWord = 60;  // bytes
constexpr std::size_t kPhoneKey = 9;      // digits of a number without its country's code

bool digit(char c) { return c >= '0' && c <= '9'; }

std::string cleaned(std::string_view text, bool lines) {
  // Writing JSON replaces what is not UTF-8; a database would refuse it.
  std::string out = serai::Json::parse(serai::dump_json(std::string(text))).get<std::string>();
  for (char& c : out) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    if (control && !(lines && c == '\n')) c = ' ';
  }
  const std::size_t first = out.find_first_not_of(" \n");
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(" \n") - first + 1);
}

icu::UnicodeString folded(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const auto* decompose = icu::Normalizer2::getNFDInstance(status);
  auto wide = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  if (U_SUCCESS(status)) wide = decompose->normalize(fold->normalize(wide, status), status);
  return wide;
}

void keep(std::vector<std::string>& words, icu::UnicodeString& word) {
  if (word.isEmpty()) return;
  std::string text;
  word.toUTF8String(text);
  word.remove();
  if (text.size() > kLongestWord) {
    std::size_t end = kLongestWord;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
  }
  if (std::all_of(text.begin(), text.end(), digit)) text = digits(text);
  if (!text.empty()) words.push_back(std::move(text));
}

}  // namespace

std::string tidy(std::string_view text) { return cleaned(text, false); }
std::string tidy_lines(std::string_view text) { return cleaned(text, true); }

std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::string> words(std::string_view text) {
  const icu::UnicodeString wide = folded(text);
  std::vector<std::string> found;
  icu::UnicodeString word;
  for (std::int32_t at = 0; at < wide.length(); at = wide.moveIndex32(at, 1)) {
    const UChar32 c = wide.char32At(at);
    if (u_charType(c) == U_NON_SPACING_MARK) continue;  // an accent
    if (u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0) {
      word.append(c);
    } else {
      keep(found, word);
    }
  }
  keep(found, word);
  return found;
}

std::string email_of(std::string_view text) {
  std::string email;
  icu::UnicodeString::fromUTF8(tidy(text)).toLower(icu::Locale::getRoot()).toUTF8String(email);
  const std::size_t at = email.find('@');
  const bool good = at != std::string::npos && at > 0 && at + 1 < email.size() &&
                    email.find('@', at + 1) == std::string::npos && email.size() <= 254 &&
                    email.find_first_of(" ,;<>\"") == std::string::npos && email.back() != '.' &&
                    email[at + 1] != '.';
  return good ? email : std::string();
}

std::string digits(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (digit(c) && !(out.empty() && c == '0')) out += c;
  }
  return out;
}

bool looks_like_phone(std::string_view text) {
  return text.find_first_not_of("0123456789 +-()/.") == std::string_view::npos &&
         std::count_if(text.begin(), text.end(), digit) >= 3;
}

std::string name_key(std::string_view name) {
  auto parts = words(name);
  std::sort(parts.begin(), parts.end());
  std::string key;
  for (const auto& part : parts) key += (key.empty() ? "" : " ") + part;
  return key;
}

std::string phone_key(std::string_view phone) {
  const std::string all = digits(phone);
  if (all.size() < 7) return {};
  return all.substr(all.size() - std::min(all.size(), kPhoneKey));
}

}  // namespace crm
