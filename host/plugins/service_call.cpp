#include "plugins/service_call.hpp"

#include <shared_mutex>

#include "base/problem.hpp"
#include "plugins/entry.hpp"
#include "plugins/inside.hpp"

namespace host::plugins {

std::string provider_of(Registry& registry, std::string_view service) {
  const Registry::Inside& inside = registry.inside();
  const std::shared_lock lock(inside.services_mutex);
  const auto found = inside.services.find(service);
  return found == inside.services.end() ? std::string() : found->second.plugin->id;
}

std::string call_service(Registry& registry, const CallToken& token, std::string_view service,
                         std::string_view payload) {
  Registry::Inside& inside = registry.inside();
  Plugin* provider = nullptr;
  {
    const std::shared_lock lock(inside.services_mutex);
    const auto found = inside.services.find(service);
    if (found == inside.services.end())
      throw unavailable("no_provider", "Nobody provides " + std::string(service) + ".");
    provider = found->second.plugin;
  }
  const CallToken through = token.through(provider->id);
  Entry entry(*provider, through, nullptr, CallKind::service);
  return inside.serve(entry, through, service, payload);
}

}  // namespace host::plugins
