// Counting attempts per key within a time, with a punishment: for failed logins (account and
// address together, so that nobody can lock others out from elsewhere) and for tenant spoofing. In
// memory, bounded; the keys longest unseen are forgotten first. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"

namespace host::auth {

struct LockoutPolicy {
  unsigned attempts = 10;  // so many in `window` ...
  std::chrono::seconds window{900};
  std::chrono::seconds penalty{900};  // ... and the key is shut for so long
  std::size_t capacity = 50'000;
};

class Lockout {
 public:
  explicit Lockout(LockoutPolicy policy) : policy_(policy) {}

  // Seconds for which the key is still shut; 0: open.
  int shut(std::string_view key, Timestamp now);
  // Counts one attempt. The last one allowed shuts the key behind itself; true says that it did.
  bool count(std::string_view key, Timestamp now);
  // Takes one attempt back, for one that was not the caller's fault.
  void forgive(std::string_view key);
  void clear(std::string_view key);

 private:
  struct Entry {
    unsigned attempts = 0;
    Timestamp first{}, shut_until{};
  };
  void make_room(Timestamp now);

  LockoutPolicy policy_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

// The part of an address that one customer holds: IPv4 whole, of IPv6 the first 64 bits.
std::string address_group(std::string_view address);

}  // namespace host::auth
