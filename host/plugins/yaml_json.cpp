// YAML to JSON with guards; see the header.
#include "plugins/yaml_json.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>
#include <yaml.h>

namespace host::plugins {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxBytes = 256 << 10;
constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 20'000;

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string at(const yaml_mark_t& mark) {
  return "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
}

std::string_view view(const yaml_char_t* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

// What a scalar that is not quoted means.
Json plain(const std::string& text) {
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true") return true;
  if (text == "false") return false;
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto r = std::from_chars(text.data(), end, integer);
      r.ec == std::errc{} && r.ptr == end)
    return integer;
  // "inf", "nan" and hexadecimal stay text: JSON has no such numbers.
  double real = 0;
  if (text.find_first_not_of("0123456789+-.eE") == std::string::npos)
    if (const auto r = std::from_chars(text.data(), end, real); r.ec == std::errc{} && r.ptr == end)
      return real;
  return text;
}

// From the parser's events, without a tree in between: reading a manifest is much of what loading a
// small plugin takes.
class Builder {
 public:
  Json take() { return std::move(root_.json); }

  // Of one document: an event between its start and its end.
  void take(const yaml_event_t& event) {
    const yaml_mark_t& mark = event.start_mark;
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        return take_scalar(mark, event.data.scalar);
      case YAML_ALIAS_EVENT:
        return take_alias(mark, std::string(view(event.data.alias.anchor)));
      case YAML_SEQUENCE_START_EVENT:
        refuse_tag(mark, event.data.sequence_start.tag);
        return open(mark, view(event.data.sequence_start.anchor), Json::array());
      case YAML_MAPPING_START_EVENT:
        refuse_tag(mark, event.data.mapping_start.tag);
        return open(mark, view(event.data.mapping_start.anchor), Json::object());
      default:
        return close();
    }
  }

 private:
  using Scalar = decltype(yaml_event_t::data.scalar);

  static void refuse_tag(const yaml_mark_t& mark, const yaml_char_t* tag) {
    if (tag)
      throw Refused(at(mark) + ": tags such as " + std::string(view(tag)) +
                    " are not allowed; remove it");
  }

  void take_scalar(const yaml_mark_t& mark, const Scalar& scalar) {
    refuse_tag(mark, scalar.tag);
    std::string text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string_view anchor = view(scalar.anchor);
    // As a key its text is what counts, unless an alias of it is somewhere a value.
    const bool text_only = expects_key() && anchor.empty();
    Json value = text_only                                 ? Json()
                 : scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain(text)
                                                           : Json(text);
    add(mark, anchor, {std::move(value), std::move(text)});
  }

  void take_alias(const yaml_mark_t& mark, const std::string& anchor) {
    const auto found = anchors_.find(anchor);
    if (found != anchors_.end()) return add(mark, {}, found->second);
    for (const Open& above : open_)
      if (above.anchor == anchor)
        throw Refused(at(mark) + ": nested deeper than " + std::to_string(kMaxDepth) +
                      " levels by an alias of itself; flatten it");
    throw Refused(at(mark) + ": nothing above is called &" + anchor + "; correct the YAML there");
  }

  struct Value {
    Json json;
    std::optional<std::string> text;  // of a scalar, as it stands
    int values = 1;                   // it and those inside
    int levels = 0;                   // below it
  };
  struct Open {
    Value value;
    yaml_mark_t mark;
    std::string anchor;              // empty: none
    std::optional<std::string> key;  // of a mapping, whose value is awaited
    // Of a mapping. Beside it and not yet in it, because an ordered object copies all that it holds
    // when it grows (its keys are const).
    std::vector<std::pair<std::string, Json>> members;
  };

  bool expects_key() const {
    return !open_.empty() && open_.back().value.json.is_object() && !open_.back().key;
  }

  void open(const yaml_mark_t& mark, std::string_view anchor, Json empty) {
    if (expects_key()) refuse_key(mark);
    check_depth(mark, 0);
    open_.push_back(
        {{std::move(empty), std::nullopt}, mark, std::string(anchor), std::nullopt, {}});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (!done.members.empty()) {
      auto& object = done.value.json.get_ref<Json::object_t&>();
      object.reserve(done.members.size());
      for (auto& [key, value] : done.members) object.emplace(std::move(key), std::move(value));
    }
    add(done.mark, done.anchor, std::move(done.value));
  }

