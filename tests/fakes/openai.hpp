// A provider of chat and embeddings that costs nothing: checks requests as strictly as the vendor's
// OpenAPI document describes them and answers in its shapes. OpenAi is the provider without a
// socket; OpenAiServer is the same on loopback. For tests of the plugin `ai` and end-to-end tests.
//
// Facts of the vendor's document it keeps to:
// - POST {base}/chat/completions requires `model` and `messages` (one at least; role and content).
//   `temperature` lies between 0 and 2, `max_tokens` is an integer (deprecated, still accepted).
// - POST {base}/embeddings requires `model` and `input` (one text, or 1 to 2048 of them, none
//   empty), takes `encoding_format` float or base64, `dimensions` from 1, `user`, and nothing else.
// - The key comes as a bearer token; refusals are {"error": {message, type, param, code}} with
//   `param` and `code` possibly null; 429 is the documented answer to too many requests.
// - A chat answer has id, object "chat.completion", created, model and choices, each with index,
//   message {role "assistant", content, refusal}, logprobs and finish_reason, and usage with
//   prompt_tokens, completion_tokens and total_tokens. Embeddings answer object "list", data of
//   {object "embedding", index, embedding}, model and usage without completion_tokens.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fakes {

class HttpFake;

struct OpenAiRequest {
  std::string method;
  std::string path;           // "/v1/chat/completions"
  std::string authorization;  // the header's value
  std::string body;
};

struct OpenAiAnswer {
  int status = 200;
  std::string body;  // JSON, except for rubbish
};

// Thread-safe.
class OpenAi {
 public:
  enum class Behaviour { ok, timeout, fail, ratelimit, rubbish };
  // nullopt for a word that is none of them.
  static std::optional<Behaviour> behaviour_named(std::string_view word);

  OpenAi& behave(Behaviour behaviour);
  // Requests without this bearer token are refused with 401. At first any will do.
  OpenAi& require_key(std::string key);
  // What it says in a chat. At first a sentence that cites passage 1.
  OpenAi& say(std::string content);

  // nullopt: it never answers.
  std::optional<OpenAiAnswer> answer(const OpenAiRequest& request);
  // What it was asked, behaviour or not.
  std::vector<OpenAiRequest> requests() const;

 private:
  mutable std::mutex mutex_;
  Behaviour behaviour_ = Behaviour::ok;
  std::string key_;
  std::string content_ = "The documents answer this [1].";
  std::vector<OpenAiRequest> requests_;
};

// The provider at http://127.0.0.1:{port}/v1. Beside the vendor's routes, for the test that runs it
// in another process: PUT /behaviour with one of the words as the body changes what it does from
// now on, and GET /requests lists what it was asked.
class OpenAiServer {
 public:
  // `port` 0: a free one.
  explicit OpenAiServer(int port = 0);
  ~OpenAiServer();

  OpenAi& provider() { return provider_; }
  int port() const;
  std::string base_url() const;  // for the setting of the plugin

 private:
  std::optional<std::string> respond(const std::string& bytes);

  OpenAi provider_;
  std::unique_ptr<HttpFake> http_;
};

}  // namespace fakes
