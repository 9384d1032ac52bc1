// A mail on its way in, and what became of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mail_in/address.hpp"

namespace host::mail_in {

struct Mail {
  std::string sender;  // of the envelope; empty: a delivery report
  std::vector<Address> recipients;
  std::string via;    // "lmtp", "smtp", "webhook"
  std::string bytes;  // the message as it came (RFC 5322), or a provider's form
  std::string content_type =
      "message/rfc822";  // of `bytes`: else multipart/form-data with boundary
};

// What is said of a recipient before the message comes.
enum class Verdict : std::uint8_t {
  accept,
  not_ours,  // neither our domain nor a known address: we relay nothing
  unknown,   // our domain, nobody's
  later,     // not now: its tenant is suspended, or something of ours is down
};

// What became of a message for one recipient.
enum class Outcome : std::uint8_t {
  stored,  // durable, at its tenant or in the platform's inbox; also: it had been before
  later,   // nothing is lost if it comes again
  full,    // the inbox takes no more for now
  refused,
  too_large,
};

}  // namespace host::mail_in
