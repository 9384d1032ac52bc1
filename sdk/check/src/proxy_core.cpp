// The watched host table, serai.response/1, serai.log/1, serai.metrics/1 and serai.clock/1.
#include <algorithm>
#include <cstring>

#include "passage.hpp"

namespace serai::check {
namespace {

std::string word_of(std::string_view id) {
  const auto slash = id.rfind('/');
  if (!id.starts_with("serai.") || slash == std::string_view::npos || slash < 6) return {};
  return std::string(id.substr(6, slash - 6));
}

const void* get_interface(const serai_host* host, serai_str id, std::uint32_t min_size) noexcept {
  const Outside outside;
  if (!good_pointer(host, "get_interface", "the host") ||
      !good_text(nullptr, id, "get_interface", "id"))
    return nullptr;
  House* house = House::present();
  if (house == nullptr || house->phase == Phase::gone) {
    find(Law::phase, "It calls get_interface after destroy().");
    return nullptr;
  }
  const std::string_view name{id.data, id.size};
  std::uint32_t size = 0;
  if (testing::interface_table(name, &size) == nullptr || size < min_size) return nullptr;
  if (!house->impl().grants(word_of(name))) return nullptr;
  if (const void* table = watched_core(name)) return table;
  if (const void* table = watched_storage(name)) return table;
  return watched_outside(name);
}

bool good_words(const CheckedCall* call, serai_str text, const char* function, const char* what) {
  if (!good_text(call, text, function, what)) return false;
  if (!good_utf8(text))
    find(Law::argument,
         std::string("It calls ") + function + " with a " + what + " that is not UTF-8.");
  return true;
}

void set_error(const serai_host* host, serai_call call, serai_str code, serai_str detail) noexcept {
  pass_void(call, "set_error", [&](CheckedCall& state) {
    if (!good_words(&state, code, "set_error", "code") ||
        !good_words(&state, detail, "set_error", "detail"))
      return;
    const std::string_view word{code.data ? code.data : "", code.size};
    if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string_view::npos)
      find(Law::answer, "It calls set_error with a code that is no snake_case word: " +
                            std::string(word.substr(0, 60)));
    testing::host_table().set_error(host, call, code, detail);
  });
}

void add_field_error(const serai_host* host, serai_call call, serai_str pointer,
                     serai_str detail) noexcept {
  pass_void(call, "add_field_error", [&](CheckedCall& state) {
    if (good_words(&state, pointer, "add_field_error", "pointer") &&
        good_words(&state, detail, "add_field_error", "detail"))
      testing::host_table().add_field_error(host, call, pointer, detail);
  });
}

void last_error(const serai_host*, serai_call call, serai_str* code, serai_str* detail) noexcept {
  pass_void(call, "last_error", [&](CheckedCall& state) {
    if (!good_pointer(code, "last_error", "code") || !good_pointer(detail, "last_error", "detail"))
      return;
    *code = state.words.text(state.last_code, "the words of last_error()");
    *detail = state.words.text(state.last_detail, "the words of last_error()");
  });
}

std::int32_t allows(const serai_host* host, serai_call call, serai_str permission) noexcept {
  std::int32_t allowed = 0;
  pass_void(call, "allows", [&](CheckedCall& state) {
    if (good_text(&state, permission, "allows", "permission"))
      allowed = testing::host_table().allows(host, call, permission);
  });
  return allowed;
}

bool same_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

bool good_headers(const CheckedCall& call, const serai_pair* headers, std::uint32_t count) {
  if (count > 0 && !good_pointer(headers, "serai.response/1 respond", "headers")) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!good_text(&call, headers[i].name, "serai.response/1 respond", "header's name") ||
        !good_text(&call, headers[i].value, "serai.response/1 respond", "header's value"))
      return false;
    const std::string_view name{headers[i].name.data, headers[i].name.size};
    const std::string_view value{headers[i].value.data ? headers[i].value.data : "",
                                 headers[i].value.size};
    if (name.empty() || !std::all_of(name.begin(), name.end(), [](unsigned char c) {
          return std::isalnum(c) || (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c));
        }))
      find(Law::argument, call.input->name + " answers with a header whose name is none.");
    if (std::any_of(value.begin(), value.end(),
                    [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }))
      find(Law::argument, call.input->name + " answers with a control byte in header " +
                              std::string(name.substr(0, 60)) + ".");
    for (const char* framing : {"content-length", "connection", "transfer-encoding", "keep-alive",
                                "upgrade", "trailer", "te"})
      if (same_ignoring_case(name, framing))
        find(Law::argument,
             call.input->name + " answers with " + framing + ", which is the host's to say.");
  }
  return true;
}

