// A provider's form to one MIME message.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <serai/plugin.hpp>

namespace inbound {

// SendGrid raw (`email`), Mailgun (`body-mime`): the message as it stands there. SendGrid's fields
// (`headers`, `text`, `html`, `attachmentN`, `charsets`): a message with those headers made of
// them, or with `from`, `to`, `cc` and `subject` where there are no headers. Problem 422 when the
// form holds nothing of this.
struct FormPart {
  std::string name, file_name, content_type;
  std::string data;  // or, of files and large fields:
  std::string blob;
  std::uint64_t size = 0;
};
std::string mime_of_form(const serai::Call& call, const std::vector<FormPart>& parts);

// As it was posted to us, and as the host hands it over under `form`.
std::vector<FormPart> parts_of(const serai::Request& request);
std::vector<FormPart> parts_of(const serai::Json& form);

}  // namespace inbound
