// For a provider that has the platform's secret, or signs what it posts, or both:
// POST /webhooks/email/inbound
// POST /api/webhooks/sendgrid-inbound    the same, as older settings have it
#include "api/routes/mail_webhook_routes.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "auth/crypto.hpp"
#include "base/problem.hpp"
#include "http/spooled_file.hpp"
#include "mail_in/form.hpp"

namespace host::api {
namespace {

using Json = nlohmann::json;
using mail_in::Outcome;

constexpr std::uint64_t kLargestForm = 40u << 20;  // bytes

// The password of "Basic dXNlcjpwYXNzd29yZA==".
std::string password_of(std::string_view authorization) {
  static constexpr std::string_view kBasic = "basic ";
  if (authorization.size() < kBasic.size() || authorization.size() > 2000 ||
      mail_in::lower(authorization.substr(0, kBasic.size())) != kBasic)
    return {};
  authorization.remove_prefix(kBasic.size());
  std::string plain(authorization.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(plain.data()), plain.size(),
                        authorization.data(), authorization.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0)
    return {};
  plain.resize(size);
  const auto colon = plain.find(':');
  return colon == plain.npos ? "" : plain.substr(colon + 1);
}

// 5xx makes the provider post it again; 200 does not, whatever it says.
http::Response answer_to(const mail_in::Mail& mail, const mail_in::MailIn::Received& received) {
  const auto any = [&](Outcome outcome) {
    return std::find(received.outcomes.begin(), received.outcomes.end(), outcome) !=
           received.outcomes.end();
  };
  if (any(Outcome::later) || any(Outcome::full))
    throw unavailable("mail_not_stored", "The mail could not be stored; post it again.", 60);
  Json to = Json::array();
  for (const auto& recipient : mail.recipients) to.push_back(recipient.text());
  Json document{{"success", !received.tenants.empty()},
                {"diagnostic_id", received.id},
                {"to_email", std::move(to)}};
  if (received.tenants.empty()) {
    document["error"] = any(Outcome::stored)
                            ? "Nobody here has that address; the mail is kept for the platform."
                            : "The mail was refused.";
    return json_response(document);
  }
  document["tenant_id"] = received.tenants.front();
  document["resolution_strategy"] = mail_in::name_of(received.by.front());
  document["message"] = "Email queued for processing";
  return json_response(document);
}

}  // namespace

std::vector<Route> mail_webhook_routes(mail_in::MailIn& mail, MailWebhookTrust trust) {
  std::vector<Route> routes;
  if (trust.secret.empty() && trust.key.empty()) return routes;
  const auto handler = [&mail, secret = std::move(trust.secret)](Call& call) {
    if (!secret.empty() && !auth::equal_in_constant_time(
                               password_of(call.request.headers.get("Authorization")), secret))
      throw unauthorized("wrong_secret", "The address lacks the password of this platform.");
    const auto posted = mail_in::mail_of_form(
        call.request.spooled ? call.request.spooled->read_all() : call.request.body,
        call.request.headers.get("Content-Type"));
    return answer_to(posted, mail.receive(posted, call.deadline));
  };
  for (const auto& [pattern, operation] :
       {std::pair{"/webhooks/email/inbound", "mail_in.webhook"},
        std::pair{"/api/webhooks/sendgrid-inbound", "mail_in.webhook.legacy"}}) {
    Route route{.method = "POST",
                .pattern = pattern,
                .operation = operation,
                .summary = "A mail for any tenant, as SendGrid's Inbound Parse posts it",
                .tag = "Mail in",
                .access = Access::open,
                .body_limit = kLargestForm,
                .blocking = true,
                .multipart = true};
    if (!trust.key.empty())
      route.signature = PostSignature{[key = trust.key](const CallToken*) { return key; }};
    route.handler = handler;
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace host::api