serai_status respond(serai_call call, std::int32_t status, const serai_pair* headers,
                     std::uint32_t count, serai_str body) noexcept {
  return pass(call, "serai.response/1 respond", Uses::memory, [&](CheckedCall& state) {
    if (!good_headers(state, headers, count) ||
        !good_text(&state, body, "serai.response/1 respond", "body"))
      return SERAI_E_INVALID + 0;
    return fake<serai_response_api>(SERAI_RESPONSE_ID).respond(call, status, headers, count, body);
  });
}

serai_status respond_blob(serai_call call, std::int32_t status, const serai_pair* headers,
                          std::uint32_t count, serai_str blob) noexcept {
  return pass(call, "serai.response/1 respond_blob", Uses::memory, [&](CheckedCall& state) {
    if (!good_headers(state, headers, count) ||
        !good_text(&state, blob, "serai.response/1 respond_blob", "blob"))
      return SERAI_E_INVALID + 0;
    return fake<serai_response_api>(SERAI_RESPONSE_ID)
        .respond_blob(call, status, headers, count, blob);
  });
}

serai_status reply(serai_call call, serai_str payload) noexcept {
  return pass(call, "serai.response/1 reply", Uses::memory, [&](CheckedCall& state) {
    if (!good_text(&state, payload, "serai.response/1 reply", "payload"))
      return SERAI_E_INVALID + 0;
    return fake<serai_response_api>(SERAI_RESPONSE_ID).reply(call, payload);
  });
}

void log_write(serai_call call, std::uint32_t level, serai_str message, serai_str fields) noexcept {
  const Outside outside;
  const char* function = "serai.log/1 write";
  CheckedCall* state = nullptr;
  if (call != 0) {
    state = enter_call(call, function);
    if (state == nullptr) return;
  } else {
    enter_callless(function);
  }
  if (!good_words(state, message, function, "message") ||
      !good_words(state, fields, function, "text of fields"))
    return;
  if (House* house = House::present(); house != nullptr && level >= SERAI_LOG_ERROR) {
    const std::lock_guard lock(house->mutex());
    house->last_complaint = testing::text_of(message);
  }
  if (fields.size == 0) return;
  const Json parsed = Json::parse(fields.data, fields.data + fields.size, nullptr, false);
  if (!parsed.is_object())
    find(Law::argument, "It calls serai.log/1 write with fields that are no JSON object.");
}

template <class Function, class... Values>
serai_status metric(serai_call call, const char* function, Function which, serai_str name,
                    Values... values) noexcept {
  return pass(call, function, Uses::memory, [&](CheckedCall& state) {
    if (!good_text(&state, name, function, "name")) return SERAI_E_INVALID + 0;
    return (fake<serai_metrics_api>(SERAI_METRICS_ID).*which)(call, name, values...);
  });
}

serai_status metrics_add(serai_call call, serai_str name, double amount) noexcept {
  if (!(amount >= 0))
    find(Law::argument, "It calls serai.metrics/1 add with an amount below zero.");
  return metric(call, "serai.metrics/1 add", &serai_metrics_api::add, name, amount);
}
serai_status metrics_set(serai_call call, serai_str name, double value) noexcept {
  return metric(call, "serai.metrics/1 set", &serai_metrics_api::set, name, value);
}
serai_status metrics_observe(serai_call call, serai_str name, double value) noexcept {
  return metric(call, "serai.metrics/1 observe", &serai_metrics_api::observe, name, value);
}
serai_status metrics_meter(serai_call call, serai_str unit, std::int64_t quantity) noexcept {
  return metric(call, "serai.metrics/1 meter", &serai_metrics_api::meter, unit, quantity);
}

std::int64_t clock_now() noexcept {
  const Outside outside;
  House* house = enter_callless("serai.clock/1 now_us");
  return house == nullptr ? 0 : house->impl().now_us();
}

// Begins at 0 with the house's first instant.
std::int64_t clock_monotonic() noexcept {
  const Outside outside;
  House* house = enter_callless("serai.clock/1 monotonic_us");
  return house == nullptr ? 0 : house->impl().now_us() - 1'767'225'600'000'000;
}

void clock_uuid(char out[36]) noexcept {
  const Outside outside;
  if (!good_pointer(out, "serai.clock/1 uuid", "out")) return;
  std::memset(out, '0', 36);
  House* house = enter_callless("serai.clock/1 uuid");
  if (house == nullptr) return;
  const std::lock_guard lock(house->mutex());
  std::memcpy(out, house->impl().new_id().data(), 36);
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

const void* watched_core(std::string_view id) noexcept {
  if (id == SERAI_RESPONSE_ID) return &kResponseTable;
  if (id == SERAI_LOG_ID) return &kLogTable;
  if (id == SERAI_METRICS_ID) return &kMetricsTable;
  if (id == SERAI_CLOCK_ID) return &kClockTable;
  return nullptr;
}

const serai_host& watched_host() noexcept { return host_functions; }

}  // namespace serai::check
