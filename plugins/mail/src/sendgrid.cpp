// SendGrid's v3 mail send (https://www.twilio.com/docs/sendgrid/api-reference/mail-send).
#include "base64.hpp"
#include "mime.hpp"
#include "transport.hpp"

namespace mail {
namespace {

using serai::Json;

Json address(const Address& from) {
  Json out = {{"email", from.email}};
  if (!from.name.empty()) out["name"] = from.name;
  return out;
}

Json headers_of(const Message& message) {
  const Letter& letter = message.letter;
  Json headers = {{"Message-ID", "<" + rfc_message_id(message.id, letter) + ">"}};
  if (!letter.in_reply_to.empty()) headers["In-Reply-To"] = letter.in_reply_to;
  std::string all;
  for (const auto& id : letter.references) all += (all.empty() ? "" : " ") + id;
  if (!all.empty()) headers["References"] = all;
  return headers;
}

Json document_of(const serai::Call& call, const Message& message) {
  const Letter& letter = message.letter;
  // Comes back with each event: how an event finds its mail, within the tenant of the webhook.
  Json personalization = {{"to", Json::array({address(letter.to)})},
                          {"custom_args", {{"serai_message", message.id}}}};
  Json document = {{"from", address(letter.from)}, {"headers", headers_of(message)}};
  if (!letter.subject.empty()) document["subject"] = letter.subject;
  if (!letter.reply_to.email.empty()) document["reply_to"] = address(letter.reply_to);
  if (!letter.categories.empty()) document["categories"] = letter.categories;
  if (letter.sendgrid_template.empty()) {
    // An empty part would be refused: the html of a picture alone has no words.
    document["content"] = Json::array();
    if (!letter.text.empty())
      document["content"].push_back({{"type", "text/plain"}, {"value", letter.text}});
    if (!letter.html.empty())
      document["content"].push_back({{"type", "text/html"}, {"value", letter.html}});
  } else {
    document["template_id"] = letter.sendgrid_template;
    personalization["dynamic_template_data"] = letter.data;
  }
  document["personalizations"] = Json::array({personalization});
  for (const auto& one : letter.attachments) {
    Json attachment = {{"content", base64(call.blobs().read_all(one.blob))},
                       {"type", one.type},
                       {"filename", one.name},
                       {"disposition", one.content_id.empty() ? "attachment" : "inline"}};
    if (!one.content_id.empty()) attachment["content_id"] = one.content_id;
    document["attachments"].push_back(attachment);
  }
  return document;
}

// "The from address does not match a verified Sender Identity." of {"errors":[{"message":...}]}.
std::string words_of(const serai::HttpResponse& answer) {
  const Json document = Json::parse(answer.body(), nullptr, false);
  const auto pointer = Json::json_pointer("/errors/0/message");
  if (!document.is_discarded() && document.contains(pointer) && document[pointer].is_string())
    return document[pointer].get<std::string>().substr(0, 500);
  return "SendGrid answered " + std::to_string(answer.status()) + ".";
}

}  // namespace

Attempt attempt_sendgrid(const serai::Call& call, const Message& message) {
  const auto config = call.config();
  serai::HttpRequest request;
  request.method = "POST";
  request.url = config.text("sendgrid_url") + "/v3/mail/send";
  request.headers = {
      {"authorization", "Bearer " + std::string(call.secrets().required("sendgrid_api_key"))},
      {"content-type", "application/json"}};
  request.body = serai::dump_json(document_of(call, message));
  request.timeout = std::chrono::milliseconds(config.integer("timeout"));
  const auto answer = call.http().fetch(request);
  Attempt attempt;
  attempt.transport = "sendgrid";
  if (answer.status() == 202) {
    attempt.end = Attempt::End::accepted;
    attempt.provider_id = std::string(answer.header("x-message-id")).substr(0, 200);
    attempt.reply = "202";
    return attempt;
  }
  attempt.reply = std::to_string(answer.status()) + " " + words_of(answer);
  // What is wrong with this mail stays wrong. A key, a limit and an outage are mended; an answer
  // that SendGrid does not give is somebody else's.
  attempt.end = answer.status() == 400 || answer.status() == 413 ? Attempt::End::refused
                                                                 : Attempt::End::postponed;
  return attempt;
}

}  // namespace mail
