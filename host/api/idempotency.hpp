// Idempotency-Key: a POST that is sent again with the same key gets the first answer again instead
// of being carried out twice. Kept a day in the tenant's database. Thread-safe.
#pragma once

#include <functional>
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
  // first try still under way Problem(409 idempotency_in_progress). Answers of 5xx are not kept. A
  // process that dies in between leaves the key in progress until the first call's deadline.
  http::Response once(const CallToken& token, std::string_view key, std::string_view fingerprint,
                      const std::function<http::Response()>& carry_out);

 private:
  storage::Store& store_;
};

}  // namespace host::api
