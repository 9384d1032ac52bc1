// Layers of settings; see the header.
#include "plugins/settings.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "plugins/manifest_rules.hpp"
#include "tenancy/tenants.hpp"

namespace host::plugins {
namespace {

using Json = nlohmann::json;

std::string fault_of(const Setting& setting, const Json& value) {
  return detail::setting_fault(setting, nlohmann::ordered_json(value));
}

}  // namespace

const Json* own_settings(const tenancy::Tenant& tenant, const std::string& plugin) {
  const auto entry = tenant.plugins.find(plugin);
  if (entry == tenant.plugins.end() || !entry->is_object()) return nullptr;
  const auto settings = entry->find("settings");
  return settings != entry->end() && settings->is_object() ? &*settings : nullptr;
}

Settings::Settings(const Manifest& manifest, const std::string& profile)
    : manifest_(manifest), base_(std::make_unique<Json>(Json::object())) {
  for (const auto& setting : manifest.settings)
    if (!setting.default_value.empty()) (*base_)[setting.name] = Json::parse(setting.default_value);
  const Json own = Json::parse(profile.empty() ? "{}" : profile, nullptr, false);
  if (!own.is_object())
    throw std::runtime_error("the profile's settings of " + manifest.id +
                             " are not a JSON object; correct them");
  for (const auto& [pointer, sentence] : check(own))
    throw std::runtime_error("the profile's setting " + manifest.id + pointer + " " + sentence +
                             "; correct it");
  for (const auto& [name, value] : own.items()) (*base_)[name] = value;
}

Settings::~Settings() = default;

std::optional<std::string> Settings::get(std::string_view name, const Json* own) const {
  const Setting* setting = manifest_.setting(name);
  if (!setting || setting->secret) return std::nullopt;
  if (own)
    if (const auto found = own->find(name);
        found != own->end() && fault_of(*setting, *found).empty())
      return found->dump();
  const auto found = base_->find(name);
  return found == base_->end() ? "null" : found->dump();
}

std::string Settings::all(const Json* own) const {
  Json object = Json::object();
  for (const auto& setting : manifest_.settings)
    if (const auto value = get(setting.name, own)) object[setting.name] = Json::parse(*value);
  return object.dump();
}

std::vector<std::pair<std::string, std::string>> Settings::check(const Json& object) const {
  std::vector<std::pair<std::string, std::string>> faults;
  if (!object.is_object()) return {{"", "must be an object"}};
  for (const auto& [name, value] : object.items()) {
    const Setting* setting = manifest_.setting(name);
    if (!setting)
      faults.emplace_back("/" + name, "is not a setting of this plugin");
    else if (setting->secret)
      faults.emplace_back("/" + name, "is a secret and is kept apart from the settings");
    else if (auto fault = fault_of(*setting, value); !fault.empty())
      faults.emplace_back("/" + name, std::move(fault));
  }
  return faults;
}

}  // namespace host::plugins
