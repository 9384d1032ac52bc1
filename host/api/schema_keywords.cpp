#include "api/schema_keywords.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <initializer_list>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/regex.hpp>
#include <nlohmann/json.hpp>
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/constraints/concrete_constraints.hpp>
#include <valijson/internal/adapter.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>

namespace host::api {
namespace {

using nlohmann::json;

constexpr auto kPattern = "serai:pattern";
constexpr auto kFormat = "serai:format";

// --- what the keywords demand ------------------------------------------------------------------

class Pattern {
 public:
  explicit Pattern(const std::string& text) : regex_(text) {}

  // Empty: it matches.
  std::string fault(const std::string& text) const {
    // As ECMA-262 without flags: ^ and $ are the ends of the text, a dot is no end of a line.
    const auto flags = boost::regex_constants::match_single_line |
                       boost::regex_constants::match_not_dot_newline |
                       boost::regex_constants::match_any;
    try {
      if (boost::regex_search(text, regex_, flags)) return {};
      return "Failed to match regex specified by 'pattern' constraint.";
    } catch (const std::runtime_error&) {  // its bounds of time and memory
      return "This text is too complex to be matched against the 'pattern' constraint.";
    }
  }

 private:
  boost::regex regex_;
};

std::optional<int> number(std::string_view digits, std::size_t length) {
  int value = 0;
  const auto* end = digits.data() + digits.size();
  if (digits.size() != length || digits.find_first_not_of("0123456789") != digits.npos)
    return std::nullopt;
  std::from_chars(digits.data(), end, value);
  return value;
}

bool in_range(std::string_view digits, int largest) {
  const auto value = number(digits, 2);
  return value && *value <= largest;
}

// RFC 3339, section 5.6.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = number(text.substr(0, 4), 4), month = number(text.substr(5, 2), 2),
             day = number(text.substr(8), 2);
  if (!year || !month || !day) return false;
  return std::chrono::year_month_day(std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day)))
      .ok();
}

bool is_time(std::string_view text) {
  if (text.size() < 9 || text[2] != ':' || text[5] != ':') return false;
  if (!in_range(text.substr(0, 2), 23) || !in_range(text.substr(3, 2), 59) ||
      !in_range(text.substr(6, 2), 60))
    return false;
  auto zone = text.substr(8);
  if (zone.front() == '.') {
    const auto end = zone.find_first_not_of("0123456789", 1);
    if (end == zone.npos || end == 1) return false;
    zone.remove_prefix(end);
  }
  if (zone == "Z" || zone == "z") return true;
  return zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' &&
         in_range(zone.substr(1, 2), 23) && in_range(zone.substr(4), 59);
}

bool is_date_time(std::string_view text) {
  return text.size() > 11 && (text[10] == 'T' || text[10] == 't') && is_date(text.substr(0, 10)) &&
         is_time(text.substr(11));
}

class Format {
 public:
  explicit Format(std::string name) : name_(std::move(name)) {}

  // Formats that are not known here describe, and demand nothing.
  std::string fault(const std::string& text) const {
    const bool holds = name_ == "date"        ? is_date(text)
                       : name_ == "time"      ? is_time(text)
                       : name_ == "date-time" ? is_date_time(text)
                                              : true;
    return holds ? std::string() : "String should be a valid " + name_;
  }

 private:
  std::string name_;
};

// --- what valijson wants to be given -----------------------------------------------------------

template <class Rule>
class TextConstraint final : public valijson::constraints::PolyConstraint {
 public:
  explicit TextConstraint(const std::string& value) : rule_(value) {}

  bool validate(const valijson::adapters::Adapter& target, const std::vector<std::string>& context,
                valijson::ValidationResults* results) const override {
    if (!target.isString()) return true;
    const auto fault = rule_.fault(target.asString());
    if (!fault.empty() && results != nullptr) results->pushError(context, fault);
    return fault.empty();
  }

 private:
  valijson::constraints::Constraint* cloneInto(void* place) const override {
    return new (place) TextConstraint(*this);
  }
  std::size_t sizeOf() const override { return sizeof(TextConstraint); }

  Rule rule_;
};

template <class Rule>
class Builder final : public valijson::ConstraintBuilder {
 public:
  valijson::constraints::Constraint* make(const valijson::adapters::Adapter& value) const override {
    return new TextConstraint<Rule>(value.asString());  // the parser deletes it
  }
};

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// `names`: the members are schemas under names of their author's choice, not keywords.
json renamed(const json& value, bool names) {
  if (value.is_array()) {
    json array = json::array();
    for (const auto& item : value) array.push_back(renamed(item, false));
    return array;
  }
  if (!value.is_object()) return value;
  json object = json::object();
  for (const auto& [key, member] : value.items()) {
    if (!names && is_any_of(key, {"const", "enum", "default", "examples"})) {
      object[key] = member;
    } else if (!names && is_any_of(key, {"pattern", "format"})) {
      if (!member.is_string()) throw std::runtime_error("'" + key + "' must be a text");
      object[key == "pattern" ? kPattern : kFormat] = member;
    } else {
      object[key] =
          renamed(member, !names && is_any_of(key, {"properties", "patternProperties",
                                                    "definitions", "$defs", "dependencies"}));
    }
  }
  return object;
}

}  // namespace

json with_own_keywords(const json& schema) { return renamed(schema, false); }

void add_own_keywords(valijson::SchemaParser& parser) {
  parser.addConstraintBuilder(kPattern, new Builder<Pattern>);  // the parser deletes them
  parser.addConstraintBuilder(kFormat, new Builder<Format>);
}

}  // namespace host::api
