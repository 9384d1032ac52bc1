#include "plugins/entry.hpp"

#include <nlohmann/json.hpp>

#include "observe/log.hpp"
#include "plugins/asymmetric_fence.hpp"
#include "plugins/boundary.hpp"
#include "plugins/status.hpp"
#include "plugins/watchdog.hpp"
#include "tenancy/tenants.hpp"
#include "usage/ledger.hpp"

namespace host::plugins {

Entry::Entry(Plugin& plugin, const CallToken& token, CallContext* parent, CallKind kind)
    : record_(this_thread()), outer_(record_.current), token_(token), kind_(kind) {
  if (record_.depth > kMaxDepth)
    throw conflict("service_depth", "Service calls are nested deeper than " +
                                        std::to_string(kMaxDepth) + " levels.");
  auto& slot = record_.contexts[static_cast<std::size_t>(record_.depth)];
  if (!slot) slot = std::make_unique<CallContext>();
  context_ = slot.get();
  level_ = &record_.levels[static_cast<std::size_t>(record_.depth)];
  generation_ = announce(plugin);
  rooms_ = &plugin.inside.rooms;
  const serai_call call = next_call(record_);
  context_->begin(call, *generation_, &token, parent);
  level_->deadline_us.store(context_->deadline_us(), std::memory_order_release);
  level_->plugin.store(&plugin.id, std::memory_order_relaxed);
  level_->call.store(call, std::memory_order_release);
  ++record_.depth;
  record_.current = context_;
  if (rooms_->usage) charge(outer_);
}

Entry::~Entry() {
  context_->end();
  if (rooms_->usage) account();
  if (gate_) leave_gate();
  if (counted_) generation_->in_flight.fetch_sub(1, std::memory_order_relaxed);
  record_.current = outer_;
  --record_.depth;
  level_->call.store(0, std::memory_order_relaxed);
  level_->plugin.store(nullptr, std::memory_order_release);
  level_->generation.store(nullptr, std::memory_order_release);
}

Generation* Entry::announce(Plugin& plugin) {
  Generation* seen = plugin.current.load(std::memory_order_acquire);
  while (seen) {
    store_before_loads<const Generation*>(level_->generation, seen);
    Generation* again = plugin.current.load(std::memory_order_seq_cst);
    if (again == seen) {
      if (level_->remarks.load(std::memory_order_relaxed))
        level_->remarks.store(0, std::memory_order_relaxed);
      return seen;
    }
    seen = again;
  }
  level_->generation.store(nullptr, std::memory_order_release);
  if (plugin.stuck.load(std::memory_order_relaxed)) {
    if (outer_) outer_->chain().met_stuck = true;
    throw unavailable("plugin_stuck",
                      "The plugin " + plugin.id + " hangs; the operator must reload it.",
                      kStuckRetryAfter);
  }
  throw unavailable("plugin_unavailable", "The plugin " + plugin.id + " is not running.", 5);
}

void Entry::admit() {
  Generation& g = *generation_;
  const TenantChoice choice(rooms_->tenants ? context_->tenant() : nullptr, g.id());
  if (!g.plugin().inside.on_for(token_.tenant(), choice, g))
    throw forbidden("plugin_disabled", "The plugin " + g.id() + " is not enabled here.");
  context_->denied = choice.denied_interfaces();
  // Fewer threads than the limit cannot reach it: no need to count.
  if (g.manifest().concurrency < thread_count()) {
    counted_ = true;
    if (g.in_flight.fetch_add(1, std::memory_order_relaxed) >= g.manifest().concurrency) {
      g.metrics().refused_calls.add();
      throw unavailable("plugin_busy", "The plugin " + g.id() + " has too many calls at once.", 1);
    }
  }
  if (g.manifest().serial) wait_for_turn();
  if (rooms_->quotas) take_quota(choice);
  admitted_ = true;
  context_->used.add(usage::Unit::calls, 1);
  if (kind_ == CallKind::job) context_->used.add(usage::Unit::job_runs, 1);
}

void Entry::wait_for_turn() {
  Generation& g = *generation_;
  for (const CallContext* c = context_->parent(); c; c = c->parent())
    if (&c->generation().plugin() == &g.plugin())
      throw conflict("service_cycle", "The plugin " + g.id() + " is serial and calls itself.");
  Gate* gate = g.plugin().serial.load(std::memory_order_acquire);
  if (!gate->enter(token_.deadline()))
    throw unavailable("plugin_busy", "The plugin " + g.id() + " is serial and was busy.", 1);
  gate_ = gate;
  level_->gate.store(gate, std::memory_order_release);
}

void Entry::leave_gate() noexcept {
  level_->gate.store(nullptr, std::memory_order_release);
  gate_->leave();
}

void Entry::take_quota(const TenantChoice& choice) {
  const auto quotas = choice.quotas(generation_->grant());
  if (quotas.empty()) return;
  try {
    account_ =
        rooms_->quotas->admit(token_.tenant(), generation_->id(), quotas, kind_ == CallKind::job);
  } catch (const usage::QuotaExceeded& exceeded) {
    context_->chain().quota_refusal = {exceeded.resets(), exceeded.retry_after()};
    throw;
  }
}

void Entry::charge(CallContext* context) noexcept {
  const auto [cpu, wall] = record_.time.lap();
  if (!context) return;
  context->used.add(usage::Unit::cpu_ns, cpu);
  context->used.add(usage::Unit::wall_ns, wall);
}

void Entry::account() noexcept {
  charge(context_);
  if (!admitted_) return;
  rooms_->usage->record(token_.tenant(), generation_->id(), context_->used);
  if (account_) rooms_->quotas->settle(*account_, context_->used);
}

void Entry::finish(serai_status status, bool answer_expected) {
  Generation& g = *generation_;
  if (coarse_now_us() > context_->deadline_us()) report_overdue(g, token_.request_id(), *level_);
  if (status == SERAI_OK && (context_->answered || !answer_expected)) return;
  g.metrics().failed_calls.add();
  if (status >= 0) {
    observe::log(observe::Level::error, "A handler returned success without an answer.",
                 {{"plugin", g.id()}, {"request_id", token_.request_id()}});
    throw problem_of(SERAI_E_INTERNAL, {});
  }
  Problem problem = problem_of(status, context_->failure());
  // The quota of a service that the plugin passes on: its client learns when to come back.
  if (const auto& refusal = context_->chain().quota_refusal;
      refusal && problem.code() == "quota_exceeded")
    problem.retry_after(refusal->retry_after);
  throw problem;
}

void report_overdue(Generation& generation, const std::string& request_id,
                    ThreadRecord::Level& level) {
  if (level.remarks.fetch_or(ThreadRecord::kReported) & ThreadRecord::kReported) return;
  generation.metrics().overdue_calls.add();
  observe::log(observe::Level::warning, "A plugin's call ran beyond its deadline.",
               {{"plugin", generation.id()}, {"request_id", request_id}});
}

}  // namespace host::plugins
