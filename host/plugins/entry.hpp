// A call into a plugin for the time it takes: enters the current generation under a hazard pointer,
// gives the handler a context, refuses what may not come in, and accounts for what was used.
// Private to this room; used by one thread.
#pragma once

#include <memory>
#include <string>

#include "plugins/call_context.hpp"
#include "plugins/generation.hpp"
#include "plugins/tenant_choice.hpp"
#include "plugins/thread_record.hpp"
#include "usage/quotas.hpp"

namespace host::plugins {

enum class CallKind : std::uint8_t { request, service, job, farewell };

// The generation cannot go while this exists.
class Entry {
 public:
  // Throws Problem(503) if the plugin does not run, Problem(409) if calls are nested too deeply.
  Entry(Plugin& plugin, const CallToken& token, CallContext* parent, CallKind kind);
  ~Entry();
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  Generation& generation() { return *generation_; }
  CallContext& context() { return *context_; }

  // Tenant, concurrency, order, quotas: throws the Problem that refuses the call before the plugin
  // sees it.
  void admit();
  // After the handler: throws the status as a Problem, if it is one.
  void finish(serai_status status, bool answer_expected);

 private:
  Generation* announce(Plugin& plugin);
  void wait_for_turn();
  void leave_gate() noexcept;
  void take_quota(const TenantChoice& choice);
  // The thread's time since the last charge goes to `context`; null: to nobody.
  void charge(CallContext* context) noexcept;
  void account() noexcept;

  ThreadRecord& record_;
  CallContext* outer_;
  const CallToken& token_;
  const CallKind kind_;
  ThreadRecord::Level* level_ = nullptr;
  Generation* generation_ = nullptr;
  const Rooms* rooms_ = nullptr;
  CallContext* context_ = nullptr;
  Gate* gate_ = nullptr;
  std::shared_ptr<usage::Quotas::Account> account_;
  bool counted_ = false, admitted_ = false;
};

// Logs and counts a call beyond its deadline, once.
void report_overdue(Generation& generation, const std::string& request_id,
                    ThreadRecord::Level& level);

}  // namespace host::plugins
