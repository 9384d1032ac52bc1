// Sessions: an access token that lives minutes and a refresh token that lives days and changes with
// every use. Thread-safe.
//
// A refresh token is "<session>.<48 random-looking bytes>"; the database has its SHA-256 only. Each
// successor is computed from its predecessor and a fresh random salt, so that within the grace time
// the predecessor gives the same successor again (two tabs refresh at once, or an answer was lost)
// without the successor being stored anywhere. After that a predecessor means that two parties hold
// the session: it is revoked. A tag in the token tells one of ours from a guess, so that knowing a
// session's id is not enough to have it revoked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/core.hpp"

namespace host::auth {

struct SessionInfo {
  std::string id, address, agent, created_at, last_used_at, expires_at;
};

class Sessions {
 public:
  explicit Sessions(Core& core) : core_(core) {}

  Tokens open(const User& user, const Caller& caller);
  struct Refreshed {
    Tokens tokens;
    User user;
  };
  // `client_id`: X-Client-ID, only compared. Throws Problem(401) for an unknown, expired, revoked
  // or reused token (the last revokes the session) and what require_active_tenant throws.
  Refreshed refresh(std::string_view token, std::string_view client_id, const Caller& caller);

  // State of a session or (by "key:<id>") an API key for the authenticator; nullptr: no such.
  SessionCache::State state(const std::string& id);

  std::vector<SessionInfo> list(const CallToken& token);
  // One of the caller's own. Throws Problem(404).
  void revoke(const CallToken& token, const std::string& session, std::string_view reason);
  // All of a user, but not `except`. Returns how many.
  std::int64_t revoke_all(std::string_view tenant, std::string_view user, std::string_view reason,
                          std::string_view except = "");

 private:
  Tokens issue(const std::string& session, const std::string& tenant, const std::string& user,
               std::string refresh) const;
  SessionCache::State load_session(const std::string& id);
  SessionCache::State load_key(const std::string& id);
  struct Successor {
    std::string token;
    Timestamp expires_at;  // of the session
  };
  std::optional<Successor> rotate(const std::string& id, const std::string& token,
                                  const std::string& hash);
  void note_reuse(const std::string& session, const User& user, const Caller& caller);

  Core& core_;
};

}  // namespace host::auth
