#include "plugins/memory_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plugins/load_error.hpp"

namespace host::plugins {

int make_memory_file(const std::string& name) {
  const int memory = ::memfd_create(name.substr(0, 200).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0)
    throw LoadError(name + ": the kernel refuses a memory file; raise the descriptor limit.");
  return memory;
}

void write_all(int to, const char* bytes, std::size_t size, const std::string& name) {
  while (size > 0) {
    const ssize_t put = ::write(to, bytes, size);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw LoadError(name + ": there is no memory for a copy of it; free some.");
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
}

std::size_t read_some(int from, char* to, std::size_t size, const std::string& name) {
  for (;;) {
    const ssize_t got = ::read(from, to, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR)
      throw LoadError(name + ": it cannot be read (" + std::strerror(errno) + ").");
  }
}

void seal(int memory, const std::string& name) {
  if (::fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
    throw LoadError(name + ": the kernel refuses to seal the copy of it.");
}

}  // namespace host::plugins
