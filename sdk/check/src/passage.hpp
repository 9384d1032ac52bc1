// What every watched host function does before its work: look at phase, handle and thread, fail if
// it is its turn, and take the lock. Private to the proxy_*.cpp files.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "channel.hpp"
#include "house.hpp"

namespace serai::check {

// The call of that number if it is this thread's; else a finding and nullptr.
CheckedCall* enter_call(serai_call call, const char* function) noexcept;
// For functions that take no call: a finding unless the phase allows it.
House* enter_callless(const char* function) noexcept;

void register_call(CheckedCall& call);
void unregister_call(const CheckedCall& call);

// Findings about arguments; true: it can be used.
bool good_text(const CheckedCall* call, serai_str text, const char* function, const char* what);
bool good_utf8(serai_str text);
bool good_pointer(const void* pointer, const char* function, const char* what);
bool good_handle(CheckedCall& call, serai_handle handle, const char* function);
// Findings about what the fake host refused: undeclared names, statements, foreign tables.
void judge_refusal(const CheckedCall& call, serai_status status, const char* function);

bool its_turn_to_fail(Injection& injection, const char* function);

enum class Uses { memory, database };

// Body: serai_status(CheckedCall&), run with the lock held.
template <class Body>
serai_status pass(serai_call number, const char* function, Uses uses, Body&& body) noexcept {
  const Outside outside;
  CheckedCall* call = enter_call(number, function);
  if (call == nullptr) return SERAI_E_STALE;
  House& house = *call->house;
  std::unique_lock lock(house.mutex());
  call->words.revoke();
  if (its_turn_to_fail(house.injection, function)) {
    house.injection.failed = function;
    call->last_code = "injected";
    call->last_detail = "The checker made this function fail.";
    return house.injection.status;
  }
  if (uses == Uses::database) house.await_database(lock, *call);
  const serai_status status = body(*call);
  judge_refusal(*call, status, function);
  return status;
}

// For functions without a status.
template <class Body>
void pass_void(serai_call number, const char* function, Body&& body) noexcept {
  const Outside outside;
  CheckedCall* call = enter_call(number, function);
  if (call == nullptr) return;
  const std::unique_lock lock(call->house->mutex());
  call->words.revoke();
  body(*call);
}

// The fake host's table of an interface.
template <class Api>
const Api& fake(const char* id) {
  static const Api* const table = [id] {
    std::uint32_t size = 0;
    return static_cast<const Api*>(testing::interface_table(id, &size));
  }();
  return *table;
}

// The watched tables; NULL for an unknown id.
const void* watched_core(std::string_view id) noexcept;
const void* watched_storage(std::string_view id) noexcept;
const void* watched_outside(std::string_view id) noexcept;
const serai_host& watched_host() noexcept;

}  // namespace serai::check
