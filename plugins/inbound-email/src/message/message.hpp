// A mail as it arrived, taken apart: everything in it is valid UTF-8 without control characters,
// headers are one line.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace inbound {

struct Address {
  std::string name;
  std::string email;  // lower case; may be empty or nonsense, as the sender wrote it
};

struct Attachment {
  std::string name;      // never a path
  std::string declared;  // media type the sender named
  std::string type;      // media type by the bytes: trust this one
  std::string content_id;
  std::string content;  // decoded bytes
  bool is_inline = false;
};

enum class Origin : std::uint8_t { person, auto_reply, bounce, bulk };
std::string_view name_of(Origin origin);

// What a delivery report says (RFC 3464).
struct Bounce {
  std::string recipient;
  std::string action;  // "failed", "delayed", ...
  std::string status;  // "5.1.1"
};

struct Message {
  std::string message_id;  // without < >; empty if missing
  std::string in_reply_to;
  std::vector<std::string> references;
  Address from;
  Address reply_to;  // that of From when missing
  std::vector<Address> to;
  std::vector<Address> cc;
  std::string subject;
  std::optional<std::int64_t> date;  // seconds since 1970, as the sender says
  std::string text;                  // the plain text, or that of the HTML
  std::string html;                  // as it came; hostile: never show it unconfined
  std::vector<Attachment> attachments;
  Origin origin = Origin::person;
  std::optional<Bounce> bounce;
  std::string returned_id;  // Message-ID of the mail that a bounce gives back; may be empty
  int hops = 0;             // servers it came through; a loop has many
};

// The message is refused: `reason` is one sentence for people, and it will not get better by
// trying again.
class PoisonMessage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct MessageLimits {
  std::size_t message = 30U << 20;  // bytes
  std::size_t header_block = 256U << 10;
  std::size_t header = 32U << 10;
  std::size_t address_colons = 100;  // more overflow the stack of the address parser
  std::size_t parts = 1000;
  int depth = 50;
  std::size_t text = 1U << 20;
};

// `raw`: RFC 5322. Any thread. Throws PoisonMessage.
Message parse_message(std::string_view raw, const MessageLimits& limits = {});

}  // namespace inbound
