// What is said in an IMAP session after the login (RFC 3501), as far as reading needs it. Bytes go
// through two functions: no socket here. libcurl's own IMAP is not used for it: what it sends marks
// messages as seen, and what it reads by a command of ours ends at the first literal. Private to
// outbound_imap.cpp and its tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace host::plugins {

// The other side does not keep to IMAP, or says more than was asked; what() is one sentence.
struct ImapFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The name as IMAP wants it: modified UTF-7 (RFC 3501, 5.1.3), quoted. Throws std::invalid_argument
// for what is no UTF-8 or has control characters.
std::string imap_mailbox_name(std::string_view utf8);

class ImapDialogue {
 public:
  using Send = std::function<void(std::string_view)>;
  // Waits for bytes; at least one. Throws when there will be none.
  using Receive = std::function<std::size_t(char* to, std::size_t size)>;

  ImapDialogue(Send send, Receive receive);

  struct Mailbox {
    std::uint32_t uid_validity = 0, uid_next = 0;  // 0: not said
  };
  // Opens it for reading alone. False: refused, with words().
  bool examine(std::string_view quoted_name, Mailbox& mailbox);
  // By rising UID. Throws ImapFault above some million of them.
  std::vector<std::uint32_t> uids_above(std::uint32_t uid);
  // RFC822.SIZE of those that are still there.
  std::map<std::uint32_t, std::uint64_t> sizes(const std::vector<std::uint32_t>& uids);

  struct Fetched {
    enum class State { whole, too_large, withheld, gone } state = State::gone;
    std::string content;
  };
  // All asked at once, each given to `take` in the order of `uids` as soon as it is complete. Ends
  // after one whose literal is larger than `max_bytes`: the session is of no use then. Throws
  // ImapFault when all together are larger than `max_total`.
  void fetch(const std::vector<std::uint32_t>& uids, std::uint64_t max_bytes,
             std::uint64_t max_total, const std::function<void(std::uint32_t uid, Fetched)>& take);

  // Of the last refusal, or of a server that takes its leave.
  const std::string& words() const { return words_; }

 private:
  struct Response {
    std::string line;                   // a literal stands in it as {size}
    std::vector<std::string> literals;  // in their order
  };
  struct TooLarge : ImapFault {
    using ImapFault::ImapFault;
  };

  std::string send_command(const std::string& text);  // its tag
  // Until the command's end; true: OK. `heard` gets what is untagged.
  bool finish(const std::string& tag, const std::function<void(Response&)>& heard);
  bool is_end(const Response& response, const std::string& tag, bool& ok);
  Response read_response();
  std::string read_line();
  void read_literal(std::uint64_t size, std::string& to);
  void more();
  void spend(std::uint64_t bytes);

  Send send_;
  Receive receive_;
  std::string buffer_;
  std::size_t at_ = 0;  // of buffer_: what is before was read
  std::uint64_t budget_ = 0, largest_literal_ = 0;
  std::uint32_t commands_ = 0;
  std::string words_;
};

}  // namespace host::plugins
