// Checks of every function a plugin calls, and what a broken law looks like in the log.
#include "plugins/boundary.hpp"

#include <nlohmann/json.hpp>
#include <time.h>

#include "observe/log.hpp"
#include "plugins/status.hpp"
#include "plugins/thread_record.hpp"

namespace host::plugins {
namespace {

// Is the handle some call that runs now, here further out or on another thread?
const char* law_broken_by(serai_call call) noexcept {
  if (call == 0) return "a call outside of any handler";
  for (ThreadRecord* record = all_threads(); record; record = record->next)
    for (const auto& level : record->levels)
      if (level.call.load(std::memory_order_relaxed) == call)
        return record == &this_thread() ? "the handle of an outer call"
                                        : "the handle of a call that runs on another thread";
  return "the handle of a call that is over";
}

void note_denied(CallContext& context, Interface interface) noexcept {
  try {
    inside_of(context).denials.note(
        context.has_token() ? std::string_view(context.token().tenant()) : std::string_view(),
        context.generation().id(),
        "interface " + known_interfaces()[static_cast<std::size_t>(interface)]);
  } catch (const std::exception&) {  // no memory: it stays refused
  }
}

}  // namespace

serai_status refuse_handle(serai_call call, const char* function) noexcept {
  try {
    CallContext* context = innermost_call();
    if (context) context->generation().metrics().stale_handles.add();
    observe::log(observe::Level::error, "A plugin broke the law of call handles.",
                 {{"function", function},
                  {"law", law_broken_by(call)},
                  {"plugin", context ? context->generation().id() : std::string()}});
  } catch (...) {
  }
  return SERAI_E_STALE;
}

serai_status check_call(CallContext& context, Interface interface, Need need,
                        const char* function) noexcept {
  const auto refuse = [&](serai_status status, const char* code, const char* detail) {
    try {
      context.set_host_error(code, std::string(detail) + " (" + function + ")");
    } catch (...) {
    }
    return status;
  };
  const auto granted = context.generation().granted() & ~context.denied;
  if (interface != Interface::response && !(granted & bit(interface))) {
    note_denied(context, interface);
    return refuse(SERAI_E_DENIED, "not_granted", "The interface was not granted to the plugin.");
  }
  if (need == Need::memory) return SERAI_OK;
  if (!context.has_token()) return refuse(SERAI_E_DENIED, "no_tenant", "This call has no tenant.");
  if (coarse_now_us() > context.deadline_us())
    return refuse(SERAI_E_DEADLINE, "deadline_exceeded", "The call's deadline has passed.");
  if (inside_of(context).rooms.usage) this_thread().time.may_wait();
  return SERAI_OK;
}

serai_status fail_with_current_exception(CallContext& context, const char* function) noexcept {
  HostFailure failure = host_failure(std::current_exception());
  try {
    if (failure.status == SERAI_E_INTERNAL && failure.code != "stale_handle")
      observe::log(observe::Level::error, "A host function failed.",
                   {{"function", function},
                    {"plugin", context.generation().id()},
                    {"error", failure.detail}});
    if (failure.code == "stale_handle") {
      failure.status = SERAI_E_STALE;
      context.generation().metrics().stale_handles.add();
    }
    context.set_host_error(std::move(failure.code), std::move(failure.detail));
  } catch (...) {
  }
  return failure.status;
}

std::int64_t coarse_now_us() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

}  // namespace host::plugins
