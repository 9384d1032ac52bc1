// What this process may still do, less with every step. After forbid_files() there is no file to
// open but, for a plugin that is linked with fontconfig, the system's fonts; no network, no other
// process, no way to a privilege; after close_the_door() no new code either. A step that the kernel
// lacks is left out: the host has said so in its log.
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

// Which files the plugin may still read when it runs.
enum class Files { none, fonts };

// Fonts, if fontconfig is among the libraries: it is of no use without them, and they are the same
// for everybody.
Files files_for(const std::vector<std::string>& libraries);

// No files but those, no network, no signals to others; inherited by threads made from now on.
// Gives what may be read: nothing where the kernel cannot tell fonts from other files.
Files forbid_files(Files wanted);

// The system-call filter for loading (all threads), and the one afterwards: it takes away what only
// the dynamic linker needs, opening (for writing, where fonts are read) and executable memory.
void filter_calls(Files files);
void close_the_door(Files files);

}  // namespace plugin_host
