// The bytes behind a Rows object, filled by a database backend row by row. Private to the storage
// room.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "storage/sql.hpp"

namespace host::storage {

struct Rows::Data {
  std::vector<std::string> columns;
  std::vector<Value> cells;
  std::size_t rows = 0;
  std::size_t bytes = 0;  // copied into the arena

  std::string_view keep(std::string_view text) {
    return {static_cast<const char*>(copy(text.data(), text.size())), text.size()};
  }
  Bytes keep(Bytes blob) {
    return {static_cast<const std::byte*>(copy(blob.data(), blob.size())), blob.size()};
  }

 private:
  const void* copy(const void* from, std::size_t size) {
    static constexpr std::size_t kChunk = 16 * 1024;
    bytes += size;
    if (size == 0) return "";
    if (size > kChunk / 4) {
      large_.push_back(std::make_unique_for_overwrite<char[]>(size));
      std::memcpy(large_.back().get(), from, size);
      return large_.back().get();
    }
    if (chunks_.empty() || used_ + size > kChunk) {
      chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunk));
      used_ = 0;
    }
    char* to = chunks_.back().get() + used_;
    std::memcpy(to, from, size);
    used_ += size;
    return to;
  }

  std::vector<std::unique_ptr<char[]>> chunks_, large_;
  std::size_t used_ = 0;
};

}  // namespace host::storage
