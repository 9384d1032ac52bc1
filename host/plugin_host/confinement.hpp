// What this process may still do, less with every step. After confine() there is no file to open,
// no network, no other process, no way to a privilege; after close_the_door() no new code either.
// A step that the kernel lacks is left out: the host has said so in its log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plugin_host {

// Closes what was inherited, bounds what may be used (`memory`: bytes of private memory), and
// becomes nobody where this was root. Before any thread exists.
void shed(std::uint64_t memory);

// Opens the system libraries that the plugin needs, by name, while files can still be opened.
// Empty, or what is missing. Names with a slash are refused: only the system's own folders count.
std::string open_libraries(const std::vector<std::string>& names);

// No files, no network, no signals to others; inherited by threads made from now on.
void forbid_files();

// The system-call filter for loading (all threads), and the one afterwards: it takes away what only
// the dynamic linker needs, opening and executable memory.
void filter_calls();
void close_the_door();

}  // namespace plugin_host
