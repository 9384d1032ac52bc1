// What somebody wrote now, apart from what they quote and from their signature.
#pragma once

#include <string>
#include <string_view>

namespace inbound {

struct ReplyText {
  std::string text;
  std::string signature;  // from the closing or "-- " on
  std::string quoted;     // the mail that is answered, as far as it is there
};

// Plain text in, lines parted by '\n' or "\r\n". Knows the marks of the usual mail programs in
// eight languages. A mail that is nothing but a quotation (a bare forward) keeps it as its text.
ReplyText split_reply(std::string_view body);

}  // namespace inbound
