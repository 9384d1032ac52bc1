// Small durable steps on files and folders, shared by the SQLite store and the blobs.
#pragma once

#include <filesystem>
#include <string>

namespace host::storage {

// A tenant id that may become a folder's name: [a-z0-9_-]{3,50}. Throws Problem(403) for anything
// else, above all for the empty one of a platform token.
const std::string& folder_name(const std::string& tenant);

// mkdir with mode 0700, parents included, and fsync of every folder that got an entry.
void make_private_folder(const std::filesystem::path& folder);
// An empty file with mode 0600; an existing one is left alone.
void make_private_file(const std::filesystem::path& file);
// Throws std::system_error.
void sync_folder(const std::filesystem::path& folder);
void sync_file(const std::filesystem::path& file);

}  // namespace host::storage
