// A package read from its file piece by piece: plugin.so goes straight into a memory file, the
// others are kept. To hold it whole first would cost a copy, and a page fault for each page. One
// thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "trust/package.hpp"

namespace host::plugins {

class PackageStream final : public trust::PackageSource {
 public:
  // Reads `size` bytes of `from`, from where it stands; writes plugin.so to `code`. Both stay the
  // caller's. `name` is for messages.
  PackageStream(int from, std::uint64_t size, int code, std::string name);

  std::string_view peek(std::size_t most) override;
  // Throws LoadError if the file cannot be read or there is no memory for the code.
  bool take(std::string_view path, std::uint64_t size, std::string_view& bytes) override;
  void skip(std::size_t size) override;

 private:
  static constexpr std::size_t kBuffer = 64 << 10;

  bool fill();
  std::string_view buffered() const { return {buffer_.get() + begin_, end_ - begin_}; }

  int from_, code_;
  std::uint64_t unread_;  // of the file
  std::string name_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what of it was not taken yet
  std::deque<std::string> kept_;
};

}  // namespace host::plugins
