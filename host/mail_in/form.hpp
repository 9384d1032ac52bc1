// A mail as providers post it: multipart/form-data, in the fields of SendGrid's Inbound Parse. Here
// is only what says whose it is, and its parts; what the fields mean for a mail, the tenant's
// plugin knows.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/call_token.hpp"
#include "mail_in/mail.hpp"
#include "plugins/blob_keeper.hpp"
#include "storage/blobs.hpp"

namespace host::mail_in {

// `bytes` and their Content-Type as they were posted. Recipients: those of `envelope`, which the
// provider took from SMTP, and if there are none, those of `to`. A form with the whole message in
// `email` becomes that message. Throws Problem(400, 413, 415) for what is no such form.
Mail mail_of_form(std::string bytes, std::string_view content_type);

// What stands in a form, for whoever wonders why it is not understood.
struct FieldSeen {
  std::string name, file_name, content_type;  // no file: empty
  std::uint64_t size = 0;                     // bytes
  std::string value;  // of `from`, `to`, `subject` and `envelope`: the first kilobyte
};
// Throws as mail_of_form().
std::vector<FieldSeen> fields_of_form(std::string_view bytes, std::string_view content_type);

bool is_form(const Mail& mail);

// The parts of a form at a tenant: files, large fields and what is no UTF-8 as blobs, which go
// after the call unless they are kept.
struct FormParts {
  nlohmann::json list = nlohmann::json::array();
  std::deque<plugins::BlobKeeper::Upload> blobs;
};
FormParts parts_of(const Mail& mail, const CallToken& token, storage::Blobs& blobs,
                   plugins::BlobKeeper& keeper);

}  // namespace host::mail_in
