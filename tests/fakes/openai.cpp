// The fake provider's checks and answers; see the header.
#include "fakes/openai.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <nlohmann/json.hpp>

#include "fakes/http_fake.hpp"

namespace fakes {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kDimensions = 256;
constexpr std::size_t kMostTexts = 2048;

// A refusal in the vendor's shape.
struct Refusal {
  int status;
  std::string type;
  std::string message;
  Json param = nullptr;
  Json code = nullptr;
};

OpenAiAnswer refuse(const Refusal& refusal) {
  const Json error = {{"message", refusal.message},
                      {"type", refusal.type},
                      {"param", refusal.param},
                      {"code", refusal.code}};
  return {refusal.status, Json{{"error", error}}.dump()};
}

[[noreturn]] void invalid(const std::string& param, const std::string& message) {
  throw Refusal{400, "invalid_request_error", message, param};
}

std::string text_of(const Json& body, const char* name) {
  const auto value = body.find(name);
  if (value == body.end() || !value->is_string()) invalid(name, "A text is required.");
  return value->get<std::string>();
}

// A whole number unless absent or null.
void check_count(const Json& body, const char* name) {
  const auto value = body.find(name);
  if (value == body.end() || value->is_null()) return;
  if (!value->is_number_integer() || *value < 1) invalid(name, "A positive integer is required.");
}

std::size_t tokens_in(std::string_view text) { return (text.size() + 3) / 4; }

Json chat(const Json& body, const std::string& content) {
  const std::string model = text_of(body, "model");
  const Json messages = body.value("messages", Json());
  if (!messages.is_array() || messages.empty()) invalid("messages", "Messages are required.");
  std::size_t asked = 0;
  for (const Json& message : messages) {
    if (!message.is_object()) invalid("messages", "A message is an object.");
    const std::string role = text_of(message, "role");
    if (role != "system" && role != "user" && role != "assistant")
      invalid("messages", "The role is unknown here.");
    asked += tokens_in(text_of(message, "content"));
  }
  check_count(body, "max_tokens");
  check_count(body, "max_completion_tokens");
  const Json temperature = body.value("temperature", Json());
  if (!temperature.is_null() && (!temperature.is_number() || temperature < 0 || temperature > 2))
    invalid("temperature", "The temperature lies between 0 and 2.");
  const std::size_t said = tokens_in(content);
  const Json message = {{"role", "assistant"}, {"content", content}, {"refusal", nullptr}};
  const Json choice = {
      {"index", 0}, {"message", message}, {"logprobs", nullptr}, {"finish_reason", "stop"}};
  return {
      {"id", "chatcmpl-fake"},
      {"object", "chat.completion"},
      {"created", 1'767'225'600},
      {"model", model},
      {"choices", Json::array({choice})},
      {"usage",
       {{"prompt_tokens", asked}, {"completion_tokens", said}, {"total_tokens", asked + said}}}};
}

// Texts that share words are near each other: enough for a search to find something by.
std::vector<double> embedding_of(const std::string& text, std::size_t dimensions) {
  std::vector<double> vector(dimensions, 0.0);
  std::string word;
  const auto count_word = [&] {
    if (word.empty()) return;
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const unsigned char c : word) hash = (hash ^ c) * 1'099'511'628'211U;
    vector[hash % dimensions] += 1;
    word.clear();
  };
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c > 0x7f)
      word += static_cast<char>(std::tolower(c));
    else
      count_word();
  }
  count_word();
  double length = 0;
  for (const double x : vector) length += x * x;
  if (length == 0) vector[0] = length = 1;
  for (double& x : vector) x /= std::sqrt(length);
  return vector;
}

Json embeddings(const Json& body) {
  for (const auto& [name, value] : body.items()) {
    if (name != "model" && name != "input" && name != "encoding_format" && name != "dimensions" &&
        name != "user")
      invalid(name, "The parameter is unknown.");
  }
  const std::string model = text_of(body, "model");
  if (body.value("encoding_format", Json("float")) != "float")
    invalid("encoding_format", "This fake makes floats only.");
  check_count(body, "dimensions");
  const auto dimensions = body.value("dimensions", kDimensions);
  const Json given = body.value("input", Json());
  const Json input = given.is_string() ? Json::array({given}) : given;
  if (!input.is_array() || input.empty() || input.size() > kMostTexts)
    invalid("input", "One to 2048 texts are required.");
  Json data = Json::array();
  std::size_t asked = 0;
  for (const Json& text : input) {
    if (!text.is_string() || text.get_ref<const std::string&>().empty())
      invalid("input", "A text that is not empty is required.");
    asked += tokens_in(text.get_ref<const std::string&>());
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", embedding_of(text.get<std::string>(), dimensions)}});
  }
  return {{"object", "list"},
          {"data", data},
          {"model", model},
          {"usage", {{"prompt_tokens", asked}, {"total_tokens", asked}}}};
}

