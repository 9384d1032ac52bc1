// YAML as JSON, read as the host reads it.
#include <charconv>
#include <sstream>
#include <stdexcept>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "manifest.hpp"

namespace serai::testing {
namespace {

template <class Number>
bool parse_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end && !text.empty();
}

Json scalar_to_json(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  std::int64_t integer = 0;
  if (parse_number(text, integer)) return integer;
  double real = 0;
  if (parse_number(text, real)) return real;
  return text;
}

Json to_json(const YAML::Node& node) {
  if (node.IsScalar()) return scalar_to_json(node);
  if (node.IsSequence()) {
    Json array = Json::array();
    for (const YAML::Node& item : node) array.push_back(to_json(item));
    return array;
  }
  if (node.IsMap()) {
    Json object = Json::object();
    for (const auto& pair : node) {
      const std::string& key = pair.first.Scalar();
      if (object.contains(key)) throw std::invalid_argument("The key `" + key + "` appears twice.");
      object[key] = to_json(pair.second);
    }
    return object;
  }
  return nullptr;
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

}  // namespace

Json yaml_to_json(const std::string& yaml) {
  try {
    if (!is_one_document(yaml))
      throw std::invalid_argument("It must hold exactly one YAML document.");
    return to_json(YAML::Load(yaml));
  } catch (const YAML::Exception& error) {
    throw std::invalid_argument(std::string("This is not YAML: ") + error.what());
  }
}

}  // namespace serai::testing
