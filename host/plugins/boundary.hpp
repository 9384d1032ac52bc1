// The four steps of every function a plugin calls: check the handle and the grant, convert what was
// passed, try, return a status. Nothing thrown crosses. Private to the abi_*.cpp files.
#pragma once

#include <string_view>
#include <utility>

#include "base/problem.hpp"
#include "plugins/call_context.hpp"
#include "plugins/generation.hpp"
#include "plugins/inside.hpp"
#include "plugins/interface.hpp"

namespace host::plugins {

enum class Need : std::uint8_t {
  token,   // a tenant's call before its deadline: everything that may wait
  memory,  // only what lies in memory; allowed after the deadline
};

// The clock of deadlines to a few milliseconds, for a fifth of the price.
std::int64_t coarse_now_us() noexcept;

// Counts and logs a handle that is not this thread's running call; says which law was broken.
serai_status refuse_handle(serai_call call, const char* function) noexcept;
// Step one. OK, or why not.
serai_status check_call(CallContext& context, Interface interface, Need need,
                        const char* function) noexcept;
serai_status fail_with_current_exception(CallContext& context, const char* function) noexcept;

template <class Body>
serai_status boundary(serai_call call, Interface interface, Need need, const char* function,
                      Body&& body) noexcept {
  CallContext* context = current_call(call);
  if (!context) return refuse_handle(call, function);
  try {
    // To answer from memory asks for nothing: neither a grant nor time.
    if (interface != Interface::response || need != Need::memory)
      if (const auto status = check_call(*context, interface, need, function)) return status;
    std::forward<Body>(body)(*context);
    return SERAI_OK;
  } catch (...) {
    return fail_with_current_exception(*context, function);
  }
}

// Step two: views and pointers of the plugin. Throw Problem(400) for what cannot be one.
inline std::string_view view(serai_str text) {
  if (text.size == 0) return {};
  if (!text.data) throw bad_request("A text of that size has no bytes.");
  return {text.data, text.size};
}
template <class T>
T& require(T* pointer) {
  if (!pointer) throw bad_request("A required pointer is null.");
  return *pointer;
}
template <class Room>
Room& need_room(Room* room, const char* what) {
  if (!room) throw Problem(501, "not_supported", std::string("This host has no ") + what + ".");
  return *room;
}

inline Registry::Inside& inside_of(CallContext& context) {
  return context.generation().plugin().inside;
}

}  // namespace host::plugins
