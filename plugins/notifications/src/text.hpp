// Words of others made fit for a line in the app and for a mail's subject.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <serai/clock.hpp>

namespace notifications {

// Without control characters (each run of them is a blank; line feeds stay where `lines`), without
// blanks around, of at most `most` characters; a longer one ends in an ellipsis. `text` is UTF-8.
std::string tidy(std::string_view text, std::size_t most, bool lines = false);

// "just now", "5 minutes ago", "1 hour ago", "3 days ago", "2 weeks ago". `then` as
// serai::to_text() writes it.
std::string time_ago(std::string_view then, serai::Timestamp now);

}  // namespace notifications