Json parsed(const std::string& body) {
  Json document = Json::parse(body, nullptr, false);
  if (!document.is_object())
    throw Refusal{400, "invalid_request_error", "The body is not a JSON object."};
  return document;
}

// The value of a header of raw bytes; empty when absent.
std::string header_of(const std::string& head, std::string_view lower_name) {
  std::string lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto at = lower.find("\r\n" + std::string(lower_name) + ":");
  if (at == std::string::npos) return {};
  auto begin = at + 3 + lower_name.size();
  while (begin < head.size() && head[begin] == ' ') ++begin;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string http(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Fake\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace

std::optional<OpenAi::Behaviour> OpenAi::behaviour_named(std::string_view word) {
  if (word == "ok") return Behaviour::ok;
  if (word == "timeout") return Behaviour::timeout;
  if (word == "fail") return Behaviour::fail;
  if (word == "ratelimit") return Behaviour::ratelimit;
  if (word == "rubbish") return Behaviour::rubbish;
  return std::nullopt;
}

OpenAi& OpenAi::behave(Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  behaviour_ = behaviour;
  return *this;
}

OpenAi& OpenAi::require_key(std::string key) {
  const std::lock_guard lock(mutex_);
  key_ = std::move(key);
  return *this;
}

OpenAi& OpenAi::say(std::string content) {
  const std::lock_guard lock(mutex_);
  content_ = std::move(content);
  return *this;
}

std::optional<OpenAiAnswer> OpenAi::answer(const OpenAiRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  try {
    switch (behaviour_) {
      case Behaviour::timeout:
        return std::nullopt;
      case Behaviour::fail:
        throw Refusal{500, "server_error", "The server had an error."};
      case Behaviour::ratelimit:
        throw Refusal{429, "requests", "Too many requests.", nullptr, "rate_limit_exceeded"};
      case Behaviour::rubbish:
        return OpenAiAnswer{200, "<html>This is not the API you are looking for.</html>"};
      case Behaviour::ok:
        break;
    }
    if (!key_.empty() && request.authorization != "Bearer " + key_)
      throw Refusal{401, "invalid_request_error", "The key is wrong.", nullptr, "invalid_api_key"};
    const bool is_chat = request.path.ends_with("/chat/completions");
    if (request.method != "POST" || (!is_chat && !request.path.ends_with("/embeddings")))
      throw Refusal{404, "invalid_request_error", "There is no such route."};
    const Json body = parsed(request.body);
    return OpenAiAnswer{200, (is_chat ? chat(body, content_) : embeddings(body)).dump()};
  } catch (const Refusal& refusal) {
    return refuse(refusal);
  }
}

std::vector<OpenAiRequest> OpenAi::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

OpenAiServer::OpenAiServer(int port)
    : http_(std::make_unique<HttpFake>(
          port, [this](const std::string& bytes) { return respond(bytes); })) {}

OpenAiServer::~OpenAiServer() = default;

int OpenAiServer::port() const { return http_->port(); }

std::string OpenAiServer::base_url() const { return http_->url("/v1"); }

std::optional<std::string> OpenAiServer::respond(const std::string& bytes) {
  const auto blank = bytes.find("\r\n\r\n");
  if (blank == std::string::npos) return http(400, "{}");
  const std::string head = bytes.substr(0, blank + 2);
  const auto first = head.find(' ');
  const auto second = head.find(' ', first + 1);
  if (second == std::string::npos) return http(400, "{}");
  const OpenAiRequest request{head.substr(0, first), head.substr(first + 1, second - first - 1),
                              header_of(head, "authorization"), bytes.substr(blank + 4)};
  if (request.path == "/behaviour" && request.method == "PUT") {
    const auto behaviour = OpenAi::behaviour_named(request.body);
    if (!behaviour) return http(400, R"({"error": "ok, timeout, fail, ratelimit or rubbish"})");
    provider_.behave(*behaviour);
    return http(200, "{}");
  }
  if (request.path == "/requests" && request.method == "GET") {
    Json list = Json::array();
    for (const OpenAiRequest& asked : provider_.requests()) {
      list.push_back({{"method", asked.method},
                      {"path", asked.path},
                      {"authorization", asked.authorization},
                      {"body", asked.body}});
    }
    return http(200, list.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  const auto answer = provider_.answer(request);
  if (!answer) return std::nullopt;
  return http(answer->status, answer->body);
}

}  // namespace fakes
