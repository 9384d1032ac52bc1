// SpooledFile: bytes too many for memory, in a temporary file without a name, so that nothing is
// left behind whatever happens to the process. Not a cache and not durable. Written by one thread
// (the connection's, or a part's receiver), then read by any number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace host::http {

class SpooledFile {
 public:
  // Throws std::system_error when the directory does not take a file. Empty: the system's own
  // directory for temporary files.
  explicit SpooledFile(const std::filesystem::path& directory = {});
  // A file that is already open, for reading only; takes over the descriptor.
  SpooledFile(int descriptor, std::uint64_t size) noexcept : descriptor_(descriptor), size_(size) {}
  ~SpooledFile();
  SpooledFile(const SpooledFile&) = delete;
  SpooledFile& operator=(const SpooledFile&) = delete;

  // Throws std::system_error when the disk is full.
  void append(std::string_view bytes);
  std::uint64_t size() const noexcept { return size_; }
  // Up to `capacity` bytes from `offset`; returns how many, 0 at the end. Throws std::system_error.
  std::size_t read(std::uint64_t offset, char* buffer, std::size_t capacity) const;
  // The whole content; for callers that know it is small enough.
  std::string read_all() const;
  // Borrowed; its file position means nothing (use pread or sendfile with an offset).
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace host::http
