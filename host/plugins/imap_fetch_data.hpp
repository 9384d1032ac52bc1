// One message's part of what FETCH answers. Pure. Private to imap_dialogue.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host::plugins {

struct ImapFetchData {
  std::optional<std::uint32_t> uid;
  std::optional<std::uint64_t> size;  // RFC822.SIZE
  std::optional<std::string> body;    // BODY[]
};

// `line`: "* 3 FETCH (UID 7 BODY[] {12} FLAGS (\Seen))" with its literals aside, which are moved
// from. Nothing if it is another response; ImapFault if it is malformed.
std::optional<ImapFetchData> read_fetch_data(std::string_view line,
                                             std::vector<std::string>& literals);

}  // namespace host::plugins
