// Mail that became no ticket: kept with its reason, tried again when somebody says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <serai/plugin.hpp>

namespace inbound {

// What became of a mail: `done` (with its ticket, or with what was done instead as the reason), or
// `refused` with the reason.
struct Outcome {
  std::string state;
  std::optional<std::string> reason;
  std::optional<std::string> ticket;
};

void set_outcome(const serai::Call& call, std::string_view mail_id, const Outcome& outcome);

serai::Json list_refused(serai::Request& request);
serai::Response replay(serai::Request& request);

// Queues what was stored and has no job any more: its host died more often than a job is tried.
void recover(serai::Job& job);

}  // namespace inbound
