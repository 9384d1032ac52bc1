// How many documents a YAML text holds: YAML::Load reads the first and is silent about the rest.
// For rooms that link yaml-cpp; this one does not.
#pragma once

#include <sstream>
#include <string>
#include <string_view>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace host {

struct YamlDocuments {
  int count = 0;  // 2: more than one
  int line = 0;   // where the last of them begins, from 1
};

// Throws YAML::Exception for what is no YAML. Not YAML::LoadAll: behind
// "{a: 1}," that sees empty documents for ever.
inline YamlDocuments yaml_documents(std::string_view text) {
  struct Begins : YAML::EventHandler {
    int line = 0;
    void OnDocumentStart(const YAML::Mark& mark) override { line = mark.line + 1; }
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
  } begins;
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  YamlDocuments documents;
  while (documents.count < 2 && parser.HandleNextDocument(begins)) ++documents.count;
  documents.line = begins.line;
  return documents;
}

}  // namespace host
