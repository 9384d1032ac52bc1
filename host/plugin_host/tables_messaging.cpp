// response, log, config, jobs, events, services, secrets, metrics, clock, and serai_host itself.
#include <algorithm>

#include "isolation/answer_rules.hpp"
#include "isolation/call_codec.hpp"
#include "isolation/plugin_clock.hpp"
#include "plugin_host/proxy.hpp"
#include "plugin_host/tables.hpp"
#include "serai/abi/all.h"

namespace plugin_host {
namespace {

// --- serai_host

const void* get_interface(const serai_host* host, serai_str id, std::uint32_t min_size) noexcept {
  constexpr std::string_view prefix = "serai.", suffix = "/1";
  if (!host || !id.data) return nullptr;
  std::string_view name(id.data, id.size);
  if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
      name.size() < prefix.size() + suffix.size())
    return nullptr;
  name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  const auto& granted = *static_cast<const std::vector<std::string>*>(host->reserved);
  if (name != "response" && std::find(granted.begin(), granted.end(), name) == granted.end())
    return nullptr;
  const void* table = messaging_table(name);
  if (!table) table = storage_table(name);
  if (!table) table = outside_table(name);
  // Every table begins with its size.
  return table && *static_cast<const std::uint32_t*>(table) >= min_size ? table : nullptr;
}

void set_error(const serai_host*, serai_call call, serai_str code, serai_str detail) noexcept {
  post(Function::set_error, call, [&](Encoder& e) {
    e.text(code);
    e.text(detail);
  });
}

void add_field_error(const serai_host*, serai_call call, serai_str pointer,
                     serai_str detail) noexcept {
  post(Function::add_field_error, call, [&](Encoder& e) {
    e.text(pointer);
    e.text(detail);
  });
}

void last_error(const serai_host*, serai_call, serai_str* code, serai_str* detail) noexcept {
  const HostLink* link = HostLink::current();
  const auto text = [](std::string_view words) { return serai_str{words.data(), words.size()}; };
  if (code) *code = link ? text(link->error_code()) : serai_str{"", 0};
  if (detail) *detail = link ? text(link->error_detail()) : serai_str{"", 0};
}

std::int32_t allows(const serai_host*, serai_call call, serai_str permission) noexcept {
  std::int32_t allowed = 0;
  ask(
      Function::allows, call, false, [&](Encoder& e) { e.text(permission); },
      [&](Decoder& d) { allowed = d.number<std::int32_t>(); });
  return allowed;
}

// --- response

void write_answer(Encoder& e, std::int32_t status, const serai_pair* headers, std::uint32_t count,
                  serai_str body) {
  e.number(status);
  host::isolation::encode_pairs(e, headers, count);
  e.text(body);
}

// The first good answer of a call needs no word of the host; whatever else comes is its to judge.
bool may_post(Function function, serai_call call, serai_str body, std::uint64_t longest) {
  HostLink* link = HostLink::current();
  return link && link->take_answer(function, call) && body.size <= longest &&
         (body.data || body.size == 0);
}

serai_status respond(serai_call call, std::int32_t status, const serai_pair* headers,
                     std::uint32_t count, serai_str body) noexcept {
  const auto write = [&](Encoder& e) { write_answer(e, status, headers, count, body); };
  if (!may_post(Function::good_answer, call, body, host::isolation::kMaxAnswer) ||
      host::isolation::fault_of_answer(status, headers, count))
    return ask(Function::respond, call, write);
  post(Function::good_answer, call, write);
  return SERAI_OK;
}
serai_status respond_blob(serai_call call, std::int32_t status, const serai_pair* headers,
                          std::uint32_t count, serai_str blob) noexcept {
  if (HostLink* link = HostLink::current()) link->take_answer(Function::respond_blob, call);
  return ask(Function::respond_blob, call,
             [&](Encoder& e) { write_answer(e, status, headers, count, blob); });
}
serai_status reply(serai_call call, serai_str payload) noexcept {
  const auto write = [&](Encoder& e) { e.text(payload); };
  if (!may_post(Function::good_reply, call, payload, host::isolation::kMaxReply))
    return ask(Function::reply, call, write);
  post(Function::good_reply, call, write);
  return SERAI_OK;
}
constexpr serai_response_api kResponse{sizeof(serai_response_api), 0, respond, respond_blob, reply};

// --- log

void log_write(serai_call call, std::uint32_t level, serai_str message, serai_str fields) noexcept {
  post(Function::log_write, call, [&](Encoder& e) {
    e.number(level);
    e.text(message);
    e.text(fields);
  });
}
constexpr serai_log_api kLog{sizeof(serai_log_api), 0, log_write};

// --- config

serai_status config_get(serai_call call, serai_str name, serai_str* value) noexcept {
  return ask_text(Function::config_get, call, name, value);
}
serai_status config_all(serai_call call, serai_str* object) noexcept {
  return ask_text(Function::config_all, call, {"", 0}, object);
}
serai_status config_set(serai_call call, serai_str name, serai_str value) noexcept {
  return ask(Function::config_set, call, [&](Encoder& e) {
    e.text(name);
    e.text(value);
  });
}
constexpr serai_config_api kConfig{sizeof(serai_config_api), 0, config_get, config_all, config_set};

// --- jobs, events, services

serai_status jobs_enqueue(serai_call call, const serai_job_spec* job, serai_str* id) noexcept {
  return ask(
      Function::jobs_enqueue, call, id == nullptr,
      [&](Encoder& e) {
        e.number(static_cast<std::uint8_t>(job != nullptr));
        if (!job) return;
        e.number(job->struct_size);
        e.number(job->max_attempts);
        e.text(job->kind);
        e.text(job->payload);
        e.text(job->unique_key);
        e.number(job->delay_ms);
      },
      [&](Decoder& d) { *id = HostLink::current()->lend(d.text()); });
}
serai_status jobs_state(serai_call call, serai_str id, serai_str* state) noexcept {
  return ask_text(Function::jobs_state, call, id, state);
}
constexpr serai_jobs_api kJobs{sizeof(serai_jobs_api), 0, jobs_enqueue, jobs_state};

serai_status events_publish(serai_call call, serai_str type, serai_str payload) noexcept {
  return ask(Function::events_publish, call, [&](Encoder& e) {
    e.text(type);
    e.text(payload);
  });
}
constexpr serai_events_api kEvents{sizeof(serai_events_api), 0, events_publish};

serai_status services_call(serai_call call, serai_str service, serai_str payload,
                           serai_str* answer) noexcept {
  return ask(
      Function::services_call, call, answer == nullptr,
      [&](Encoder& e) {
        e.text(service);
        e.text(payload);
      },
      [&](Decoder& d) { *answer = HostLink::current()->lend(d.text()); });
}
std::int32_t services_available(serai_call call, serai_str service) noexcept {
  std::int32_t found = 0;
  ask(
      Function::services_available, call, false, [&](Encoder& e) { e.text(service); },
      [&](Decoder& d) { found = d.number<std::int32_t>(); });
  return found;
}
constexpr serai_services_api kServices{sizeof(serai_services_api), 0, services_call,
                                       services_available};

// --- secrets

serai_status secrets_get(serai_call call, serai_str name, serai_str* value) noexcept {
  return ask_text(Function::secrets_get, call, name, value);
}
serai_status secrets_put(serai_call call, serai_str name, serai_str value) noexcept {
  return ask(Function::secrets_put, call, [&](Encoder& e) {
    e.text(name);
    e.text(value);
  });
}
serai_status secrets_erase(serai_call call, serai_str name) noexcept {
  return ask(Function::secrets_erase, call, [&](Encoder& e) { e.text(name); });
}
constexpr serai_secrets_api kSecrets{sizeof(serai_secrets_api), 0, secrets_get, secrets_put,
                                     secrets_erase};

// --- metrics

template <Function function>
serai_status metric(serai_call call, serai_str name, double value) noexcept {
  return ask(function, call, [&](Encoder& e) {
    e.text(name);
    e.number(value);
  });
}
serai_status meter(serai_call call, serai_str unit, std::int64_t quantity) noexcept {
  return ask(Function::metrics_meter, call, [&](Encoder& e) {
    e.text(unit);
    e.number(quantity);
  });
}
constexpr serai_metrics_api kMetrics{
    sizeof(serai_metrics_api),         0,
    metric<Function::metrics_add>,     metric<Function::metrics_set>,
    metric<Function::metrics_observe>, meter};

// --- clock: no tenant's and no secret, so it needs no message

std::int64_t now_us() noexcept { return host::isolation::plugin_now_us(); }
std::int64_t monotonic_us() noexcept { return host::isolation::plugin_monotonic_us(); }
void uuid(char out[36]) noexcept {
  if (out) host::isolation::plugin_uuid(out);
}
constexpr serai_clock_api kClock{sizeof(serai_clock_api), 0, now_us, monotonic_us, uuid};

}  // namespace

const void* messaging_table(std::string_view name) noexcept {
  struct Row {
    std::string_view name;
    const void* table;
  };
  static constexpr Row rows[] = {
      {"response", &kResponse}, {"log", &kLog},         {"config", &kConfig},
      {"jobs", &kJobs},         {"events", &kEvents},   {"services", &kServices},
      {"secrets", &kSecrets},   {"metrics", &kMetrics}, {"clock", &kClock}};
  for (const auto& row : rows)
    if (row.name == name) return row.table;
  return nullptr;
}

serai_host make_host(std::vector<std::string> granted) {
  // As long as the process: the plugin may ask until its end.
  static std::vector<std::string> names;
  names = std::move(granted);
  return {sizeof(serai_host), SERAI_ABI_MINOR, &names,     get_interface,
          set_error,          add_field_error, last_error, allows};
}

}  // namespace plugin_host
