#include "cli/isolation_test/outside.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "serai/abi/smtp.h"

namespace host::cli::isolation_test {
namespace {

using nlohmann::json;

constexpr auto kBase = "https://embeddings.invalid/v1";  // a name that nobody can have
constexpr std::string_view kBearer = "Bearer ";
constexpr std::uint64_t kRefused = 5;  // every so many; so that searches go on without, too
constexpr auto kMailServer = "smtps://mail.invalid:465";
constexpr std::uint64_t kMailRound = 10;  // of so many mails, one each is put off, refused, bounced

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

// Null: the profile has no such plugin.
config::PluginChoice* choice_of(config::Profile& profile, std::string_view id) {
  const auto found = std::find_if(profile.plugins.begin(), profile.plugins.end(),
                                  [&](const auto& choice) { return choice.id == id; });
  return found == profile.plugins.end() ? nullptr : &*found;
}

void set(config::PluginChoice& choice, const char* name, const char* value) {
  auto settings = json::parse(choice.settings);
  settings[name] = value;
  choice.settings = settings.dump();
}

}  // namespace

void Outside::settle(config::Profile& profile) {
  settle_provider(profile);
  if (auto* mailer = choice_of(profile, kMailer)) {
    set(*mailer, "transport", "smtp");
    set(*mailer, "smtp_url", kMailServer);
    set(*mailer, "from_email", "desk@example.com");
  }
}

void Outside::settle_provider(config::Profile& profile) {
  auto* const gateway = choice_of(profile, kGateway);
  auto* const user = choice_of(profile, kUser);
  is_asked_ = gateway != nullptr && user != nullptr;
  if (!is_asked_) return;
  set(*gateway, "base_url", kBase);
  set(*user, "embeddings", "provider");
}

plugins::StandIns Outside::stand_ins() {
  return {[](std::string_view, std::string_view) -> std::string {
            throw unavailable("not_here", "No plugin provides this service.", 1);
          },
          [this](const plugins::OutboundRequest& request) { return fetch(request); },
          [this](const plugins::Submission& mail) { return submit(mail); },
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

plugins::SubmissionReply Outside::submit(const plugins::Submission& mail) {
  const std::lock_guard lock(mutex_);
  auto& sent = sent_.emplace_back(Sent{mail.plugin, text_of(mail)});
  if (mail.url != kMailServer) not_reached();
  plugins::SubmissionReply reply;
  switch (++mails_ % kMailRound) {
    case 3:
      reply = {SERAI_SMTP_REFUSED, 554, SERAI_SMTP_AT_CONTENT, "5.6.0 not this one"};
      break;
    case 6:
      reply = {SERAI_SMTP_DEFERRED, 451, SERAI_SMTP_AT_RECIPIENT, "4.3.0 later"};
      break;
    case 9:
      reply = {SERAI_SMTP_REFUSED, 550, SERAI_SMTP_AT_RECIPIENT, "5.1.1 nobody there"};
      break;
    default:
      reply = {SERAI_SMTP_ACCEPTED, 250, SERAI_SMTP_AT_CONTENT, "2.0.0 taken over"};
  }
  sent.status = reply.code;
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
