// Idempotency-Key: a POST that is sent again with the same key, to whichever node, gets the first
// answer again instead of being carried out twice. Kept a day in the tenant's database. What
// plugins write in a call with a key commits together with a note that it took effect, and only
// while the call still has the key: so nothing is written twice even if a process or a connection
// is lost at the worst moment. What the host's own routes write to the platform's database has no
// such note. Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/call_token.hpp"
#include "http/message.hpp"
#include "storage/store.hpp"

namespace host::api {

class Idempotency {
 public:
  explicit Idempotency(storage::Store& store);

  // Runs `carry_out` unless this user has used `key` before. `fingerprint` says what is asked
  // (operation and body): the same key for something else is Problem(422 idempotency_key_reused), a
  // first try still under way Problem(409 idempotency_in_progress), one that took effect but whose
  // answer was lost Problem(409 idempotency_answer_lost). Answers of 5xx are not kept. A process
  // that dies in between leaves the key in progress until the first call's deadline.
  http::Response once(const CallToken& token, std::string_view key, std::string_view fingerprint,
                      const std::function<http::Response()>& carry_out);

 private:
  std::optional<http::Response> claim(const CallToken& token, std::string_view key,
                                      std::string_view fingerprint, const std::string& run);
  void give_up(const CallToken& token, std::string_view key, const std::string& run);

  storage::Store& store_;
};

}  // namespace host::api
