// A small reader of FETCH's answers; see the header.
#include "plugins/imap_fetch_data.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "plugins/imap_dialogue.hpp"

namespace host::plugins {
namespace {

class Reader {
 public:
  Reader(std::string_view line, std::vector<std::string>& literals)
      : line_(line), literals_(literals) {}

  bool skip(std::string_view word) {
    if (line_.size() - at_ < word.size() ||
        !std::equal(
            word.begin(), word.end(), line_.begin() + static_cast<std::ptrdiff_t>(at_),
            [](char a, char b) { return a == std::toupper(static_cast<unsigned char>(b)); }))
      return false;
    at_ += word.size();
    return true;
  }
  bool skip_number() {
    const auto begin = at_;
    while (at_ < line_.size() && line_[at_] >= '0' && line_[at_] <= '9') ++at_;
    return at_ > begin;
  }
  bool at_boundary() const {
    return at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == ')');
  }
  void skip_blanks() {
    while (at_ < line_.size() && line_[at_] == ' ') ++at_;
  }
  // In capitals; blanks may stand between brackets: BODY[HEADER.FIELDS (DATE)].
  std::string name() {
    std::string found;
    int depth = 0;
    for (; at_ < line_.size(); ++at_) {
      const char c = line_[at_];
      if (depth == 0 && (c == ' ' || c == ')')) break;
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      found += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    if (found.empty()) throw ImapFault("It answers FETCH with what is no list.");
    return found;
  }
  // Of lists nothing is kept.
  std::string value() {
    skip_blanks();
    if (at_ == line_.size()) throw ImapFault("It names a message's property without its value.");
    if (line_[at_] == '"') return quoted();
    if (line_[at_] == '{') return literal();
    if (line_[at_] != '(') return atom();
    int depth = 0;
    while (at_ < line_.size()) {
      const char c = line_[at_];
      if (c == '"') {
        quoted();
      } else if (c == '{') {
        literal();
      } else {
        ++at_;
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth == 0) return {};
      }
    }
    throw ImapFault("It opens a list and never closes it.");
  }

 private:
  std::string quoted() {
    std::string text;
    for (++at_; at_ < line_.size(); ++at_) {
      if (line_[at_] == '"') {
        ++at_;
        return text;
      }
      if (line_[at_] == '\\') ++at_;
      if (at_ < line_.size()) text += line_[at_];
    }
    throw ImapFault("It opens a quotation and never closes it.");
  }
  std::string literal() {
    at_ = line_.find('}', at_);
    if (at_ == std::string_view::npos || next_literal_ == literals_.size())
      throw ImapFault("It announces bytes that are none.");
    ++at_;
    return std::move(literals_[next_literal_++]);
  }
  std::string atom() {
    const auto begin = at_;
    while (at_ < line_.size() && line_[at_] != ' ' && line_[at_] != ')') ++at_;
    if (at_ == begin) throw ImapFault("It names a message's property without its value.");
    return std::string(line_.substr(begin, at_ - begin));
  }

  std::string_view line_;
  std::vector<std::string>& literals_;
  std::size_t at_ = 0, next_literal_ = 0;
};

template <class Number>
Number number_in(const std::string& text) {
  Number number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) throw ImapFault("A number of a message is none.");
  return number;
}

}  // namespace

std::optional<ImapFetchData> read_fetch_data(std::string_view line,
                                             std::vector<std::string>& literals) {
  Reader reader(line, literals);
  if (!reader.skip("* ") || !reader.skip_number() || !reader.skip(" FETCH (")) return std::nullopt;
  ImapFetchData data;
  while (true) {
    reader.skip_blanks();
    if (reader.skip(")")) return data;
    const auto name = reader.name();
    auto value = reader.value();
    if (!reader.at_boundary()) throw ImapFault("It gives a message's property two values.");
    if (name == "UID") {
      data.uid = number_in<std::uint32_t>(value);
    } else if (name == "RFC822.SIZE") {
      data.size = number_in<std::uint64_t>(value);
    } else if (name == "BODY[]") {
      data.body = value == "NIL" ? std::string() : std::move(value);
    }
  }
}

}  // namespace host::plugins
