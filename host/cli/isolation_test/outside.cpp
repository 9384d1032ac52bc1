#include "cli/isolation_test/outside.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"

namespace host::cli::isolation_test {
namespace {

using nlohmann::json;

constexpr auto kBase = "https://embeddings.invalid/v1";  // a name that nobody can have
constexpr std::string_view kBearer = "Bearer ";
constexpr std::uint64_t kRefused = 5;  // every so many; so that searches go on without, too

[[noreturn]] void not_reached() {
  throw unavailable("not_reached", "A test reaches nothing outside.", 1);
}

// Equal texts have equal vectors, and those that share letters are near each other.
json vector_of(const std::string& text) {
  std::array<int, 16> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c) % counts.size()];
  counts[0] += 1;  // never all zero
  return counts;
}

std::string key_of(const plugins::OutboundRequest& request) {
  for (const auto& [name, value] : request.headers)
    if (name == "authorization" && value.starts_with(kBearer)) return value.substr(kBearer.size());
  return {};
}

std::string text_of(const plugins::OutboundRequest& request) {
  auto text = request.method + " " + request.url + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text.append("\n").append(request.body);
}

std::string text_of(const plugins::Submission& mail) {
  auto text = mail.url + " " + mail.user + " " + mail.password + "\nfrom " + mail.sender + "\n";
  for (const auto& recipient : mail.recipients) text += "to " + recipient + "\n";
  return text.append("\n").append(mail.content);
}

void set(config::PluginChoice& choice, const char* name, const char* value) {
  auto settings = json::parse(choice.settings);
  settings[name] = value;
  choice.settings = settings.dump();
}

}  // namespace

void Outside::settle(config::Profile& profile) {
  const auto find = [&](std::string_view id) {
    return std::find_if(profile.plugins.begin(), profile.plugins.end(),
                        [&](const auto& choice) { return choice.id == id; });
  };
  const auto gateway = find(kGateway), user = find(kUser);
  is_asked_ = gateway != profile.plugins.end() && user != profile.plugins.end();
  if (!is_asked_) return;
  set(*gateway, "base_url", kBase);
  set(*user, "embeddings", "provider");
}

plugins::StandIns Outside::stand_ins() {
  return {[](std::string_view, std::string_view) -> std::string {
            throw unavailable("not_here", "No plugin provides this service.", 1);
          },
          [this](const plugins::OutboundRequest& request) { return fetch(request); },
          [this](const plugins::Submission& mail) -> plugins::SubmissionReply {
            const std::lock_guard lock(mutex_);
            sent_.push_back({mail.plugin, text_of(mail)});
            not_reached();
          },
          [](const plugins::MailboxQuery&) -> plugins::MailboxAnswer { not_reached(); }};
}

plugins::OutboundReply Outside::fetch(const plugins::OutboundRequest& request) {
  const std::lock_guard lock(mutex_);
  auto& sent = sent_.emplace_back(Sent{request.plugin, text_of(request)});
  if (!request.url.starts_with(kBase) || !request.url.ends_with("/embeddings")) not_reached();
  auto reply = embed(request);
  sent.status = reply.status;
  return reply;
}

plugins::OutboundReply Outside::embed(const plugins::OutboundRequest& request) {
  plugins::OutboundReply reply;
  reply.attempts = 1;
  reply.headers = {{"content-type", "application/json"}};
  const auto key = key_of(request);
  const auto asked = json::parse(request.body, nullptr, false);
  if (key.empty() || !asked.is_object() || !asked.contains("input")) {
    reply.status = key.empty() ? 401 : 400;
    return reply;
  }
  if (++asked_ % kRefused == 0) {
    reply.status = 503;
    return reply;
  }
  auto data = json::array();
  for (const auto& text : asked["input"])
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", vector_of(text.get<std::string>())}});
  const auto tokens = 1 + request.body.size() / 4;
  reply.status = 200;
  reply.body = json{{"object", "list"},
                    {"data", std::move(data)},
                    {"model", asked.value("model", "")},
                    {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}}
                   .dump();
  ++answered_[key];
  return reply;
}

std::vector<Sent> Outside::read_new() {
  const std::lock_guard lock(mutex_);
  return std::exchange(sent_, {});
}

std::uint64_t Outside::answered(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = answered_.find(key);
  return found == answered_.end() ? 0 : found->second;
}

}  // namespace host::cli::isolation_test