  void add(const yaml_mark_t& mark, std::string_view anchor, Value value) {
    if (!anchor.empty()) anchors_[std::string(anchor)] = value;
    if (expects_key()) return take_key(mark, value);
    check_depth(mark, value.levels);
    Value& parent = open_.empty() ? root_ : open_.back().value;
    if (open_.empty()) {
      root_ = std::move(value);
    } else {
      // Aliases count each time: they could multiply without end.
      parent.values += value.values;
      parent.levels = std::max(parent.levels, value.levels + 1);
      if (parent.values > kMaxNodes)
        throw Refused("more than " + std::to_string(kMaxNodes) +
                      " values (aliases count each time they are used); shorten it");
      if (parent.json.is_array()) {
        parent.json.push_back(std::move(value.json));
      } else {
        open_.back().members.emplace_back(*std::move(open_.back().key), std::move(value.json));
        open_.back().key.reset();
      }
    }
  }

  void take_key(const yaml_mark_t& mark, const Value& key) {
    if (!key.text) refuse_key(mark);
    const auto& members = open_.back().members;
    if (std::any_of(members.begin(), members.end(),
                    [&](const auto& member) { return member.first == *key.text; }))
      throw Refused(at(mark) + ": key \"" + *key.text + "\" appears twice; remove one of them");
    open_.back().key = *key.text;
  }

  [[noreturn]] static void refuse_key(const yaml_mark_t& mark) {
    throw Refused(at(mark) + ": a key must be plain text; write a word");
  }

  void check_depth(const yaml_mark_t& mark, int below) const {
    if (static_cast<int>(open_.size()) + below > kMaxDepth)
      throw Refused(at(mark) + ": nested deeper than " + std::to_string(kMaxDepth) +
                    " levels; flatten it");
  }

  Value root_;
  std::vector<Open> open_;
  std::map<std::string, Value, std::less<>> anchors_;
};

// libyaml's parser over bytes that outlive it.
class Parser {
 public:
  explicit Parser(std::string_view bytes) {
    if (!yaml_parser_initialize(&parser_)) throw std::bad_alloc();
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                 bytes.size());
  }
  ~Parser() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Valid until the next. Throws Refused.
  const yaml_event_t& next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_)) return event_;
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    if (parser_.error == YAML_READER_ERROR)
      throw Refused("is not valid UTF-8 text (" + std::string(parser_.problem) + " at byte " +
                    std::to_string(parser_.problem_offset) + "); save it as UTF-8 text");
    throw Refused(at(parser_.problem_mark) + ": " + parser_.problem + "; correct the YAML there");
  }

 private:
  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

constexpr const char* kOneDocument =
    "must hold exactly one YAML document; remove what stands before or after it";

Json read(std::string_view yaml) {
  Parser parser(yaml);
  parser.next();  // the stream's start
  if (parser.next().type != YAML_DOCUMENT_START_EVENT) throw Refused(kOneDocument);
  Builder builder;
  for (const auto* event = &parser.next(); event->type != YAML_DOCUMENT_END_EVENT;
       event = &parser.next())
    builder.take(*event);
  if (parser.next().type != YAML_STREAM_END_EVENT) throw Refused(kOneDocument);
  return builder.take();
}

}  // namespace

bool yaml_to_json(std::string_view yaml, Json& out, std::string& fault) {
  if (yaml.size() > kMaxBytes) {
    fault = "larger than 256 KiB; shorten it";
    return false;
  }
  if (yaml.find('\0') != std::string_view::npos) {
    fault = "contains a zero byte; save it as UTF-8 text";
    return false;
  }
  try {
    out = read(yaml);
    return true;
  } catch (const Refused& refused) {
    fault = refused.what();
  } catch (const std::exception&) {
    fault = "is not readable as YAML; correct it";
  }
  return false;
}

}  // namespace host::plugins
