// Uses of what a plugin was not granted: each is counted, and the platform's record names the same
// one at most once a minute with how often it happened, so that a loop cannot flood it.
// Thread-safe. Private to this room.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace host::audit {
class Audit;
}

namespace host::plugins {

class Denials {
 public:
  explicit Denials(audit::Audit* audit) : audit_(audit) {}

  // `what`: "interface sql", "host example.com:443". Waits for no disk. [any]
  void note(std::string_view tenant, const std::string& plugin, const std::string& what) noexcept;
  // Records what is due; all: without waiting for the minute to pass. Called every second or so by
  // one thread.
  void report(bool all = false);

 private:
  struct Key {
    std::string tenant, plugin, what;
    // NOLINTNEXTLINE(modernize-use-nullptr): the 0 that <=> compares with is no pointer
    auto operator<=>(const Key&) const = default;
  };
  struct Count {
    std::uint64_t since_last = 0;
    std::chrono::steady_clock::time_point last{};  // when it was recorded; the epoch: never
  };

  audit::Audit* audit_;
  std::mutex mutex_;
  std::map<Key, Count> counts_;
};

}  // namespace host::plugins
