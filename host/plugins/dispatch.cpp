// Calls into plugins: requests, jobs, events and services. Each is an Entry (entry.hpp); here is
// what the handler is handed and what becomes of its answer.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "jobs/queue.hpp"
#include "plugins/boundary.hpp"
#include "plugins/entry.hpp"
#include "tenancy/tenants.hpp"

namespace host::plugins {
namespace {

// How long a job waits for a quota that was used up: until it starts again, but not so long that
// nobody notices a quota that was raised.
constexpr std::chrono::minutes kLongestPostponement{5};
// And for a plugin that hangs: until it is reloaded, which nobody foresees.
constexpr std::chrono::seconds kStuckPostponement{15};

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

const serai_part* parts(CallContext& context, std::span<const UploadedPart> list) {
  if (list.empty()) return nullptr;
  auto* out = context.array<serai_part>(list.size());
  for (std::size_t i = 0; i < list.size(); ++i)
    out[i] = {str(list[i].name), str(list[i].file_name), str(list[i].content_type),
              str(list[i].data), str(list[i].blob),      list[i].size};
  return out;
}

// Field by field: an initialiser makes GCC clear the whole with "rep stos" first, 15 ns of every
// call.
void fill(serai_request& raw, std::uint32_t handler, CallContext& context, const CallToken& token,
          const RouteRequest& request) {
  raw.struct_size = sizeof raw;
  raw.handler = handler;
  raw.method = str(request.method);
  raw.path = str(request.path);
  raw.query = str(request.query);
  raw.path_parameters = request.path_parameters.data();
  raw.query_parameters = request.query_parameters.data();
  raw.headers = request.headers.data();
  raw.parts = parts(context, request.parts);
  raw.path_parameter_count = static_cast<std::uint32_t>(request.path_parameters.size());
  raw.query_parameter_count = static_cast<std::uint32_t>(request.query_parameters.size());
  raw.header_count = static_cast<std::uint32_t>(request.headers.size());
  raw.part_count = static_cast<std::uint32_t>(request.parts.size());
  raw.body = str(request.body);
  raw.caller = caller_of(token, context.deadline_us());
  static_assert(sizeof(serai_request) == 224, "set the new field, too");
}

void count_bytes(CallContext& context, std::size_t in, std::size_t out) {
  context.used.add(usage::Unit::bytes_in, static_cast<std::int64_t>(in));
  context.used.add(usage::Unit::bytes_out, static_cast<std::int64_t>(out));
}

std::size_t size_of(const RouteRequest& request) {
  std::size_t size = request.body.size();
  for (const auto& part : request.parts) size += part.blob.empty() ? part.data.size() : part.size;
  return size;
}

std::size_t size_of(const RouteReply& reply) {
  return reply.blob ? reply.blob->size() : reply.body.size();
}

void handle_job(Entry& entry, const Plugin& plugin, const CallToken& token, const jobs::Job& job) {
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
  count_bytes(context, job.payload.size(), 0);
  entry.finish(code.handle_message(code.self, context.handle(), &raw), false);
}

}  // namespace

RouteReply Registry::Inside::call_route(const CallToken& token, const RouteTarget& target,
                                        const RouteRequest& request) {
  RouteReply reply;
  Entry entry(*target.plugin, token, nullptr, CallKind::request);
  CallContext& context = entry.context();
  for (const auto& part : request.parts)
    if (!part.blob.empty()) blob_keeper.pin(context, std::string(part.blob));
  entry.admit();
  Generation& generation = entry.generation();
  const auto handler = generation.route_handler(target.number);
  if (!handler) throw unavailable("route_gone", "This route was replaced; try again.", 1);
  serai_request raw;
  fill(raw, *handler, context, token, request);
  context.reply = &reply;
  if (request.read_only) context.chain().read_only = true;
  if (request.quiet) context.chain().quiet = true;
  const auto& code = generation.code();
  const serai_status status = code.handle_request(code.self, context.handle(), &raw);
  count_bytes(context, size_of(request), size_of(reply));
  entry.finish(status, true);
  return reply;
}

void Registry::Inside::run_job(Plugin& plugin, const CallToken& token, const jobs::Job& job) {
  if (plugin.stuck) throw jobs::Postponed(now() + kStuckPostponement);
  Entry entry(plugin, token, nullptr, CallKind::job);
  // A quota that is used up or a plugin that hangs, its own or a called service's, is no fault of
  // the job: it waits.
  try {
    handle_job(entry, plugin, token, job);
  } catch (const Problem& problem) {
    const Chain& chain = entry.context().chain();
    if (problem.code() == "plugin_stuck" && chain.met_stuck)
      throw jobs::Postponed(now() + kStuckPostponement);
    const auto& refusal = chain.quota_refusal;
    if (problem.code() != "quota_exceeded" || !refusal) throw;
    throw jobs::Postponed(std::min(refusal->resets, now() + kLongestPostponement));
  }
}

std::string Registry::Inside::serve(Entry& entry, const CallToken& token, std::string_view service,
                                    std::string_view payload) {
  entry.admit();
  Generation& generation = entry.generation();
  const auto handler = generation.message_handler(SERAI_HANDLER_SERVICE, service);
  if (!handler) throw unavailable("no_provider", "Nobody provides " + std::string(service) + ".");
  CallContext& context = entry.context();
  const serai_message raw{
      sizeof(serai_message), *handler, {"", 0}, str(service),
      str(payload),          1,        0,       caller_of(token, context.deadline_us())};
  std::string answer;
  context.service_reply = &answer;
  const auto& code = generation.code();
  const serai_status status = code.handle_service(code.self, context.handle(), &raw);
  count_bytes(context, payload.size(), answer.size());
  entry.finish(status, true);
  return answer;
}

std::string Registry::Inside::call_service(CallContext& caller, std::string_view service,
                                           std::string_view payload) {
  Provider provider{};
  {
    const std::shared_lock lock(services_mutex);
    const auto found = services.find(service);
    if (found != services.end()) provider = found->second;
  }
  if (!provider.plugin) {
    if (const auto own = options.services.find(service); own != options.services.end())
      return own->second(caller.token(), payload);
    if (service_stand_in) return service_stand_in(service, payload);
    throw unavailable("no_provider", "Nobody provides " + std::string(service) + ".");
  }
  if (!provider.plugin->stuck && !service_available(caller, service))
    throw unavailable("no_provider", "The provider of " + std::string(service) + " is off here.");
  const CallToken token = caller.token().through(provider.plugin->id);
  Entry entry(*provider.plugin, token, &caller, CallKind::service);
  return serve(entry, token, service, payload);
}

bool Registry::Inside::service_available(CallContext& caller, std::string_view service) const {
  Plugin* provider = nullptr;
  {
    const std::shared_lock lock(services_mutex);
    const auto found = services.find(service);
    if (found == services.end()) return provided_otherwise()(service);
    provider = found->second.plugin;
  }
  const tenancy::Tenant* tenant = caller.tenant();
  const std::shared_lock lock(state_mutex);  // holds the generation
  return provider->running && !provider->stuck &&
         on_for(caller.token().tenant(), TenantChoice(tenant, provider->id), *provider->running);
}

void Registry::Inside::forget_tenant(const CallToken& token) noexcept {
  std::vector<Plugin*> all;
  {
    const std::shared_lock lock(state_mutex);
    all = order;
  }
  for (Plugin* plugin : all) {
    try {
      Entry entry(*plugin, token, nullptr, CallKind::farewell);
      const auto& code = entry.generation().code();
      if (code.forget_tenant) code.forget_tenant(code.self, str(token.tenant()));
    } catch (const std::exception&) {
      // Not running: it holds nothing of the tenant.
    }
  }
}

}  // namespace host::plugins
