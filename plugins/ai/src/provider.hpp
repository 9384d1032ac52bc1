// The OpenAI-compatible HTTP API: POST {base_url}/chat/completions and /embeddings. Builds
// requests, reads answers strictly, and says in a Problem what went wrong; time-out, retry and
// breaker are the host's (serai.http_client/1).
#pragma once

#include <serai/plugin.hpp>

#include "budget.hpp"

namespace ai {

struct ChatAnswer {
  std::string content;
  std::string model;
  Spent spent;
};

struct Embeddings {
  serai::Json vectors;  // one array of numbers per text, in the order of the texts
  std::string model;
  Spent spent;
};

class Provider {
 public:
  explicit Provider(const serai::Call& call) : call_(call) {}

  bool configured() const { return !call_.config().text("base_url").empty(); }
  // Problem 503 ai_not_configured without a provider, ai_unavailable when it is down, limits us or
  // is refused our key; Problem 502 ai_bad_answer for an answer that is not what is documented.
  ChatAnswer chat(const serai::Json& messages, std::int64_t max_tokens, double temperature) const;
  Embeddings embed(const serai::Json& texts) const;

 private:
  serai::Json post(const std::string& path, const serai::Json& body) const;
  const serai::Call& call_;
};

}  // namespace ai
