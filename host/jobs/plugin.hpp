// What a plugin brings to the queue.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jobs/queue.hpp"

namespace host::jobs {

struct Plugin {
  JobHandler handler;
  std::vector<Schedule> schedules;
  std::vector<std::string> subscriptions;
};
using Plugins = std::map<std::string, std::shared_ptr<const Plugin>>;

}  // namespace host::jobs
