#include "manifest.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "manifest_faults.hpp"

namespace serai::testing {
namespace {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

bool match(std::string_view pattern, std::string_view path, Pairs* parameters) {
  const auto wanted = split_path(pattern);
  const auto given = split_path(path);
  parameters->clear();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::string_view segment = wanted[i];
    const bool is_parameter = segment.starts_with('{') && segment.ends_with('}');
    if (is_parameter) segment = segment.substr(1, segment.size() - 2);
    if (is_parameter && segment.ends_with("...")) {
      segment.remove_suffix(3);
      if (i >= given.size()) return false;
      const auto offset = static_cast<std::size_t>(given[i].data() - path.data());
      parameters->emplace_back(segment, path.substr(offset));
      return true;
    }
    if (i >= given.size()) return false;
    if (is_parameter) {
      if (given[i].empty()) return false;
      parameters->emplace_back(segment, given[i]);
    } else if (segment != given[i]) {
      return false;
    }
  }
  return wanted.size() == given.size();
}

// Tests make a host for each case, of one manifest: it is checked once.
std::mutex good_mutex;
std::string good;

bool was_good(const std::string& yaml) {
  const std::lock_guard lock(good_mutex);
  return good == yaml;
}
void note_good(const std::string& yaml) {
  const std::lock_guard lock(good_mutex);
  good = yaml;
}

}  // namespace

Manifest::Manifest(const std::string& yaml) {
  try {
    json_ = yaml_to_json(yaml);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("plugin.yaml: ") + error.what());
  }
  if (was_good(yaml)) return;
  std::string all;
  for (const FieldError& fault : manifest_faults(json_))
    all += "\n  " + (fault.pointer.empty() ? "" : fault.pointer + ": ") + fault.detail;
  if (!all.empty()) throw std::invalid_argument("plugin.yaml has faults:" + all);
  note_good(yaml);
}

std::string Manifest::table_prefix() const {
  std::string prefix = id();
  std::replace(prefix.begin(), prefix.end(), '-', '_');
  return prefix + "_";
}

const Json& Manifest::section(const char* name) const {
  static const Json nothing = Json::array();
  const auto found = json_.find(name);
  return found == json_.end() || found->is_null() ? nothing : *found;
}

bool Manifest::wants_interface(std::string_view name) const {
  if (name == "response") return true;
  for (const char* list : {"interfaces", "optional_interfaces"}) {
    for (const Json& wanted : section(list)) {
      if (wanted == name) return true;
    }
  }
  return false;
}

const Json* Manifest::find(const char* list, const char* key, std::string_view value) const {
  for (const Json& entry : section(list)) {
    if (entry.is_object() && entry.value(key, "") == value) return &entry;
  }
  return nullptr;
}

const Json* Manifest::find(const char* group, const char* list, const char* key,
                           std::string_view value) const {
  const Json& entries = section(group);
  if (!entries.is_object() || !entries.contains(list)) return nullptr;
  for (const Json& entry : entries[list]) {
    if (entry.is_object() && entry.value(key, "") == value) return &entry;
  }
  return nullptr;
}

bool Manifest::uses_service(std::string_view name) const {
  const Json& services = section("services");
  for (const char* list : {"requires", "optional"}) {
    if (!services.is_object() || !services.contains(list)) continue;
    for (const Json& used : services[list]) {
      if (used == name) return true;
    }
  }
  return false;
}

bool Manifest::names_program(std::string_view name) const {
  for (const Json& program : section("programs")) {
    if (program == name) return true;
  }
  return false;
}

const Json* Manifest::setting(std::string_view name) const {
  const Json& settings = section("settings");
  if (!settings.is_object()) return nullptr;
  const auto found = settings.find(name);
  return found == settings.end() ? nullptr : &*found;
}

std::vector<std::string> Manifest::outbound() const {
  std::vector<std::string> hosts;
  for (const Json& host : section("outbound")) hosts.push_back(host.get<std::string>());
  return hosts;
}

const Json* Manifest::route(std::string_view method, std::string_view path, Pairs* parameters,
                            bool* path_known) const {
  *path_known = false;
  const Json* best = nullptr;
  Pairs candidate;
  for (const Json& entry : section("routes")) {
    if (!match(entry.at("path").get<std::string>(), path, &candidate)) continue;
    *path_known = true;
    if (entry.value("method", "") != method) continue;
    // Literal segments win over parameters, as in the host's router.
    if (best != nullptr && candidate.size() >= parameters->size()) continue;
    best = &entry;
    *parameters = candidate;
  }
  return best;
}

}  // namespace serai::testing
