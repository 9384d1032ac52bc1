#include "tenancy/yaml_settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include "base/yaml_documents.hpp"

namespace host::tenancy {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 20'000;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// A secret may also hide in a value: a key in PEM, or a URL with user:password@.
bool secret_value(std::string_view value) {
  if (value.find("-----BEGIN ") != value.npos && value.find("PRIVATE KEY") != value.npos)
    return true;
  const auto scheme = value.find("://");
  if (scheme == value.npos) return false;
  const auto authority = value.substr(scheme + 3, value.find('/', scheme + 3) - (scheme + 3));
  const auto at = authority.rfind('@');
  return at != authority.npos && authority.substr(0, at).find(':') != authority.npos;
}

json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  // "!" is yaml-cpp's tag of a quoted scalar: always text.
  if (node.Tag() == "!") return text;
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  if (text.empty() || text == "~" || text == "null") return nullptr;
  // "007" and "+27..." are codes and telephone numbers, not quantities.
  const std::string_view digits =
      text.front() == '-' ? std::string_view(text).substr(1) : std::string_view(text);
  const bool numeric = !digits.empty() && digits.front() >= '0' && digits.front() <= '9' &&
                       (digits.size() == 1 || digits.front() != '0' || digits[1] == '.');
  if (!numeric) return text;
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, whole);
      error == std::errc{} && stop == end)
    return whole;
  double real = 0;
  if (const auto [stop, error] = std::from_chars(text.data(), end, real);
      error == std::errc{} && stop == end && std::isfinite(real))
    return real;
  return text;
}

class Converter {
 public:
  explicit Converter(std::vector<std::string>& skipped) : skipped_(skipped) {}

  json convert(const YAML::Node& node, const std::string& path, int depth) {
    if (depth > kMaxDepth) throw std::invalid_argument("is nested too deeply");
    if (++nodes_ > kMaxNodes) throw std::invalid_argument("has too many values");
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) {
      json out = json::array();
      for (std::size_t index = 0; index < node.size(); ++index) {
        const auto item_path = path + "[" + std::to_string(index) + "]";
        if (auto item = keep(node[index], item_path, depth)) out.push_back(std::move(*item));
      }
      return out;
    }
    if (!node.IsMap()) return nullptr;
    json out = json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) throw std::invalid_argument("has a key that is not plain text");
      const std::string& name = entry.first.Scalar();
      const std::string child_path = path.empty() ? name : path + "." + name;
      if (out.contains(name)) throw std::invalid_argument("names " + child_path + " twice");
      if (secret_name(name) && !entry.second.IsNull()) {
        skipped_.push_back(child_path);
        continue;
      }
      if (auto value = keep(entry.second, child_path, depth)) out[name] = std::move(*value);
    }
    return out;
  }

 private:
  std::optional<json> keep(const YAML::Node& node, const std::string& path, int depth) {
    auto value = convert(node, path, depth + 1);
    if (value.is_string() && secret_value(value.get_ref<const std::string&>())) {
      skipped_.push_back(path);
      return std::nullopt;
    }
    return value;
  }

  std::vector<std::string>& skipped_;
  std::size_t nodes_ = 0;
};

}  // namespace

bool secret_name(std::string_view name) {
  const std::string text = lower(name);
  static constexpr std::array kParts = {"password", "passwd", "secret", "credential",
                                        "private_key"};
  for (const std::string_view part : kParts) {
    if (text.find(part) != text.npos) return true;
  }
  static constexpr std::array kEnds = {"_key", "apikey", "token"};
  for (const std::string_view end : kEnds) {
    if (text.ends_with(end)) return true;
  }
  return text == "key" || text == "pass" || text == "auth";
}

json settings_from_yaml(const std::string& text, std::vector<std::string>& skipped) {
  YAML::Node root;
  try {
    if (const auto documents = yaml_documents(text); documents.count > 1)
      throw std::invalid_argument("must be one YAML document; remove what begins in line " +
                                  std::to_string(documents.line));
    root = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw std::invalid_argument("is not YAML: line " + std::to_string(error.mark.line + 1) + ": " +
                                error.msg);
  }
  if (!root.IsMap()) throw std::invalid_argument("must be a map of sections");
  return Converter(skipped).convert(root, "", 0);
}

}  // namespace host::tenancy
