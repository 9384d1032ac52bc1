// The text of an HTML mail, as its reader sees it.
#pragma once

#include <string>
#include <string_view>

namespace inbound {

// `html` is UTF-8 whatever it says itself. Blocks become lines, cells of a table are parted by
// " | ", quoted replies that the mail program marked as such are left out. Fetches nothing. Pages
// beyond 4 MiB are cut there; text beyond 1 MiB is left out.
std::string html_to_text(std::string_view html);

}  // namespace inbound
