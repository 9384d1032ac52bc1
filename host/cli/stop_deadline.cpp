#include "cli/stop_deadline.hpp"

#include <condition_variable>
#include <mutex>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "observe/log.hpp"
#include "plugins/watchdog.hpp"

namespace host::cli {
namespace {

[[noreturn]] void leave() {
  const auto calls = plugins::calls_inside();
  for (const auto& call : calls)
    observe::log(
        observe::Level::error, "Leaving although a plugin's call did not come back.",
        {{"plugin", call.plugin}, {"thread", call.thread}, {"stack", plugins::where_is(call)}});
  if (calls.empty())
    observe::log(observe::Level::error, "Leaving although the host did not come to rest in time.");
  observe::flush();
  // Not exit(): what is static may be in use by the thread that does not come back.
  ::_exit(1);
}

}  // namespace

void StopDeadline::begin(std::chrono::milliseconds patience) {
  thread_ = std::jthread([patience](const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any wake;
    if (!wake.wait_for(lock, stop, patience, [&] { return stop.stop_requested(); })) leave();
  });
}

}  // namespace host::cli
