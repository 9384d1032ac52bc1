// Calls into plugins: requests, jobs, events and services. Each enters the current generation under
// a hazard pointer, gives the handler a context, and turns its status into the host's words.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "jobs/queue.hpp"
#include "observe/log.hpp"
#include "plugins/boundary.hpp"
#include "plugins/lifecycle_scope.hpp"
#include "plugins/status.hpp"
#include "plugins/thread_record.hpp"
#include "tenancy/tenants.hpp"

namespace host::plugins {
namespace {

Problem not_running(const Plugin& plugin) {
  return unavailable("plugin_unavailable", "The plugin " + plugin.id + " is not running.", 5);
}

// A call into a plugin for the time it takes. The generation cannot go while this exists.
class Entry {
 public:
  Entry(Plugin& plugin, const CallToken& token, CallContext* parent)
      : record_(this_thread()), outer_(record_.current), token_(token) {
    if (record_.depth > kMaxDepth)
      throw conflict("service_depth", "Service calls are nested deeper than " +
                                          std::to_string(kMaxDepth) + " levels.");
    auto& slot = record_.contexts[static_cast<std::size_t>(record_.depth)];
    if (!slot) slot = std::make_unique<CallContext>();
    context_ = slot.get();
    level_ = &record_.levels[static_cast<std::size_t>(record_.depth)];
    generation_ = announce(plugin);
    const serai_call call = next_call(record_);
    context_->begin(call, *generation_, &token, parent);
    level_->deadline_us.store(context_->deadline_us(), std::memory_order_relaxed);
    level_->call.store(call, std::memory_order_relaxed);
    ++record_.depth;
    record_.current = context_;
  }

