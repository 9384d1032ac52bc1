#include "fakes/sendgrid.hpp"

#include <algorithm>

namespace fakes {
namespace {

using nlohmann::json;

std::string http(int status, const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" +
         headers + "\r\n" + body;
}

std::string refusal(int status, const std::string& message, const char* field = nullptr) {
  json error = {{"message", message}, {"field", nullptr}, {"help", nullptr}};
  if (field) error["field"] = field;
  return http(status, json{{"errors", {error}}}.dump());
}

bool is_address(const json& value) {
  return value.is_object() && value.contains("email") && value["email"].is_string() &&
         value["email"].get_ref<const std::string&>().find('@') != std::string::npos &&
         (!value.contains("name") || value["name"].is_string());
}

std::string recipient_of(const json& mail) {
  static const json::json_pointer first("/personalizations/0/to/0/email");
  return mail.contains(first) && mail[first].is_string() ? mail[first].get<std::string>() : "";
}

std::string fault_of(const json& mail) {
  if (!mail.is_object()) return "Bad Request";
  for (const auto& [name, value] : mail.items()) {
    static constexpr std::string_view known[] = {
        "personalizations",  "from",         "reply_to", "subject",      "content",
        "attachments",       "template_id",  "headers",  "categories",   "custom_args",
        "send_at",           "batch_id",     "asm",      "ip_pool_name", "mail_settings",
        "tracking_settings", "reply_to_list"};
    if (std::find(std::begin(known), std::end(known), name) == std::end(known))
      return "The field " + name + " is unknown";
  }
  const auto& all = mail.value("personalizations", json());
  if (!all.is_array() || all.empty() || all.size() > 1000) return "personalizations is required";
  for (const auto& one : all) {
    if (!one.is_object() || !one.contains("to") || !one["to"].is_array() || one["to"].empty())
      return "to is required";
    for (const auto& to : one["to"])
      if (!is_address(to)) return "to holds what is no address";
    // Named: items() of what ends with the expression would be read after its end.
    const auto custom = one.value("custom_args", json::object());
    for (const auto& [name, value] : custom.items())
      if (!value.is_string()) return "custom_args." + name + " is no text";
  }
  if (!mail.contains("from") || !is_address(mail["from"])) return "from is required";
  if (mail.contains("reply_to") && !is_address(mail["reply_to"])) return "reply_to is no address";
  if (!mail.contains("template_id")) {
    if (!mail.contains("subject") || !mail["subject"].is_string() ||
        mail["subject"].get_ref<const std::string&>().empty())
      return "subject is required";
    const auto& content = mail.value("content", json());
    if (!content.is_array() || content.empty()) return "content is required";
    bool html = false;
    for (const auto& part : content) {
      if (!part.is_object() || !part.contains("type") || !part.contains("value") ||
          !part["value"].is_string() || part["value"].get_ref<const std::string&>().empty())
        return "content has an empty value";
      if (part["type"] == "text/plain" && html) return "text/plain comes first";
      html = html || part["type"] == "text/html";
    }
  }
  for (const auto& one : mail.value("attachments", json::array()))
    if (!one.is_object() || !one.contains("content") || !one.contains("filename"))
      return "attachments need content and filename";
  if (mail.value("categories", json::array()).size() > 10) return "too many categories";
  return "";
}

}  // namespace

SendGrid::SendGrid(std::string key)
    : key_(std::move(key)),
      server_(std::make_unique<HttpFake>(
          0, [this](const std::string& request) { return answer(request); })) {}

SendGrid::~SendGrid() = default;

std::vector<json> SendGrid::mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

void SendGrid::meets(const std::string& recipient, Mood mood) {
  const std::lock_guard lock(mutex_);
  moods_[recipient] = mood;
}

std::optional<std::string> SendGrid::answer(const std::string& request) {
  const std::lock_guard lock(mutex_);
  const auto body = json::parse(request.substr(request.find("\r\n\r\n") + 4), nullptr, false);
  if (const auto mood = moods_.extract(recipient_of(body))) {
    switch (mood.mapped()) {
      case Mood::times_out:
        return std::nullopt;
      case Mood::hangs_up:
        return "";
      case Mood::fails:
        return refusal(500, "Internal server error");
      case Mood::limits:
        return refusal(429, "too many requests");
      case Mood::rubbish:
        return "220 mail.example.com ESMTP\r\n\r\n";
    }
  }
  if (!request.starts_with("POST /v3/mail/send HTTP/1.1\r\n")) return refusal(404, "Not Found");
  if (request.find("\r\nauthorization: Bearer " + key_ + "\r\n") == std::string::npos)
    return refusal(401, "The provided authorization grant is invalid, expired, or revoked");
  if (const auto fault = fault_of(body); !fault.empty()) return refusal(400, fault, "x");
  mails_.push_back(body);
  return http(202, "", "X-Message-Id: fake-" + std::to_string(mails_.size()) + "\r\n");
}

SendGrid::Post SendGrid::sign(const json& events) const {
  const auto body = events.dump();
  return {body, signer_.headers(body, "application/json")};
}

}  // namespace fakes
