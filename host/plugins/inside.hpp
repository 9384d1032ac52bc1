// The registry's inside, for the files of this room. Lock order: admin, then state, then services.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include <sys/types.h>

#include "plugins/blob_keeper.hpp"
#include "plugins/denials.hpp"
#include "plugins/generation.hpp"
#include "plugins/outbound.hpp"
#include "plugins/registry.hpp"
#include "plugins/tenant_choice.hpp"

namespace host::jobs {
struct Job;
}

namespace host::plugins {

struct ThreadRecord;
class Entry;

struct Registry::Inside {
  Inside(Rooms the_rooms, RegistryOptions the_options);

  Rooms rooms;
  RegistryOptions options;
  BlobKeeper blob_keeper;
  Outbound outbound;
  Denials denials;

  std::mutex admin_mutex;
  mutable std::shared_mutex state_mutex;
  // Under state_mutex; changed under admin_mutex too. Only grows: pointers to plugins stay valid.
  std::map<std::string, std::unique_ptr<Plugin>, std::less<>> plugins;
  std::vector<Plugin*> order;  // of loading

  // Provider of a service, by name.
  struct Provider {
    Plugin* plugin;
    std::string handler;
  };
  mutable std::shared_mutex services_mutex;
  std::map<std::string, Provider, std::less<>> services;
  // Answers for services nobody here provides (stand_ins.hpp); null on a serving host. Set before
  // the first plugin is loaded.
  std::function<std::string(std::string_view service, std::string_view payload)> service_stand_in;
  // Whether the host itself or a stand-in answers for a service.
  std::function<bool(std::string_view)> provided_otherwise() const {
    return [this](std::string_view service) {
      return options.services.contains(service) || service_stand_in;
    };
  }
  // Serialises read-change-write of a tenant's settings by plugins.
  std::mutex settings_mutex;

  std::shared_ptr<const tenancy::Tenant> tenant_of(const CallToken& token) const;
  // Under state_mutex. Throws Problem(404).
  const Plugin& running(std::string_view id) const;

  // The key's tenants over all, then the tenant's word over the grant's. `id`: of the token's
  // tenant; `choice`: its own for this plugin.
  bool on_for(std::string_view id, const TenantChoice& choice, const Generation& generation) const {
    return generation.verdict().allows_tenant(id) &&
           (!rooms.tenants || choice.enabled(generation.grant()));
  }

  // Dispatch (dispatch.cpp). All throw Problem.
  RouteReply call_route(const CallToken& token, const RouteTarget& target,
                        const RouteRequest& request);
  void run_job(Plugin& plugin, const CallToken& token, const jobs::Job& job);
  // The handler of a service inside of `entry`, a call of its plugin.
  std::string serve(Entry& entry, const CallToken& token, std::string_view service,
                    std::string_view payload);
  std::string call_service(CallContext& caller, std::string_view service, std::string_view payload);
  bool service_available(CallContext& caller, std::string_view service) const;
  void forget_tenant(const CallToken& token) noexcept;
  // Calls that do not come back (watchdog.cpp).
  void watch();
  void free_gates(const ThreadRecord& record);
  void poison(const Generation* inside, pid_t thread, std::int64_t overdue_ms);

  // Lifecycle (registry.cpp), under admin_mutex.
  void bring_up(Plugin& plugin, std::unique_ptr<Generation> next);
  void take_down(Plugin& plugin, State state);
  // stuck: it is poisoned, waiting for its calls is in vain.
  void retire(Plugin& plugin, std::unique_ptr<Generation> old, bool stuck);
  void announce(Plugin& plugin, const Manifest& manifest);
  void changed() const;
};

}  // namespace host::plugins
