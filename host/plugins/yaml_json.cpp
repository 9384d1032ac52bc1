// YAML to JSON with guards; see the header.
#include "plugins/yaml_json.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace host::plugins {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxBytes = 256 << 10;
constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 20'000;

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string at(const YAML::Mark& mark) {
  return "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
}

Json scalar(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
  if (tag == "!") return text;  // quoted
  if (tag != "?" && !tag.empty())
    throw Refused(at(mark) + ": tags such as " + tag + " are not allowed; remove it");
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

// From the parser's events, without a tree in between: reading a manifest is most of what loading a
// small plugin takes, and yaml-cpp's parser most of that.
class Builder : public YAML::EventHandler {
 public:
  Json take() { return std::move(root_.json); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, anchor, {nullptr, std::nullopt});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    // As a key its text is what counts, unless an alias of it is somewhere a value.
    const bool text_only = expects_key() && anchor == 0;
    add(mark, anchor, {text_only ? Json() : scalar(mark, tag, text), text});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw Refused(at(mark) + ": nested deeper than " + std::to_string(kMaxDepth) +
                    " levels by an alias of itself; flatten it");
    add(mark, 0, found->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, Json::array());
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, Json::object());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Value {
    Json json;
    std::optional<std::string> text;  // of a scalar, as it stands
    int values = 1;                   // it and those inside
    int levels = 0;                   // below it
  };
  struct Open {
    Value value;
    YAML::Mark mark;
    YAML::anchor_t anchor;
    std::optional<std::string> key;  // of a mapping, whose value is awaited
  };

  bool expects_key() const {
    return !open_.empty() && open_.back().value.json.is_object() && !open_.back().key;
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, Json empty) {
    if (expects_key()) refuse_key(mark);
    check_depth(mark, 0);
    open_.push_back({{std::move(empty), std::nullopt}, mark, anchor, std::nullopt});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(done.mark, done.anchor, std::move(done.value));
  }

  void add(const YAML::Mark& mark, YAML::anchor_t anchor, Value value) {
    if (anchor != 0) anchors_[anchor] = value;
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
        parent.json[*open_.back().key] = std::move(value.json);
        open_.back().key.reset();
      }
    }
  }

  void take_key(const YAML::Mark& mark, const Value& key) {
    if (!key.text) refuse_key(mark);
    if (open_.back().value.json.contains(*key.text))
      throw Refused(at(mark) + ": key \"" + *key.text + "\" appears twice; remove one of them");
    open_.back().key = *key.text;
  }

  [[noreturn]] static void refuse_key(const YAML::Mark& mark) {
    throw Refused(at(mark) + ": a key must be plain text; write a word");
  }

  void check_depth(const YAML::Mark& mark, int below) const {
    if (static_cast<int>(open_.size()) + below > kMaxDepth)
      throw Refused(at(mark) + ": nested deeper than " + std::to_string(kMaxDepth) +
                    " levels; flatten it");
  }

  Value root_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Value> anchors_;
};

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
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    Builder builder, more;
    // Not YAML::LoadAll: behind "{a: 1}," it sees empty documents for ever.
    if (!parser.HandleNextDocument(builder) || parser.HandleNextDocument(more)) {
      fault = "must hold exactly one YAML document; remove what stands before or after it";
      return false;
    }
    out = builder.take();
    // Invalid UTF-8 would only be noticed when something is written out; notice it here.
    (void)out.dump();
    return true;
  } catch (const Refused& refused) {
    fault = refused.what();
  } catch (const YAML::Exception& error) {
    fault = at(error.mark) + ": " + error.msg + "; correct the YAML there";
  } catch (const nlohmann::json::exception&) {
    fault = "is not valid UTF-8; save it as UTF-8 text";
  } catch (const std::exception&) {
    fault = "is not readable as YAML; correct it";
  }
  return false;
}

}  // namespace host::plugins
