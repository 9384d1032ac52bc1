// An unnamed temporary file: O_TMPFILE where the file system has it, else made and unlinked at
// once.
#include "http/spooled_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace host::http {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int open_unnamed(const std::filesystem::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
    return descriptor;
  auto name = (directory / "serai-spool-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

SpooledFile::SpooledFile(const std::filesystem::path& directory)
    : descriptor_(
          open_unnamed(directory.empty() ? std::filesystem::temp_directory_path() : directory)) {
  if (descriptor_ < 0) fail("temporary file");
}

SpooledFile::~SpooledFile() { ::close(descriptor_); }

void SpooledFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write to temporary file");
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::size_t SpooledFile::read(std::uint64_t offset, char* buffer, std::size_t capacity) const {
  std::size_t filled = 0;
  while (filled < capacity) {
    const ssize_t got = ::pread(descriptor_, buffer + filled, capacity - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read from temporary file");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

std::string SpooledFile::read_all() const {
  std::string content(size_, '\0');
  content.resize(read(0, content.data(), content.size()));
  return content;
}

}  // namespace host::http
