#include "auth/second_factor.hpp"

#include <nlohmann/json.hpp>

#include "auth/crypto.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"

namespace host::auth {
namespace {

using nlohmann::json;

constexpr std::int64_t kStepSeconds = 30;
constexpr int kRecoveryCodes = 10;

std::int64_t step_at(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() / kStepSeconds;
}

// The step whose code this is, one step of clock drift either way allowed; 0: none.
std::int64_t matching_step(std::string_view secret, std::string_view code, Timestamp now) {
  const std::int64_t current = step_at(now);
  std::int64_t found = 0;
  for (std::int64_t step = current - 1; step <= current + 1; ++step) {
    if (equal_in_constant_time(totp_code(secret, static_cast<std::uint64_t>(step)), code))
      found = step;
  }
  return found;
}

std::string context_of(std::string_view tenant, std::string_view user) {
  return "totp|" + std::string(tenant) + "|" + std::string(user);
}
std::string context_of(const User& user) { return context_of(user.tenant, user.id); }

std::string escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

// People type them with and without the dash, in either case.
std::string normal_recovery_code(std::string_view code) {
  std::string out;
  for (const char c : code) {
    if (c == '-' || c == ' ') continue;
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

Problem wrong_code() { return unprocessable({{"/code", "The code is not right."}}); }

}  // namespace

std::string totp_code(std::string_view secret, std::uint64_t step, unsigned digits) {
  std::string counter(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) counter[i] = static_cast<char>(step >> (56 - 8 * i));
  const std::string mac = hmac_sha1(secret, counter);
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[at]));
  };
  const std::size_t at = byte(19) & 15;
  const std::uint32_t number =
      (byte(at) & 0x7f) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
  std::uint32_t modulus = 1;
  for (unsigned i = 0; i < digits; ++i) modulus *= 10;
  std::string text = std::to_string(number % modulus);
  return std::string(digits - text.size(), '0') + text;
}

std::string base32(std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[buffer >> (bits - 5) & 31];
  }
  if (bits > 0) out += kAlphabet[buffer << (5 - bits) & 31];
  return out;
}

SecondFactor::Setup SecondFactor::begin(const CallToken& token) {
  const auto account = find_account(*core_.store.platform(), token.tenant(), token.user());
  if (!account) throw not_found("User not found");
  const User& user = account->user;
  if (user.second_factor)
    throw conflict("second_factor_on", "There is a second factor already; remove it first.");
  const std::string secret = *from_base64url(random_token(20));
  core_.store.platform()->execute(
      "UPDATE auth_users SET totp_pending = $3 WHERE id = $1 AND tenant_id = $2",
      {user.id, user.tenant, seal(core_.seal_key, context_of(user), secret)});
  const std::string text = base32(secret);
  return {text, "otpauth://totp/Serai:" + escaped(user.email) + "?secret=" + text +
                    "&issuer=Serai&algorithm=SHA1&digits=6&period=30"};
}

std::vector<std::string> SecondFactor::confirm(const CallToken& token, std::string_view code,
                                               const Caller& caller) {
  const auto account = find_account(*core_.store.platform(), token.tenant(), token.user());
  if (!account) throw not_found("User not found");
  const User& user = account->user;
  const auto secret = unseal(core_.seal_key, context_of(user), account->totp_pending);
  if (!secret) throw conflict("second_factor_not_begun", "Begin with a new secret first.");
  const auto step = matching_step(*secret, code, core_.now());
  if (step == 0) throw wrong_code();
  std::vector<std::string> codes;
  {
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    session->execute(
        "UPDATE auth_users SET totp_secret = totp_pending, totp_pending = '', totp_counter = $3 "
        "WHERE id = $1 AND tenant_id = $2 AND totp_pending = $4",
        {user.id, user.tenant, step, account->totp_pending});
    session->execute("DELETE FROM auth_recovery_codes WHERE tenant_id = $1 AND user_id = $2",
                     {user.tenant, user.id});
    for (int i = 0; i < kRecoveryCodes; ++i) {
      // 80 bits: too many to guess even with the hash at hand.
      const std::string fresh = random_hex(10);
      session->execute(
          "INSERT INTO auth_recovery_codes (tenant_id, user_id, code_hash) VALUES ($1, $2, $3)",
          {user.tenant, user.id, token_hash(fresh)});
      codes.push_back(fresh.substr(0, 10) + "-" + fresh.substr(10));
    }
    transaction.commit();
  }
  core_.note(
      user.tenant,
      {"auth.second_factor_on", "success", user.id, user.id, caller.address, caller.request_id},
      json::object());
  return codes;
}

void SecondFactor::disable(const CallToken& token, std::string_view code, const Caller& caller) {
  const auto account = find_account(*core_.store.platform(), token.tenant(), token.user());
  if (!account) throw not_found("User not found");
  if (!account->user.second_factor) throw not_found("There is no second factor.");
  if (!accept(*account, code)) throw wrong_code();
  const User& user = account->user;
  {
    const auto session = core_.store.platform();
    storage::Transaction transaction(*session);
    session->execute(
        "UPDATE auth_users SET totp_secret = '', totp_pending = '' "
        "WHERE id = $1 AND tenant_id = $2",
        {user.id, user.tenant});
    session->execute("DELETE FROM auth_recovery_codes WHERE tenant_id = $1 AND user_id = $2",
                     {user.tenant, user.id});
    transaction.commit();
  }
  core_.note(
      user.tenant,
      {"auth.second_factor_off", "success", user.id, user.id, caller.address, caller.request_id},
      json::object());
}

bool SecondFactor::accept(const Account& account, std::string_view code) {
  const User& user = account.user;
  const auto secret = unseal(core_.seal_key, context_of(user), account.totp_secret);
  if (!secret) return false;
  const auto session = core_.store.platform();
  if (const auto step = matching_step(*secret, code, core_.now()); step != 0) {
    // A code that was seen on its way cannot be used behind it.
    return session->execute(
               "UPDATE auth_users SET totp_counter = $3 WHERE id = $1 AND tenant_id = $2 "
               "AND totp_counter < $3",
               {user.id, user.tenant, step}) == 1;
  }
  return session->execute(
             "DELETE FROM auth_recovery_codes WHERE tenant_id = $1 AND user_id = $2 "
             "AND code_hash = $3",
             {user.tenant, user.id, token_hash(normal_recovery_code(code))}) == 1;
}

std::string SecondFactor::reveal(std::string_view tenant, std::string_view user,
                                 std::string_view sealed) const {
  if (sealed.empty()) return {};
  auto secret = unseal(core_.seal_key, context_of(tenant, user), sealed);
  if (!secret) throw Problem(500, "second_factor_unreadable", "A second factor cannot be read.");
  return std::move(*secret);
}

std::string SecondFactor::conceal(std::string_view tenant, std::string_view user,
                                  std::string_view secret) const {
  return secret.empty() ? std::string() : seal(core_.seal_key, context_of(tenant, user), secret);
}

}  // namespace host::auth
