// The OpenAI-compatible HTTP API: POST {base_url}/chat/completions and /embeddings. Builds
// requests, reads answers strictly, and says in a Problem what went wrong; time-out, retry and
// breaker are the host's (serai.http_client/1).
#pragma once

#include <optional>
#include <string>

#include <serai/plugin.hpp>

#include "budget.hpp"

namespace ai {

struct ChatRequest {
  serai::Json messages;  // [{role, content}, ...]
  std::int64_t max_tokens = 500;
  double temperature = 0.2;
};

struct ChatAnswer {
  std::string content;
  std::string model;
  std::optional<Spent> spent;  // nullopt: the provider did not say
};

struct Embeddings {
  serai::Json vectors;  // one array of numbers per text, in the order of the texts
  std::string model;
  std::optional<Spent> spent;
};

class Provider {
 public:
  explicit Provider(const serai::Call& call) : call_(call) {}

  bool configured() const { return !call_.config().text("base_url").empty(); }
  // Problem 503 ai_not_configured without a provider; 503 ai_unavailable when it is down, limits
  // us, refuses our key or may not be asked; 502 ai_bad_answer when it refuses the request or its
  // answer is not what is documented.
  ChatAnswer chat(const ChatRequest& request) const;
  Embeddings embed(const serai::Json& texts) const;

 private:
  serai::Json post(const std::string& path, const serai::Json& body) const;
  serai::HttpResponse send(const std::string& path, const serai::Json& body) const;

  const serai::Call& call_;
};

}  // namespace ai
