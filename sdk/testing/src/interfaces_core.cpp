// The host table, serai.response/1, serai.log/1, serai.metrics/1 and serai.clock/1 of the fake
// host, and the register of calls in progress that all of them ask.
#include <atomic>
#include <cstring>

#include "state.hpp"

namespace serai::testing {
namespace {

struct Register {
  std::mutex mutex;
  std::unordered_map<serai_call, CallState*> calls;
  serai_call next = 1;
};

Register& calls() {
  static Register instance;
  return instance;
}

thread_local FakeHost::Impl* host_of_thread = nullptr;
std::atomic<FakeHost::Impl*> latest_host{nullptr};

FakeHost::Impl* impl_of(const serai_host* host) {
  return static_cast<FakeHost::Impl*>(host->reserved);
}

const void* get_interface(const serai_host* host, serai_str id, std::uint32_t min_size) noexcept {
  const std::string name = text_of(id);
  std::uint32_t size = 0;
  const void* table = interface_table(name, &size);
  if (table == nullptr || size < min_size) return nullptr;
  // "serai.kv/1" -> "kv"
  const std::string word = name.substr(6, name.rfind('/') - 6);
  return impl_of(host)->grants(word) ? table : nullptr;
}

void set_error(const serai_host*, serai_call call, serai_str code, serai_str detail) noexcept {
  if (CallState* state = find_call(call)) {
    state->error_code = text_of(code);
    state->error_detail = text_of(detail);
  }
}

void add_field_error(const serai_host*, serai_call call, serai_str pointer,
                     serai_str detail) noexcept {
  if (CallState* state = find_call(call)) {
    state->error_fields.push_back({text_of(pointer), text_of(detail)});
  }
}

void last_error(const serai_host*, serai_call call, serai_str* code, serai_str* detail) noexcept {
  if (CallState* state = find_call(call)) {
    *code = state->keep(state->last_code);
    *detail = state->keep(state->last_detail);
  }
}

std::int32_t allows(const serai_host*, serai_call call, serai_str permission) noexcept {
  const CallState* state = find_call(call);
  return state != nullptr && state->permissions.contains(text_of(permission)) ? 1 : 0;
}

void take_answer(CallState& state, std::int32_t status, const serai_pair* headers,
                 std::uint32_t count, std::string body) {
  if (state.answered) {
    throw Failure{SERAI_E_CONFLICT, "answered_twice", "The call has been answered before."};
  }
  if (status < 100 || status > 599) {
    throw Failure{SERAI_E_INVALID, "bad_status", "The HTTP status is none."};
  }
  state.answered = true;
  state.reply.status = status;
  for (std::uint32_t i = 0; i < count; ++i) {
    state.reply.headers.emplace_back(text_of(headers[i].name), text_of(headers[i].value));
  }
  state.reply.body = std::move(body);
}

serai_status respond(serai_call call, std::int32_t status, const serai_pair* headers,
                     std::uint32_t count, serai_str body) noexcept {
  return answer(
      call, [&](CallState& state) { take_answer(state, status, headers, count, text_of(body)); });
}

serai_status respond_blob(serai_call call, std::int32_t status, const serai_pair* headers,
                          std::uint32_t count, serai_str blob) noexcept {
  return answer(call, [&](CallState& state) {
    const auto found = state.tenant->blobs.find(text_of(blob));
    if (found == state.tenant->blobs.end()) {
      throw Failure{SERAI_E_NOT_FOUND, "blob_not_found", "There is no such blob."};
    }
    take_answer(state, status, headers, count, found->second.bytes);
  });
}

serai_status reply(serai_call call, serai_str payload) noexcept {
  return answer(call, [&](CallState& state) {
    if (state.answered) {
      throw Failure{SERAI_E_CONFLICT, "answered_twice", "The call has been answered before."};
    }
    state.answered = true;
    state.service_reply = text_of(payload);
  });
}

void log_write(serai_call call, std::uint32_t level, serai_str message, serai_str fields) noexcept {
  const CallState* state = find_call(call);
  FakeHost::Impl* host = state != nullptr ? state->host : present_host();
  if (host == nullptr) return;
  Json parsed = fields.size == 0 ? Json() : Json::parse(text_of(fields), nullptr, false);
  host->logs.push_back({level, text_of(message), std::move(parsed)});
}

double& metric(CallState& state, serai_str name, const char* type) {
  const Json* declared = state.host->manifest.find("metrics", "name", text_of(name));
  if (declared == nullptr || declared->value("type", "") != type) {
    throw Failure{SERAI_E_INVALID, "no_such_metric",
                  std::string("The manifest declares no ") + type + " `" + text_of(name) + "`."};
  }
  return state.host->metrics[text_of(name)];
}

serai_status metrics_add(serai_call call, serai_str name, double amount) noexcept {
  return answer(call, [&](CallState& state) {
    if (amount < 0) throw Failure{SERAI_E_INVALID, "bad_amount", "Counters only grow."};
    metric(state, name, "counter") += amount;
  });
}

serai_status metrics_set(serai_call call, serai_str name, double value) noexcept {
  return answer(call, [&](CallState& state) { metric(state, name, "gauge") = value; });
}

serai_status metrics_observe(serai_call call, serai_str name, double value) noexcept {
  return answer(call, [&](CallState& state) { metric(state, name, "histogram") = value; });
}

serai_status metrics_meter(serai_call call, serai_str unit, std::int64_t quantity) noexcept {
  return answer(call, [&](CallState& state) { state.tenant->metered[text_of(unit)] += quantity; });
}

std::int64_t clock_now() noexcept { return present_host() ? present_host()->now_us() : 0; }
// Begins at 0 with the fake's own first instant, so that nobody takes it for wall time.
std::int64_t clock_monotonic() noexcept {
  return present_host() ? present_host()->now_us() - 1'767'225'600'000'000 : 0;
}

void clock_uuid(char out[36]) noexcept {
  const std::string text =
      present_host() ? present_host()->new_id() : "00000000-0000-7000-8000-000000000000";
  std::memcpy(out, text.data(), 36);
}

const serai_response_api kResponseTable{sizeof(serai_response_api), 0, respond, respond_blob,
                                        reply};
const serai_log_api kLogTable{sizeof(serai_log_api), 0, log_write};
const serai_metrics_api kMetricsTable{
    sizeof(serai_metrics_api), 0, metrics_add, metrics_set, metrics_observe, metrics_meter};
const serai_clock_api kClockTable{sizeof(serai_clock_api), 0, clock_now, clock_monotonic,
                                  clock_uuid};
const serai_host host_functions{sizeof(serai_host), SERAI_ABI_MINOR, nullptr,    get_interface,
                                set_error,          add_field_error, last_error, allows};

}  // namespace

CallState* find_call(serai_call call) noexcept {
  Register& known = calls();
  const std::lock_guard lock(known.mutex);
  const auto found = known.calls.find(call);
  return found == known.calls.end() ? nullptr : found->second;
}

FakeHost::Impl* present_host() noexcept {
  return host_of_thread != nullptr ? host_of_thread : latest_host.load();
}

ActiveHost::ActiveHost(FakeHost::Impl* host) noexcept : before_(host_of_thread) {
  host_of_thread = host;
  latest_host = host;
}

ActiveHost::~ActiveHost() {
  host_of_thread = before_;
  latest_host = before_;
}

ActiveCall::ActiveCall(CallState* state) {
  Register& known = calls();
  const std::lock_guard lock(known.mutex);
  number_ = known.next++;
  known.calls[number_] = state;
}

ActiveCall::~ActiveCall() {
  Register& known = calls();
  const std::lock_guard lock(known.mutex);
  known.calls.erase(number_);
}

const serai_host& host_table() noexcept { return host_functions; }

const void* interface_table(std::string_view id, std::uint32_t* size) noexcept {
  const auto give = [size](const auto& table) -> const void* {
    *size = table.struct_size;
    return &table;
  };
  if (id == SERAI_RESPONSE_ID) return give(kResponseTable);
  if (id == SERAI_LOG_ID) return give(kLogTable);
  if (id == SERAI_METRICS_ID) return give(kMetricsTable);
  if (id == SERAI_CLOCK_ID) return give(kClockTable);
  if (const void* table = storage_table(id, size)) return table;
  return outside_table(id, size);
}

}  // namespace serai::testing
