// The plugin in the fake host, ready to send by SMTP.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace mail_test {

using serai::Json;
using serai::Problem;
using serai::SmtpOutcome;
using serai::SmtpResult;
using serai::SmtpStage;

class Mail : public ::testing::Test {
 protected:
  Mail() {
    host.as_user("alice", {"mail.read", "mail.manage"}, "admin");
    host.set_setting("transport", "smtp");
    host.set_setting("smtp_url", "smtps://mail.example.com:465");
    host.set_setting("from_email", "desk@lagoon.example");
    host.set_setting("from_name", "Blue Lagoon");
  }

  static Json letter(const Json& more = Json::object()) {
    Json document = {{"to", "anna@example.com"}, {"subject", "Hello"}, {"text", "Good day"}};
    document.update(more);
    return document;
  }
  // Through the service, as other plugins do; its message id.
  std::string send(const Json& document) {
    return host.call_service("mail.send/1", document).at("message_id").get<std::string>();
  }
  // The status and code of a refused document.
  std::string refusal(const Json& document) {
    try {
      host.call_service("mail.send/1", document);
    } catch (const Problem& problem) {
      return std::to_string(problem.status) + " " + problem.code +
             (problem.errors.empty() ? "" : " " + problem.errors.front().pointer);
    }
    return "";
  }
  Json message(const std::string& id) {
    return host.get("/api/v1/mail/messages/" + id).json()["data"];
  }
  std::string status(const std::string& id) { return message(id)["status"]; }
  // What was handed to the mail server last.
  std::string mime() { return host.mails().empty() ? "" : host.mails().back().content; }
  void server_says(const SmtpResult& result) {
    host.on_mail([result](const serai::testing::SentMail&) { return result; });
  }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

}  // namespace mail_test
