// A mail as it was asked for: checked, its templates rendered, its attachments in the blob store.
// It is kept as JSON and says the same however often it is sent.
#pragma once

#include <string>
#include <vector>

#include <serai/plugin.hpp>

#include "address.hpp"

namespace mail {

struct Attachment {
  std::string name, type;
  std::string blob;        // reference
  std::string content_id;  // set: shown inside of the html
};

struct Letter {
  Address to, from, reply_to;  // an empty reply_to: none
  std::string subject, text, html;
  std::string in_reply_to;              // <id>
  std::vector<std::string> references;  // <id> each
  std::vector<Attachment> attachments;
  std::vector<std::string> categories;
  std::string sendgrid_template;  // id: SendGrid renders `data` instead of us
  serai::Json data = serai::Json::object();
};

serai::Json to_json(const Letter& letter);
Letter letter_of(const serai::Json& json);

// Reads the document of mail.send/1, renders, and puts attachments into the blob store. Problem 422
// for a faulty document, 404 for a template or blob that is not there, 503 mail_not_configured.
Letter write_letter(const serai::Call& call, const serai::Json& document);

}  // namespace mail
