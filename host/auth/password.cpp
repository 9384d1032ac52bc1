#include "auth/password.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <sodium.h>

#include "base/problem.hpp"
#include "base/random.hpp"

namespace host::auth {
namespace {

// The first guesses of every list; long ones only, the short ones fail by length.
constexpr std::array kCommon = {
    "password",   "password1", "password123",   "12345678", "123456789", "1234567890",
    "qwertyuiop", "qwerty123", "11111111",      "iloveyou", "sunshine",  "princess",
    "football",   "baseball",  "welcome1",      "admin123", "letmein1",  "passw0rd",
    "p@ssw0rd",   "changeme",  "administrator", "superman", "trustno1",  "qwertyui",
    "asdfghjkl",  "abcd1234",  "abc12345",      "00000000"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Problem refused(const char* detail) { return unprocessable({{"/password", detail}}); }

}  // namespace

// Holds one of the places at the gate while it lives.
class PasswordHasher::Turn {
 public:
  explicit Turn(PasswordHasher& hasher) : hasher_(hasher) {
    std::unique_lock lock(hasher_.mutex_);
    const auto& policy = hasher_.policy_;
    if (hasher_.running_ >= policy.parallel) {
      if (hasher_.queued_ >= policy.waiting) throw busy();
      ++hasher_.queued_;
      const bool mine = hasher_.freed_.wait_for(lock, policy.patience,
                                                [&] { return hasher_.running_ < policy.parallel; });
      --hasher_.queued_;
      if (!mine) throw busy();
    }
    ++hasher_.running_;
  }
  ~Turn() {
    {
      const std::lock_guard lock(hasher_.mutex_);
      --hasher_.running_;
    }
    hasher_.freed_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static Problem busy() {
    return unavailable("login_busy", "Too many people sign in at this moment. Try again.", 2);
  }
  PasswordHasher& hasher_;
};

PasswordHasher::PasswordHasher(PasswordPolicy policy) : policy_(policy) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
  policy_.parallel = std::max(1U, policy_.parallel);
  dummy_ = hash(random_token(24));
}

void PasswordHasher::check(std::string_view password, std::string_view email) const {
  if (password.size() < policy_.minimum_length) throw refused("The password is too short.");
  if (password.size() > policy_.maximum_length) throw refused("The password is too long.");
  if (password.find('\0') != password.npos) throw refused("The password contains a NUL.");
  const std::string plain = lower(password);
  const std::string_view address = email;
  if (!address.empty() &&
      (plain == lower(address) || plain == lower(address.substr(0, address.find('@')))))
    throw refused("The password must not be the e-mail address.");
  if (std::find(kCommon.begin(), kCommon.end(), plain) != kCommon.end() ||
      std::all_of(plain.begin(), plain.end(), [&](char c) { return c == plain.front(); }))
    throw refused("The password is among the first that would be tried. Choose another.");
}

std::string PasswordHasher::hash(std::string_view password) {
  const Turn turn(*this);
  runs_.fetch_add(1);
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), policy_.passes,
                            policy_.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw unavailable("login_busy", "There is not enough memory to sign in. Try again.", 5);
  return text.data();
}

bool PasswordHasher::verify(std::string_view password, const std::string& stored) {
  const Turn turn(*this);
  runs_.fetch_add(1);
  const std::string& against = stored.empty() ? dummy_ : stored;
  const bool matches =
      password.size() <= policy_.maximum_length &&
      crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
  return matches && !stored.empty();
}

bool PasswordHasher::outdated(const std::string& stored) const {
  return crypto_pwhash_str_needs_rehash(stored.c_str(), policy_.passes, policy_.memory_bytes) != 0;
}

}  // namespace host::auth
