#include "passage.hpp"

#include <unordered_map>

namespace serai::check {
namespace {

struct Running {
  std::thread::id thread;
  CheckedCall* call;
};

// Looked up before anything of a call is touched: another thread may end it at any moment.
std::mutex register_mutex;
std::unordered_map<serai_call, Running>& running() {
  static std::unordered_map<serai_call, Running> calls;
  return calls;
}

std::string shown(std::string text) {
  if (text.size() > 120) text.replace(120, std::string::npos, "...");
  return text;
}

}  // namespace

void register_call(CheckedCall& call) {
  const std::lock_guard lock(register_mutex);
  running()[call.number] = {std::this_thread::get_id(), &call};
}

void unregister_call(const CheckedCall& call) {
  const std::lock_guard lock(register_mutex);
  running().erase(call.number);
}

CheckedCall* enter_call(serai_call number, const char* function) noexcept {
  try {
    const House* house = House::present();
    const Phase phase = house == nullptr ? Phase::gone : house->phase.load();
    Running found{{}, nullptr};
    {
      const std::lock_guard lock(register_mutex);
      const auto at = running().find(number);
      if (at != running().end()) found = at->second;
    }
    if (found.call == nullptr) {
      if (phase != Phase::running)
        find(Law::phase, std::string("It calls ") + function + " " + to_text(phase) +
                             ", where there is no call.");
      else
        find(Law::handle, number == 0 ? std::string("It calls ") + function + " without a call."
                                      : std::string("It calls ") + function +
                                            " with the handle of a call that has ended.");
      return nullptr;
    }
    if (found.thread != std::this_thread::get_id()) {
      find(Law::thread, std::string("It calls ") + function +
                            " from another thread than the one its handler runs on.");
      return nullptr;
    }
    return found.call;
  } catch (...) {
    return nullptr;
  }
}

House* enter_callless(const char* function) noexcept {
  try {
    House* house = House::present();
    const Phase phase = house == nullptr ? Phase::gone : house->phase.load();
    if (phase == Phase::gone || phase == Phase::creating || phase == Phase::none)
      find(Law::phase, std::string("It calls ") + function + " " + to_text(phase) + ".");
    return house;
  } catch (...) {
    return nullptr;
  }
}

bool good_utf8(serai_str text) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data);
  const auto* end = at + text.size;
  while (at < end) {
    const unsigned char lead = *at++;
    if (lead < 0x80) continue;
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || end - at < more) return false;
    const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (*at < low || *at > high) return false;
    for (int i = 1; i < more; ++i)
      if ((at[i] & 0xC0) != 0x80) return false;
    at += more;
  }
  return true;
}

bool good_pointer(const void* pointer, const char* function, const char* what) {
  if (pointer != nullptr) return true;
  find(Law::argument, std::string("It calls ") + function + " with NULL for " + what + ".");
  return false;
}

bool good_text(const CheckedCall* call, serai_str text, const char* function, const char* what) {
  if (text.size > 0 && text.data == nullptr) {
    find(Law::argument, std::string("It calls ") + function + " with a " + what + " of " +
                            std::to_string(text.size) + " bytes at NULL.");
    return false;
  }
  if (call == nullptr || text.size == 0) return true;
  const std::string* mark = call->house->forbidden(call->who.tenant);
  if (mark != nullptr && std::string_view(text.data, text.size).find(*mark) != std::string::npos)
    find(Law::tenant, "While it served another tenant (" + call->input->name +
                          "), it passed a tenant's data to " + function + " (" + what + ").");
  return true;
}

bool good_handle(CheckedCall& call, serai_handle handle, const char* function) {
  if (call.closed.contains(handle)) {
    find(Law::handle, std::string("It calls ") + function + " with a handle it has closed before.");
    return false;
  }
  if (handle == 0) {
    find(Law::handle, std::string("It calls ") + function + " with handle 0.");
    return false;
  }
  return true;
}

bool its_turn_to_fail(Injection& injection, const char* function) {
  const long number = ++injection.calls;
  if (injection.fail_at == 0) return false;
  if (!injection.overdue) return number == injection.fail_at;
  return number >= injection.fail_at && !std::string_view(function).starts_with("serai.response");
}

void judge_refusal(const CheckedCall& call, serai_status status, const char* function) {
  if (status >= 0) return;
  const std::string& code = call.last_code;
  const std::string told = std::string(function) + " refuses what " + call.input->name +
                           " asks of it: " + shown(call.last_detail);
  if (code == "service_not_declared" || code == "event_not_declared" || code == "no_such_metric" ||
      code == "no_such_setting" || code == "host_not_allowed" || code == "denied" ||
      (code == "bad_request" && std::string_view(function).starts_with("serai.jobs")))
    find(Law::declared, told);
  if (code == "syntax" || code == "bad_value" || code == "no_transaction" || code == "fake_host" ||
      code == "answered_twice" || code == "bad_status" || code == "stale_handle")
    find(code == "stale_handle" ? Law::handle : Law::argument, told);
}

}  // namespace serai::check
