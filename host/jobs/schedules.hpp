// Queues what the schedules of a tenant ask for. It is asked before every job, so it remembers
// until when nothing can be due. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jobs/plugin.hpp"
#include "storage/sql.hpp"

namespace host::jobs {

class Schedules {
 public:
  // `on`: the plugins whose jobs may run for the tenant. What is off keeps its slot: switched on
  // again, it begins with the next look.
  void look(const std::string& tenant, storage::Session& session, const Plugins& plugins,
            std::span<const std::string> on, Timestamp time);
  // Spares the database where nothing has become due since the last look.
  void look_if_due(const std::string& tenant, storage::Session& session, const Plugins& plugins,
                   std::span<const std::string> on, Timestamp time);
  // Plugins have other schedules now.
  void forget();

 private:
  struct Quiet {
    std::vector<std::string> on;  // what it was true of
    Timestamp since, until;
  };
  std::mutex mutex_;
  std::map<std::string, Quiet> quiet_;  // by tenant
};

// When the next slot of one begins; nothing: there are no schedules.
std::optional<Timestamp> next_slot(const std::string& tenant, const Plugins& plugins,
                                   Timestamp time);

}  // namespace host::jobs
