#include "cli/isolation_test/api_document.hpp"

#include <algorithm>

namespace host::cli::isolation_test {
namespace {

Operation operation(const std::string& method, const std::string& path, const Json& from) {
  Operation out;
  out.id = from.at("operationId");
  out.method = method;
  std::transform(out.method.begin(), out.method.end(), out.method.begin(),
                 [](char c) { return static_cast<char>(c & ~0x20); });
  out.path = path;
  out.plugin = from.value("x-plugin", "");
  out.permission = from.value("x-permission", "");
  for (const auto& way : from.value("security", Json::array()))
    out.guard = way.contains("bearer") ? Guard::user : Guard::admin;
  for (const auto& parameter : from.value("parameters", Json::array())) {
    if (parameter.at("in") != "query") continue;
    out.query.push_back({parameter.at("name"), parameter.value("required", false),
                         parameter.value("schema", Json::object())});
  }
  if (from.contains("requestBody")) {
    out.has_body = true;
    for (const auto& [type, content] : from["requestBody"]["content"].items()) {
      out.multipart = type.starts_with("multipart/");
      out.body = content.value("schema", Json::object());
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> Operation::path_parameters() const {
  std::vector<std::string> names;
  for (auto at = path.find('{'); at != path.npos; at = path.find('{', at + 1))
    names.push_back(path.substr(at + 1, path.find('}', at) - at - 1));
  return names;
}

std::string_view Operation::link_in(std::string_view address) const {
  constexpr std::string_view kPlace = "{link}";
  const auto at = path.find(kPlace);
  if (guard != Guard::nobody || at == path.npos) return {};
  const auto before = std::string_view(path).substr(0, at),
             after = std::string_view(path).substr(at + kPlace.size());
  if (address.size() <= before.size() + after.size() || !address.starts_with(before) ||
      !address.ends_with(after))
    return {};
  const auto link = address.substr(at, address.size() - before.size() - after.size());
  return link.find('/') == link.npos ? link : std::string_view();
}

std::vector<Operation> operations_of(const Json& document) {
  std::vector<Operation> all;
  for (const auto& [path, item] : document.at("paths").items())
    for (const auto& [method, from] : item.items())
      if (from.is_object() && from.contains("operationId"))
        all.push_back(operation(method, path, from));
  return all;
}

std::string collection_of(std::string_view path, std::string_view parameter) {
  const auto at = path.find("{" + std::string(parameter) + "}");
  return std::string(path.substr(0, at == path.npos || at == 0 ? 0 : at - 1));
}

std::string singular(std::string word) {
  if (word.ends_with("ies")) return word.substr(0, word.size() - 3) + "y";
  if (word.ends_with("s") && !word.ends_with("ss")) word.pop_back();
  return word;
}

}  // namespace host::cli::isolation_test
