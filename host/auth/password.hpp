// Passwords: what is accepted, how it is hashed (argon2id), and how many hashings may run at once,
// so that a storm of logins cannot starve the rest of the host. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace host::auth {

struct PasswordPolicy {
  std::size_t memory_bytes = 46 << 20;  // about 31 ms a hash
  unsigned passes = 1;
  std::size_t minimum_length = 8, maximum_length = 256;  // bytes
  unsigned parallel = 2;                                 // hashings at once
  unsigned waiting = 32;                                 // callers that may wait for a turn
  std::chrono::milliseconds patience{3000};              // how long each may wait
};

class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordPolicy policy);

  // Throws Problem(422) for a password that is too short, too long or among the first an attacker
  // would try. `email` must not be the password.
  void check(std::string_view password, std::string_view email) const;
  // Both wait for a turn: Problem(503 login_busy) with Retry-After when there are too many.
  std::string hash(std::string_view password);
  // An empty `stored` (no such user, or one without a password) costs the same and gives false.
  bool verify(std::string_view password, const std::string& stored);
  // Whether `stored` was made with less than today's policy.
  bool outdated(const std::string& stored) const;

  // How often argon2id ran: metrics, and the proof that an unknown user costs as much as a known.
  std::uint64_t runs() const noexcept { return runs_.load(); }

 private:
  class Turn;

  PasswordPolicy policy_;
  std::string dummy_;
  std::atomic<std::uint64_t> runs_{0};
  std::mutex mutex_;
  std::condition_variable freed_;
  unsigned running_ = 0, queued_ = 0;
};

}  // namespace host::auth
