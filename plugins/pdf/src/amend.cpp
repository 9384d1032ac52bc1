#include "amend.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string_view>

#include <glib.h>

namespace pdf {
namespace {

[[noreturn]] void strange() {
  throw std::runtime_error("The PDF is not as this version of Cairo writes it");
}

std::size_t number_at(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  std::size_t number = 0;
  if (at >= text.size() ||
      std::from_chars(text.data() + at, text.data() + text.size(), number).ec != std::errc())
    strange();
  return number;
}

std::size_t number_after(std::string_view text, std::string_view word) {
  const auto at = text.rfind(word);
  if (at == std::string_view::npos) strange();
  return number_at(text, at + word.size());
}

// UTF-16 with its mark, in hexadecimal: a text string that needs no escapes.
std::string text_string(const std::string& utf8) {
  std::string out = "<FEFF";
  for (const char* at = utf8.data(); at < utf8.data() + utf8.size(); at = g_utf8_next_char(at)) {
    const std::uint32_t character = g_utf8_get_char(at);
    char digits[24];
    if (character < 0x10000)
      (void)std::snprintf(digits, sizeof digits, "%04X", character);
    else
      (void)std::snprintf(digits, sizeof digits, "%04X%04X", 0xD7C0 + (character >> 10),
                          0xDC00 + (character & 0x3FF));
    out += digits;
  }
  return out + ">";
}

class File {
 public:
  explicit File(std::string_view bytes)
      : bytes_(bytes), table_(number_after(bytes, "startxref\n")), trailer_(bytes.substr(table_)) {
    if (!trailer_.starts_with("xref\n0 ")) strange();
    count_ = number_at(trailer_, 7);
    entries_ = trailer_.find('\n', 5) + 1;
  }

  std::size_t count() const { return count_; }
  std::size_t table() const { return table_; }
  std::size_t root() const { return number_after(trailer_, "/Root "); }
  std::size_t info() const { return number_after(trailer_, "/Info "); }

  // Each line of the table has 20 bytes.
  bool is_used(std::size_t number) const {
    const auto at = entries_ + number * 20 + 17;
    return at < trailer_.size() && trailer_[at] == 'n';
  }
  // From "N 0 obj" to "endobj".
  std::string_view object(std::size_t number) const {
    const auto at = number_at(trailer_, entries_ + number * 20);
    const auto head = std::to_string(number) + " 0 obj\n";
    if (at >= bytes_.size() || !bytes_.substr(at).starts_with(head)) strange();
    const auto end = bytes_.find("\nendobj\n", at);
    if (end == std::string_view::npos) strange();
    return bytes_.substr(at, end + 8 - at);
  }

 private:
  std::string_view bytes_;
  std::size_t table_;
  std::string_view trailer_;
  std::size_t count_ = 0, entries_ = 0;
};

// With more entries in its dictionary, which is all it is.
std::string extended(std::string_view object, const std::string& entries) {
  const auto end = object.rfind(">>\nendobj\n");
  if (end == std::string_view::npos) strange();
  return std::string(object.substr(0, end)) + entries + std::string(object.substr(end));
}

std::map<std::size_t, std::string> new_objects(const File& file, const std::string& language,
                                               const std::vector<std::string>& alternatives) {
  std::map<std::size_t, std::string> objects;
  objects[file.root()] =
      extended(file.object(file.root()),
               "   /Lang (" + language + ")\n   /ViewerPreferences << /DisplayDocTitle true >>\n");
  std::size_t figure = 0;
  for (std::size_t i = 1; i < file.count() && figure < alternatives.size(); ++i) {
    if (!file.is_used(i)) continue;
    const auto object = file.object(i);
    const auto body = object.substr(object.find('\n') + 1);
    if (!body.starts_with("<< /Type /StructElem\n   /S /Figure\n")) continue;
    const auto& words = alternatives[figure++];
    if (!words.empty()) objects[i] = extended(object, "   /Alt " + text_string(words) + "\n");
  }
  if (figure != alternatives.size()) strange();
  return objects;
}

}  // namespace

std::string amend(std::string pdf, const std::string& language,
                  const std::vector<std::string>& alternatives) {
  const File file(pdf);
  std::string update, table = "xref\n";
  for (const auto& [number, object] : new_objects(file, language, alternatives)) {
    char line[48];
    (void)std::snprintf(line, sizeof line, "%zu 1\n%010zu 00000 n \n", number,
                        pdf.size() + update.size());
    table += line;
    update += object;
  }
  const auto start = pdf.size() + update.size();
  update += table + "trailer\n<< /Size " + std::to_string(file.count()) + "\n   /Root " +
            std::to_string(file.root()) + " 0 R\n   /Info " + std::to_string(file.info()) +
            " 0 R\n   /Prev " + std::to_string(file.table()) + "\n>>\nstartxref\n" +
            std::to_string(start) + "\n%%EOF\n";
  return std::move(pdf) + update;
}

}  // namespace pdf
