// Stands in front of the C library's file calls in this executable, so that the blobs' own writes,
// syncs and renames can fail on demand. SQLite, a shared library with calls of its own through
// pointers, is failed by its VFS instead.
#include <cerrno>
#include <cstdio>

#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include "faults/storage/failures.hpp"

namespace host::faults {

Failures& file_failures() {
  static Failures failures;
  return failures;
}

Syncs& log_syncs() {
  static Syncs syncs;
  return syncs;
}

namespace {

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool strike(int error) {
  if (!file_failures().strike()) return false;
  errno = error;
  return true;
}

}  // namespace
}  // namespace host::faults

extern "C" {

ssize_t write(int file, const void* from, size_t size) {
  static const auto below = host::faults::next<ssize_t (*)(int, const void*, size_t)>("write");
  if (size > 0 && host::faults::strike(ENOSPC)) return -1;
  return below(file, from, size);
}

int fsync(int file) {
  static const auto below = host::faults::next<int (*)(int)>("fsync");
  if (host::faults::strike(EIO)) return -1;
  return below(file);
}

int fdatasync(int file) {
  static const auto below = host::faults::next<int (*)(int)>("fdatasync");
  if (host::faults::strike(EIO)) return -1;
  host::faults::log_syncs().pass();
  return below(file);
}

int ftruncate(int file, off_t size) noexcept {
  static const auto below = host::faults::next<int (*)(int, off_t)>("ftruncate");
  if (host::faults::strike(EIO)) return -1;
  return below(file, size);
}

int rename(const char* from, const char* to) noexcept {
  static const auto below = host::faults::next<int (*)(const char*, const char*)>("rename");
  if (host::faults::strike(EIO)) return -1;
  return below(from, to);
}

}  // extern "C"
