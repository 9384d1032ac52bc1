// serai.blob/1: large immutable bytes, addressed by content. Writers and readers are streams that
// close themselves; references are text, meant to be kept in a table.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "serai/detail/context.hpp"

namespace serai {

// A blob being written; without commit() it never existed.
class BlobWriter {
 public:
  explicit BlobWriter(const detail::Context& context) : context_(context) {
    detail::check(context_, api()->create(context_.call, &handle_));
  }
  BlobWriter(BlobWriter&& other) noexcept
      : context_(other.context_), handle_(std::exchange(other.handle_, 0)) {}
  BlobWriter& operator=(BlobWriter&&) = delete;
  ~BlobWriter() {
    if (handle_ != 0) api()->close(context_.call, handle_);
  }

  // Appends.
  BlobWriter& write(std::string_view piece) {
    detail::check(context_, api()->write(context_.call, handle_, detail::to_str(piece)));
    return *this;
  }

  // Durable when it returns. The reference lives as long as the call.
  std::string_view commit() {
    serai_str reference{nullptr, 0};
    detail::check(context_, api()->commit(context_.call, handle_, &reference));
    return detail::to_view(reference);
  }

 private:
  const serai_blob_api* api() const noexcept { return context_.interfaces->blob; }

  detail::Context context_;
  serai_handle handle_ = 0;
};

// A blob being read, at any offset.
class BlobReader {
 public:
  BlobReader(const detail::Context& context, std::string_view reference) : context_(context) {
    detail::check(context_,
                  api()->open(context_.call, detail::to_str(reference), &handle_, &size_));
  }
  BlobReader(BlobReader&& other) noexcept
      : context_(other.context_),
        handle_(std::exchange(other.handle_, 0)),
        size_(other.size_),
        position_(other.position_) {}
  BlobReader& operator=(BlobReader&&) = delete;
  ~BlobReader() {
    if (handle_ != 0) api()->close(context_.call, handle_);
  }

  // Bytes in all.
  std::uint64_t size() const noexcept { return size_; }

  // At most `size` bytes (and at most 1 MiB) from `offset`; empty at the end. The view lives until
  // the next read of this reader.
  std::string_view read_at(std::uint64_t offset, std::uint64_t size) {
    serai_str piece{nullptr, 0};
    detail::check(context_, api()->read(context_.call, handle_, offset, size, &piece));
    return detail::to_view(piece);
  }

  // The next piece; empty at the end: while (!(piece = reader.read()).empty()) ...
  std::string_view read(std::uint64_t size = 256 * 1024) {
    const std::string_view piece = read_at(position_, size);
    position_ += piece.size();
    return piece;
  }

  // The whole of it; Problem 413 if it is larger than `limit` bytes.
  std::string read_all(std::uint64_t limit = 64 * 1024 * 1024) {
    if (size_ > limit) {
      throw Problem(413, "too_large", "The file is larger than can be handled here.");
    }
    std::string whole;
    whole.reserve(size_);
    while (whole.size() < size_) {
      const std::string_view piece =
          read_at(whole.size(), std::min<std::uint64_t>(size_ - whole.size(), 1024 * 1024));
      if (piece.empty()) break;
      whole += piece;
    }
    return whole;
  }

 private:
  const serai_blob_api* api() const noexcept { return context_.interfaces->blob; }

  detail::Context context_;
  serai_handle handle_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

class Blobs {
 public:
  explicit Blobs(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->blob, "blob")) {}

  // A new blob, and one that is there (Problem 404 otherwise).
  BlobWriter create() const { return BlobWriter(context_); }
  BlobReader open(std::string_view reference) const { return {context_, reference}; }

  // All at once; the reference lives as long as the call.
  std::string_view put(std::string_view bytes) const {
    BlobWriter writer = create();
    writer.write(bytes);
    return writer.commit();
  }
  std::string read_all(std::string_view reference, std::uint64_t limit = 64 * 1024 * 1024) const {
    return open(reference).read_all(limit);
  }

  // Keeps an uploaded part's blob beyond the call.
  void keep(std::string_view reference) const {
    detail::check(context_, api_->keep(context_.call, detail::to_str(reference)));
  }
  void remove(std::string_view reference) const {
    detail::check(context_, api_->remove(context_.call, detail::to_str(reference)));
  }

 private:
  detail::Context context_;
  const serai_blob_api* api_;
};

}  // namespace serai
