// A plugin.yaml as JSON, checked as strictly as the host does, and the questions the fake host asks
// of it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serai/json.hpp"

namespace serai::testing {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Throws std::invalid_argument.
Json yaml_to_json(const std::string& yaml);

class Manifest {
 public:
  // Throws std::invalid_argument that lists every fault.
  explicit Manifest(const std::string& yaml);

  const Json& json() const noexcept { return json_; }
  std::string id() const { return json_.at("id").get<std::string>(); }
  // "helpdesk_": what every table of the plugin begins with.
  std::string table_prefix() const;

  bool wants_interface(std::string_view name) const;
  // The entry of a list (`jobs`, ...) whose `key` is `value`, or nullptr.
  const Json* find(const char* list, const char* key, std::string_view value) const;
  const Json* find(const char* group, const char* list, const char* key,
                   std::string_view value) const;
  bool uses_service(std::string_view name) const;
  bool names_program(std::string_view name) const;
  const Json* setting(std::string_view name) const;
  // Host names under `outbound`; "setting:x" as it stands.
  std::vector<std::string> outbound() const;

  // The route of a decoded path and its parameters; nullptr: none. `*path_known` tells 405 from
  // 404.
  const Json* route(std::string_view method, std::string_view path, Pairs* parameters,
                    bool* path_known) const;

 private:
  const Json& section(const char* name) const;

  Json json_;
};

}  // namespace serai::testing
