// Memory files (memfd) that are written once and then sealed: nobody can change them any more.
// `name` is the plugin's, for messages. Any thread. Errors: LoadError.
#pragma once

#include <cstddef>
#include <string>

namespace host::plugins {

// Empty, open for writing; the caller's to close.
int make_memory_file(const std::string& name);
void write_all(int to, const char* bytes, std::size_t size, const std::string& name);
// At most `size` bytes; 0 at the end.
std::size_t read_some(int from, char* to, std::size_t size, const std::string& name);
void seal(int memory, const std::string& name);

}  // namespace host::plugins
