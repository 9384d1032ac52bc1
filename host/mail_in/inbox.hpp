// The platform's inbox: mail at its own domains that is nobody's, kept until its administrator
// gives it to a tenant or removes it. Bounded in number and bytes; when full it takes no more, so
// that what was acknowledged stays. The same mail twice is one. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail_in/mail.hpp"
#include "storage/store.hpp"

namespace host::mail_in {

struct InboxLimits {
  std::uint64_t messages = 1000, bytes = 512 << 20;
};

class Inbox {
 public:
  // After the tables are registered.
  Inbox(storage::Store& store, const InboxLimits& limits) : store_(store), limits_(limits) {}

  struct Entry {
    std::string id, sender, subject, via, content_type, received_at;
    std::vector<std::string> recipients;
    std::int64_t size = 0;
  };
  struct Use {
    std::int64_t messages = 0, bytes = 0;
  };

  // False: there is no room. Several nodes at once may each put one more in.
  // `recipients`: those of the mail's that are nobody's.
  bool keep(const Mail& mail, const std::vector<Address>& recipients);
  Use use() const;
  // For a mail of so many bytes.
  bool has_room(std::uint64_t bytes) const;
  // Newest first; those before `before` (an id), if there is one.
  std::vector<Entry> list(std::string_view before, std::size_t limit) const;
  std::optional<Entry> find(std::string_view id) const;
  // With its bytes.
  std::optional<Mail> open(std::string_view id) const;
  bool remove(std::string_view id);

 private:
  storage::Store& store_;
  const InboxLimits limits_;
};

}  // namespace host::mail_in
