// The record of who did what: append-only, hash-chained per tenant, one more chain for the
// platform. An entry's hash covers its content and the hash before it, so that a change or a gap
// shows. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/call_token.hpp"
#include "storage/store.hpp"

namespace host::audit {

struct Event {
  std::string action;   // "auth.login", "tenant.suspend", "plugin.reload", "request.refused"
  std::string outcome;  // "success", "failure", "refused"
  std::string actor;    // user id, "platform_admin", "operator" or "" (unknown)
  std::string target;   // what it was done to
  std::string address;  // client address
  std::string request_id;
};

struct Verdict {
  bool intact;
  std::uint64_t entries;
  std::string detail;  // first fault, in one sentence; empty when intact
};

class ExportReader;

class Audit {
 public:
  virtual ~Audit() = default;
  // To the token's tenant's chain (the platform's, for a token without tenant). `details` is a JSON
  // object without secrets. Durable when it returns.
  virtual void record(const CallToken& token, const Event& event,
                      const nlohmann::json& details) = 0;
  // To the platform's chain: for what happens before anybody is known.
  virtual void record_platform(const Event& event, const nlohmann::json& details) = 0;
  virtual nlohmann::json list(const CallToken& token, std::uint64_t before, std::size_t limit) = 0;
  // One JSON object a line, enough to verify with nothing else at hand. A tenant that came from
  // another house brings its chain there along: that stands first, as it was signed there.
  // `from`: only from that line on, counted from 0; the last line, the signed head, is the only one
  // that another export has not in the same place.
  virtual void export_chain(const CallToken& token,
                            const std::function<void(std::string_view line)>& out,
                            std::uint64_t from) = 0;
  void export_chain(const CallToken& token, const std::function<void(std::string_view line)>& out) {
    export_chain(token, out, 0);
  }
  virtual Verdict verify(const CallToken& token) = 0;
  // Lines of the export of another house, from number `from` on, in place of those that are there.
  // Not part of the chain that is written here: an entry with imported() in its details,
  // {"audit_sha256": ...}, ties the two together.
  virtual void import_lines(const CallToken& token, std::uint64_t from,
                            const std::vector<std::string>& lines) = 0;
  struct Imported {
    std::uint64_t lines = 0;
    std::string sha256;  // of the lines, each with its line feed; empty: there are none
    Verdict verdict{true, 0, ""};
    std::shared_ptr<const ExportReader> read = nullptr;  // all but the last line
  };
  // `before`: of an earlier look, after which lines were only added behind all but the last: not
  // read again.
  virtual Imported imported(const CallToken& token, const Imported& before) = 0;
  Imported imported(const CallToken& token) { return imported(token, {}); }
  // Hexadecimal key that verifies the heads; note it down outside the machine.
  virtual std::string public_key() = 0;
  // Removes the chain of the token's tenant, for the end of a tenant. Throws Problem(403) for a
  // token without tenant: the platform's chain is never removed.
  virtual void destroy(const CallToken& token) = 0;
};

struct Options {
  // 32 bytes from which the Ed25519 key that signs heads is made; kept by the operator, outside the
  // database. Empty: a key is made once and kept in the platform's database, which shows accidents
  // and edits but not someone who can also read that key.
  std::string signing_seed;
};
std::unique_ptr<Audit> make_audit(storage::Store& store, Options options = {});

// Verifies an export alone; reads `next` until it returns false.
Verdict verify_export(const std::function<bool(std::string& line)>& next);
// The same, and only if the export was signed with this key (hexadecimal), known from elsewhere.
Verdict verify_export(const std::function<bool(std::string& line)>& next,
                      std::string_view expected_public_key);

}  // namespace host::audit
