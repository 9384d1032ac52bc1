// A provider's form to one MIME message.
#pragma once

#include <string>

#include <serai/plugin.hpp>

namespace inbound {

// SendGrid raw (`email`), Mailgun (`body-mime`): the message as it stands there. SendGrid's fields
// (`headers`, `text`, `html`, `attachmentN`, `charsets`): a message with those headers made of
// them, or with `from`, `to`, `cc` and `subject` where there are no headers. Problem 422 when the
// form holds nothing of this.
std::string mime_of_form(const serai::Request& request);

}  // namespace inbound
