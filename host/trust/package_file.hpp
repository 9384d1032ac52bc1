// Packages on disk: made from a folder or a single library, read, and put in place in one step.
// Links and special files are refused, never followed. All throw std::runtime_error, one sentence.
#pragma once

#include <filesystem>
#include <string>

namespace host::trust {

// The unsigned package of a folder (plugin.so and what belongs to it, every file below it) or of
// one .so file.
std::string pack(const std::filesystem::path& source);

// A regular file of at most kMaxPackage bytes.
std::string read_file(const std::filesystem::path& file);

// Written beside it, synced, renamed over it, the folder synced: a crash leaves the old or the new,
// and no reader ever sees a part.
void replace_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace host::trust
