// The thread that starts, watches and buries the children of one plugin. It starts them itself,
// because the kernel ends a child with the thread that made it.
#include <algorithm>
#include <random>

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "audit/audit.hpp"
#include "observe/log.hpp"
#include "plugins/generation.hpp"
#include "plugins/inside.hpp"
#include "plugins/isolated/isolated_plugin.hpp"
#include "plugins/library.hpp"
#include "plugins/lifecycle_scope.hpp"

namespace host::plugins {
namespace {

using std::chrono::milliseconds;

// Failures older than this are forgiven.
constexpr auto kMemory = std::chrono::seconds(60);
constexpr milliseconds kSilence{100};
constexpr milliseconds kFirstPause{100}, kLongestPause{30'000};

// The first failure costs no pause; then 100 ms, 200 ms, ... with jitter, so that what they share
// is not hit by all at once.
milliseconds pause_after(std::size_t failures) {
  if (failures <= 1) return milliseconds(0);
  thread_local std::minstd_rand random(std::random_device{}());
  const auto shift = std::min<std::size_t>(failures - 2, 12);
  const auto pause = std::min(kFirstPause * (1 << shift), kLongestPause);
  return pause / 2 + milliseconds(random() % static_cast<unsigned>(pause.count() / 2 + 1));
}

}  // namespace

std::shared_ptr<ChildProcess> IsolatedPlugin::start_child() {
  auto child = std::make_shared<ChildProcess>(plan_);
  observe::log(observe::Level::info, "Plugin process started.",
               {{"plugin", plan_.name}, {"pid", child->pid()}});
  return child;
}

void IsolatedPlugin::note_failure(const std::string& key, Place& place, const std::string& reason) {
  const auto now = Clock::now();
  std::erase_if(place.failures, [&](auto time) { return now - time > kMemory; });
  place.failures.push_back(now);
  place.reason = reason;
  place.child.reset();
  const bool enough = place.failures.size() >= options_.max_failures;
  const auto pause = pause_after(place.failures.size());
  place.condition = enough               ? Condition::quarantined
                    : pause.count() == 0 ? Condition::wanted
                                         : Condition::pausing;
  place.again = now + pause;
  generation_.metrics().process_failures.add();
  observe::log(observe::Level::error,
               enough ? "A plugin's process is quarantined." : "A plugin's process failed.",
               {{"plugin", plan_.name},
                {"reason", "it " + reason},
                {"tenant", key},
                {"failures", place.failures.size()}});
  auto& inside = generation_.plugin().inside;
  if (inside.rooms.audit)
    inside.rooms.audit->record_platform(
        {enough ? "plugin.quarantine" : "plugin.failure", "failure", "host", plan_.name, "", ""},
        {{"reason", "its process " + reason}, {"tenant", key}});
}

void IsolatedPlugin::start_wanted(std::unique_lock<std::mutex>& lock) {
  for (auto& [key, place] : places_) {
    if (place.condition == Condition::pausing && Clock::now() >= place.again)
      place.condition = Condition::wanted;
    if (place.condition != Condition::wanted) continue;
    // Nobody else touches a wanted place; it may be erased only by forget_tenant(), after which
    // nothing of it is used here: hence the copy of the key and the second look.
    const std::string wanted = key;
    const bool first = !created_;
    const auto resolved = resolved_;
    lock.unlock();
    std::shared_ptr<ChildProcess> child;
    std::string fault;
    try {
      child = start_child();
      if (!first) {
        const LifecycleScope scope(generation_);
        create_in(*child);
        for (const auto& known : resolved)
          if (resolve_in(*child, known.kind, known.name) != known.number)
            throw LoadError("it numbers its handlers differently each time");
        if (start_in(*child) != SERAI_OK) throw LoadError("its start() failed");
      }
    } catch (const std::exception& error) {
      fault = error.what();
      child.reset();
    }
    lock.lock();
    const auto again = places_.find(wanted);
    if (again == places_.end()) {
      changed_.notify_all();
      return wake();
    }
    if (child) {
      again->second.child = std::move(child);
      again->second.condition = Condition::ready;
    } else if (first) {
      again->second.reason = fault;
      again->second.condition = Condition::quarantined;
    } else {
      if (fault.ends_with('.')) fault.pop_back();
      note_failure(wanted, again->second, "could not be started again (" + fault + ")");
    }
    changed_.notify_all();
    if (stopping_) return;
    // The map may have changed meanwhile.
    return wake();
  }
}

// Too many tenants' processes: the one that was idle longest goes.
std::vector<std::shared_ptr<ChildProcess>> IsolatedPlugin::make_room() {
  std::vector<std::shared_ptr<ChildProcess>> leaving;
  if (!options_.per_tenant) return leaving;
  for (;;) {
    std::size_t alive = 0;
    auto oldest = places_.end();
    for (auto it = places_.begin(); it != places_.end(); ++it) {
      if (!it->second.child || it->first.empty()) continue;
      ++alive;
      if (it->second.child.use_count() > 1 || !it->second.child->idle()) continue;
      if (oldest == places_.end() ||
          it->second.child->last_used() < oldest->second.child->last_used())
        oldest = it;
    }
    if (alive <= options_.max_processes || oldest == places_.end()) return leaving;
    leaving.push_back(std::move(oldest->second.child));
    places_.erase(oldest);
  }
}

void IsolatedPlugin::bury(std::unique_lock<std::mutex>& lock, const std::string& key,
                          Place& place) {
  const auto child = place.child;
  lock.unlock();
  pass_output(*child);
  child->reap();
  const auto reason = child->end_reason();
  lock.lock();
  const auto again = places_.find(key);
  if (stopping_ || again == places_.end() || again->second.child != child) return;
  note_failure(key, again->second, reason);
  changed_.notify_all();
}

// Its standard output and error: for the log, at the plugin's rate.
bool IsolatedPlugin::pass_output(ChildProcess& child) {
  char text[4096];
  const ssize_t got = child.output() < 0 ? -1 : ::read(child.output(), text, sizeof text);
  if (got == 0) child.close_output();
  if (got <= 0) return true;
  bool all = true;
  std::string_view rest(text, static_cast<std::size_t>(got));
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const bool allowed = generation_.plugin().log_rate.allow(Clock::now());
    if (allowed)
      observe::log(observe::Level::warning, "A plugin's process wrote.",
                   {{"plugin", plan_.name}, {"text", std::string(line)}});
    else
      generation_.metrics().dropped_lines.add();
    all &= allowed;
  }
  return all;
}

void IsolatedPlugin::keep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    start_wanted(lock);
    auto leaving = make_room();
    if (stopping_) break;
    std::vector<pollfd> waiting = {{wake_, POLLIN, 0}};
    std::vector<std::pair<std::string, std::shared_ptr<ChildProcess>>> watched;
    auto next = Clock::time_point::max();
    for (auto& [key, place] : places_) {
      if (place.condition == Condition::pausing) next = std::min(next, place.again);
      if (place.condition == Condition::wanted) next = Clock::now();
      if (!place.child) continue;
      waiting.push_back({place.child->process(), POLLIN, 0});
      const bool silent = place.silent > Clock::now();
      if (silent) next = std::min(next, place.silent);
      waiting.push_back({silent ? -1 : place.child->output(), POLLIN, 0});
      watched.emplace_back(key, place.child);
    }
    lock.unlock();
    leaving.clear();
    int longest = -1;
    if (next != Clock::time_point::max())
      longest = static_cast<int>(
          std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(next - Clock::now()).count()));
    ::poll(waiting.data(), waiting.size(), longest);
    eventfd_t ignored = 0;
    ::eventfd_read(wake_, &ignored);
    std::vector<bool> loud(watched.size());
    for (std::size_t i = 0; i < watched.size(); ++i)
      if (waiting[2 + 2 * i].revents != 0) loud[i] = !pass_output(*watched[i].second);
    lock.lock();
    for (std::size_t i = 0; i < watched.size(); ++i) {
      const auto place = places_.find(watched[i].first);
      if (place == places_.end() || place->second.child != watched[i].second) continue;
      // A process that writes more than may be logged waits with its writing.
      if (loud[i]) place->second.silent = Clock::now() + kSilence;
      if (waiting[1 + 2 * i].revents != 0) bury(lock, watched[i].first, place->second);
    }
  }
}

}  // namespace host::plugins