  ~Entry() {
    context_->end();
    if (gate_) gate_->leave();
    if (counted_) generation_->in_flight.fetch_sub(1, std::memory_order_relaxed);
    record_.current = outer_;
    --record_.depth;
    level_->call.store(0, std::memory_order_relaxed);
    level_->generation.store(nullptr, std::memory_order_release);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  Generation& generation() { return *generation_; }
  CallContext& context() { return *context_; }

  // Tenant, concurrency, order: what may refuse the call before the plugin sees it.
  void admit() {
    Generation& g = *generation_;
    if (!g.plugin().inside.on_for(token_.tenant(), context_->tenant(), g))
      throw forbidden("plugin_disabled", "The plugin " + g.id() + " is not enabled here.");
    // Fewer threads than the limit cannot reach it: no need to count.
    if (g.manifest().concurrency < thread_count()) {
      counted_ = true;
      if (g.in_flight.fetch_add(1, std::memory_order_relaxed) >= g.manifest().concurrency) {
        g.metrics().refused_calls.add();
        throw unavailable("plugin_busy", "The plugin " + g.id() + " has too many calls at once.",
                          1);
      }
    }
    if (!g.manifest().serial) return;
    for (const CallContext* c = context_->parent(); c; c = c->parent())
      if (&c->generation().plugin() == &g.plugin())
        throw conflict("service_cycle", "The plugin " + g.id() + " is serial and calls itself.");
    if (!g.plugin().serial.enter(token_.deadline()))
      throw unavailable("plugin_busy", "The plugin " + g.id() + " is serial and was busy.", 1);
    gate_ = &g.plugin().serial;
  }

  // After the handler: the status as a Problem, if it is one.
  void finish(serai_status status, bool answer_expected) {
    Generation& g = *generation_;
    if (coarse_now_us() > context_->deadline_us()) report_overdue(g, token_.request_id(), *level_);
    if (status == SERAI_OK && (context_->answered || !answer_expected)) return;
    g.metrics().failed_calls.add();
    if (status >= 0) {
      observe::log(observe::Level::error, "A handler returned success without an answer.",
                   {{"plugin", g.id()}, {"request_id", token_.request_id()}});
      throw problem_of(SERAI_E_INTERNAL, {});
    }
    throw problem_of(status, context_->failure);
  }

  static void report_overdue(Generation& g, const std::string& request_id,
                             ThreadRecord::Level& level) {
    if (level.reported.exchange(true, std::memory_order_relaxed)) return;
    g.metrics().overdue_calls.add();
    observe::log(observe::Level::warning, "A plugin's call ran beyond its deadline.",
                 {{"plugin", g.id()}, {"request_id", request_id}});
  }

 private:
  Generation* announce(Plugin& plugin) {
    Generation* seen = plugin.current.load(std::memory_order_acquire);
    while (seen) {
      level_->generation.store(seen, std::memory_order_seq_cst);
      Generation* again = plugin.current.load(std::memory_order_seq_cst);
      if (again == seen) {
        if (level_->reported.load(std::memory_order_relaxed))
          level_->reported.store(false, std::memory_order_relaxed);
        return seen;
      }
      seen = again;
    }
    level_->generation.store(nullptr, std::memory_order_release);
    throw not_running(plugin);
  }

  ThreadRecord& record_;
  CallContext* outer_;
  const CallToken& token_;
  ThreadRecord::Level* level_ = nullptr;
  Generation* generation_ = nullptr;
  CallContext* context_ = nullptr;
  Gate* gate_ = nullptr;
  bool counted_ = false;
};

serai_str str(std::string_view text) { return {text.data(), text.size()}; }

serai_caller caller_of(const CallToken& token, std::int64_t deadline_us) {
  return {str(token.tenant()),
          str(token.user()),
          str(token.user_email()),
          str(token.user_name()),
          str(token.role()),
          str(token.request_id()),
          deadline_us};
}

const serai_pair* pairs(CallContext& context, std::span<const Field> fields) {
  auto* out = context.array<serai_pair>(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i)
    out[i] = {str(fields[i].name), str(fields[i].value)};
  return out;
}

const serai_part* parts(CallContext& context, std::span<const UploadedPart> list) {
  auto* out = context.array<serai_part>(list.size());
  for (std::size_t i = 0; i < list.size(); ++i)
    out[i] = {str(list[i].name), str(list[i].file_name), str(list[i].content_type),
              str(list[i].data), str(list[i].blob),      list[i].size};
  return out;
}

}  // namespace

bool Registry::Inside::on_for(std::string_view id, const tenancy::Tenant* tenant,
                              const Generation& generation) const {
  if (!generation.verdict().allows_tenant(id)) return false;
  const Grant& grant = generation.grant();
  if (!rooms.tenants) return true;
  if (!tenant) return grant.for_all_tenants;
  const auto own = tenant->plugins.find(grant.id);
  if (own != tenant->plugins.end() && own->is_object())
    if (const auto enabled = own->find("enabled"); enabled != own->end() && enabled->is_boolean())
      return enabled->get<bool>();
  return grant.for_all_tenants;
}

RouteReply Registry::Inside::call_route(const CallToken& token, const RouteTarget& target,
                                        const RouteRequest& request) {
  RouteReply reply;
  Entry entry(*target.plugin, token, nullptr);
  CallContext& context = entry.context();
  for (const auto& part : request.parts)
    if (!part.blob.empty()) blob_keeper.pin(context, std::string(part.blob));
  entry.admit();
  Generation& generation = entry.generation();
  const auto handler = generation.route_handler(target.number);
  if (!handler) throw unavailable("route_gone", "This route was replaced; try again.", 1);
  const serai_request raw{sizeof(serai_request),
                          *handler,
                          str(request.method),
                          str(request.path),
                          str(request.query),
                          pairs(context, request.path_parameters),
                          pairs(context, request.query_parameters),
                          pairs(context, request.headers),
                          parts(context, request.parts),
                          static_cast<std::uint32_t>(request.path_parameters.size()),
                          static_cast<std::uint32_t>(request.query_parameters.size()),
                          static_cast<std::uint32_t>(request.headers.size()),
                          static_cast<std::uint32_t>(request.parts.size()),
                          str(request.body),
                          caller_of(token, context.deadline_us())};
  context.reply = &reply;
  const auto& code = generation.code();
  const serai_status status = code.handle_request(code.self, context.handle(), &raw);
  entry.finish(status, true);
  return reply;
}

void Registry::Inside::run_job(Plugin& plugin, const CallToken& token, const jobs::Job& job) {
  Entry entry(plugin, token, nullptr);
  entry.admit();
  Generation& generation = entry.generation();
  const bool event = job.kind.starts_with("event:");
  const auto handler =
      generation.message_handler(event ? SERAI_HANDLER_EVENT : SERAI_HANDLER_JOB, job.kind);
  if (!handler)
    throw not_found("The plugin " + plugin.id + " has no handler for " + job.kind + ".");
  CallContext& context = entry.context();
  const serai_message raw{sizeof(serai_message),
                          *handler,
                          str(job.id),
                          str(job.kind),
                          str(job.payload),
                          static_cast<std::uint32_t>(std::max(job.attempt, 1)),
                          0,
                          caller_of(token, context.deadline_us())};
  const auto& code = generation.code();
  entry.finish(code.handle_message(code.self, context.handle(), &raw), false);
}

std::string Registry::Inside::call_service(CallContext& caller, std::string_view service,
                                           std::string_view payload) {
  Provider provider{};
  {
    const std::shared_lock lock(services_mutex);
    const auto found = services.find(service);
    if (found == services.end())
      throw unavailable("no_provider", "Nobody provides " + std::string(service) + ".");
    provider = found->second;
  }
  if (!service_available(caller, service))
    throw unavailable("no_provider", "The provider of " + std::string(service) + " is off here.");
  const CallToken token = caller.token().through(provider.plugin->id);
  std::string answer;
  Entry entry(*provider.plugin, token, &caller);
  entry.admit();
  Generation& generation = entry.generation();
  const auto handler = generation.message_handler(SERAI_HANDLER_SERVICE, service);
  if (!handler) throw unavailable("no_provider", "Nobody provides " + std::string(service) + ".");
  CallContext& context = entry.context();
  const serai_message raw{
      sizeof(serai_message), *handler, {"", 0}, str(service),
      str(payload),          1,        0,       caller_of(token, context.deadline_us())};
  context.service_reply = &answer;
  const auto& code = generation.code();
  entry.finish(code.handle_service(code.self, context.handle(), &raw), true);
  return answer;
}

bool Registry::Inside::service_available(CallContext& caller, std::string_view service) const {
  Plugin* provider = nullptr;
  {
    const std::shared_lock lock(services_mutex);
    const auto found = services.find(service);
    if (found == services.end()) return false;
    provider = found->second.plugin;
  }
  const tenancy::Tenant* tenant = caller.tenant();
  const std::shared_lock lock(state_mutex);  // holds the generation
  return provider->running && on_for(caller.token().tenant(), tenant, *provider->running);
}

void Registry::Inside::forget_tenant(const CallToken& token) noexcept {
  std::vector<Plugin*> all;
  {
    const std::shared_lock lock(state_mutex);
    all = order;
  }
  for (Plugin* plugin : all) {
    try {
      Entry entry(*plugin, token, nullptr);
      const auto& code = entry.generation().code();
      if (code.forget_tenant) code.forget_tenant(code.self, str(token.tenant()));
    } catch (const std::exception&) {
      // Not running: it holds nothing of the tenant.
    }
  }
}

void Registry::Inside::watch() {
  const std::int64_t now = coarse_now_us();
  for (ThreadRecord* record = all_threads(); record; record = record->next)
    for (auto& level : record->levels) {
      if (level.call.load(std::memory_order_relaxed) == 0 ||
          level.deadline_us.load(std::memory_order_relaxed) >= now)
        continue;
      // The generation must not be touched from here, it may go at any moment: only its address is
      // compared.
      const Generation* inside = level.generation.load(std::memory_order_acquire);
      const std::shared_lock lock(state_mutex);
      for (const auto& [id, plugin] : plugins)
        if (inside && plugin->running.get() == inside)
          Entry::report_overdue(*plugin->running, {}, level);
    }
}

}  // namespace host::plugins
