// A plugin's settings: the tenant's own over the profile's over the manifest's defaults. Values are
// checked against the manifest; a stored value that no longer fits falls through to the next layer.
// Immutable, thread-safe. Private to this room.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "plugins/manifest.hpp"

namespace host::tenancy {
struct Tenant;
}

namespace host::plugins {

// The tenant's own settings of a plugin, or null.
const nlohmann::json* own_settings(const tenancy::Tenant& tenant, const std::string& plugin);

class Settings {
 public:
  // Throws std::runtime_error with a sentence if the profile's object has a fault.
  Settings(const Manifest& manifest, const std::string& profile);
  ~Settings();

  // JSON text of a setting; `own` is the tenant's object. nullopt: not declared, or a secret.
  // Declared without any value: "null".
  std::optional<std::string> get(std::string_view name, const nlohmann::json* own) const;
  // All but the secrets, as one JSON object.
  std::string all(const nlohmann::json* own) const;
  // (JSON pointer, what is wrong) of each faulty member of `object`. Empty: fine.
  std::vector<std::pair<std::string, std::string>> check(const nlohmann::json& object) const;

 private:
  const Manifest& manifest_;
  std::unique_ptr<nlohmann::json> base_;  // manifest and profile
};

}  // namespace host::plugins
