#include "plugins/stand_ins.hpp"

#include <shared_mutex>

#include "base/problem.hpp"
#include "plugins/entry.hpp"
#include "plugins/inside.hpp"

namespace host::plugins {

void put_in_place(Registry& registry, StandIns stand_ins) {
  registry.inside().service_stand_in = std::move(stand_ins.service);
  registry.inside().outbound.stand_in = std::move(stand_ins.outside);
  registry.inside().outbound.mail_stand_in = std::move(stand_ins.mail);
  registry.inside().outbound.mailbox_stand_in = std::move(stand_ins.mailbox);
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
