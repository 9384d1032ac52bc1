#include "plugins/package_stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "plugins/memory_file.hpp"

namespace host::plugins {

PackageStream::PackageStream(int from, std::uint64_t size, int code, std::string name)
    : from_(from),
      code_(code),
      unread_(size),
      name_(std::move(name)),
      buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {}

// More bytes behind those that are there; false at the end. A file that became shorter ends.
bool PackageStream::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(kBuffer - end_, unread_));
  const std::size_t got = read_some(from_, buffer_.get() + end_, room, name_);
  end_ += got;
  unread_ = got == 0 ? 0 : unread_ - got;
  return got > 0;
}

std::string_view PackageStream::peek(std::size_t most) {
  while (end_ - begin_ < most && fill()) {
  }
  return buffered().substr(0, most);
}

void PackageStream::skip(std::size_t size) { begin_ += size; }

bool PackageStream::take(std::string_view path, std::uint64_t size, std::string_view& bytes) {
  if (size > end_ - begin_ + unread_) return false;
  const bool code = path == trust::kCode;
  std::string kept;
  if (!code) kept.reserve(size);
  while (size > 0) {
    if (begin_ == end_ && !fill()) return false;
    const auto piece = buffered().substr(0, std::min<std::uint64_t>(size, kBuffer));
    if (code)
      write_all(code_, piece.data(), piece.size(), name_);
    else
      kept += piece;
    begin_ += piece.size();
    size -= piece.size();
  }
  bytes = code ? std::string_view() : kept_.emplace_back(std::move(kept));
  return true;
}

}  // namespace host::plugins
