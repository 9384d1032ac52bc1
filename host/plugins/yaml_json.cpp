// YAML to JSON with guards; see the header.
#include "plugins/yaml_json.hpp"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <stdexcept>

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

Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (node.Tag() != "?" && !node.Tag().empty())
    throw Refused(at(node.Mark()) + ": tags such as " + node.Tag() + " are not allowed; remove it");
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

// Not YAML::LoadAll: behind "{a: 1}," it sees empty documents for ever.
bool is_one_document(const std::string& text) {
  struct Nothing : YAML::EventHandler {
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
  } nothing;
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  return parser.HandleNextDocument(nothing) && !parser.HandleNextDocument(nothing);
}

class Converter {
 public:
  Json convert(const YAML::Node& node, int depth) {
    if (depth > kMaxDepth)
      throw Refused(at(node.Mark()) + ": nested deeper than " + std::to_string(kMaxDepth) +
                    " levels; flatten it");
    if (++nodes_ > kMaxNodes)
      throw Refused("more than " + std::to_string(kMaxNodes) +
                    " values (aliases count each time they are used); shorten it");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence: {
        Json array = Json::array();
        for (const auto& item : node) array.push_back(convert(item, depth + 1));
        return array;
      }
      case YAML::NodeType::Map:
        return map(node, depth);
      default:
        return nullptr;
    }
  }

 private:
  Json map(const YAML::Node& node, int depth) {
    Json object = Json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar())
        throw Refused(at(entry.first.Mark()) + ": a key must be plain text; write a word");
      const std::string& key = entry.first.Scalar();
      if (object.contains(key))
        throw Refused(at(entry.first.Mark()) + ": key \"" + key +
                      "\" appears twice; remove one of them");
      object[key] = convert(entry.second, depth + 1);
    }
    return object;
  }

  int nodes_ = 0;
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
    const std::string text(yaml);
    if (!is_one_document(text)) {
      fault = "must hold exactly one YAML document; remove what stands before or after it";
      return false;
    }
    out = Converter().convert(YAML::Load(text), 0);
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
