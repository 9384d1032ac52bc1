// Texts for regular expressions: literals, classes, groups, alternatives and repetitions. Enough
// for the patterns people put into schemas; what is beyond gives a text that may not match.
#include <algorithm>
#include <cctype>

#include <serai/check/random_json.hpp>

namespace serai::check {
namespace {

class Writer {
 public:
  Writer(Random& random, const std::string& pattern) : random_(random), pattern_(pattern) {}

  std::string alternatives() {
    std::vector<std::string> choices{sequence()};
    while (at_ < pattern_.size() && pattern_[at_] == '|') {
      ++at_;
      choices.push_back(sequence());
    }
    return choices[random_() % choices.size()];
  }

 private:
  std::string sequence() {
    std::string text;
    while (at_ < pattern_.size() && pattern_[at_] != '|' && pattern_[at_] != ')') {
      if (pattern_[at_] == '^' || pattern_[at_] == '$') {
        ++at_;
        continue;
      }
      const std::size_t begin = at_;
      std::string once = atom();
      const std::size_t behind = at_;
      const auto [least, most] = repetition();
      const std::size_t after = at_;
      const std::size_t times = least + random_() % (most - least + 1);
      for (std::size_t i = 0; i < times; ++i) {
        at_ = begin;
        text += i == 0 ? once : atom();
      }
      (void)behind;
      at_ = after;
    }
    return text;
  }

  std::string atom() {
    const char c = pattern_[at_++];
    if (c == '(') {
      if (pattern_.compare(at_, 2, "?:") == 0) at_ += 2;
      std::string inner = alternatives();
      if (at_ < pattern_.size()) ++at_;
      return inner;
    }
    if (c == '[') return std::string(1, pick(char_class()));
    if (c == '\\' && at_ < pattern_.size()) return std::string(1, pick(escape(pattern_[at_++])));
    if (c == '.') return std::string(1, pick("abcXYZ019-_"));
    return std::string(1, c);
  }

  static std::string escape(char c) {
    if (c == 'd') return "0123456789";
    if (c == 'w') return "abcxyzABCXYZ0189_";
    if (c == 's') return " ";
    return std::string(1, c);
  }

  std::string char_class() {
    std::string set;
    const bool negated = at_ < pattern_.size() && pattern_[at_] == '^';
    if (negated) ++at_;
    for (bool first = true; at_ < pattern_.size() && (first || pattern_[at_] != ']');
         first = false) {
      char c = pattern_[at_++];
      if (c == '\\' && at_ < pattern_.size()) {
        set += escape(pattern_[at_++]);
        continue;
      }
      if (at_ + 1 < pattern_.size() && pattern_[at_] == '-' && pattern_[at_ + 1] != ']') {
        const char last = pattern_[at_ + 1];
        at_ += 2;
        for (int i = static_cast<unsigned char>(c); i <= static_cast<unsigned char>(last); ++i)
          set += static_cast<char>(i);
        continue;
      }
      set += c;
    }
    if (at_ < pattern_.size()) ++at_;
    if (!negated) return set;
    std::string rest;
    for (char c = ' '; c < '~'; ++c)
      if (set.find(c) == std::string::npos) rest += c;
    return rest;
  }

  std::pair<std::size_t, std::size_t> repetition() {
    if (at_ >= pattern_.size()) return {1, 1};
    const char c = pattern_[at_];
    if (c == '*' || c == '+' || c == '?') {
      ++at_;
      return {c == '+' ? 1 : 0, c == '?' ? 1 : 4};
    }
    if (c != '{') return {1, 1};
    const std::size_t end = pattern_.find('}', at_);
    if (end == std::string::npos) return {1, 1};
    const std::string inside = pattern_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    const std::size_t least = std::strtoul(inside.c_str(), nullptr, 10);
    const std::size_t comma = inside.find(',');
    if (comma == std::string::npos) return {least, least};
    const std::string upper = inside.substr(comma + 1);
    const std::size_t most = upper.empty() ? least + 4 : std::strtoul(upper.c_str(), nullptr, 10);
    return {least, std::min(std::max(least, most), least + 64)};
  }

  char pick(const std::string& set) { return set.empty() ? 'x' : set[random_() % set.size()]; }

  Random& random_;
  const std::string& pattern_;
  std::size_t at_ = 0;
};

}  // namespace

std::string matching_text(Random& random, const std::string& pattern) {
  return Writer(random, pattern).alternatives();
}

}  // namespace serai::check
