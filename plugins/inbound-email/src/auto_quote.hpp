// The quote that an enquiry gets without anybody asking for it, where the tenant wants that.
#pragma once

#include <optional>
#include <string>

#include <serai/plugin.hpp>

#include "message/message.hpp"
#include "readiness.hpp"

namespace inbound {

struct QuotedMail {
  const Enquiry& enquiry;
  const Message& message;
  const std::string& text;  // what was written now
  const std::string& ticket_id;
  const std::string& mail_id;
};

struct Quoted {
  serai::Json metadata;  // of the ticket: {mode, status, quote_number, total, reason, ...}
  std::optional<std::string> quote_id;
  std::string quote_number;
  bool sent = false;
};

// In the caller's transaction; nothing when the tenant wants none or the mail is no enquiry of a
// person. A quote that cannot be made is a status and a reason. Throws what ask() throws.
std::optional<Quoted> auto_quote(const serai::Job& job, const QuotedMail& mail,
                                 const Readiness& readiness);

}  // namespace inbound
