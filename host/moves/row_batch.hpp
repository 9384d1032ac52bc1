// Rows, or keys, of one table on their way into items of a bounded size.
#pragma once

#include <cstddef>
#include <string>

#include "moves/row.hpp"
#include "moves/sealed_stream.hpp"

namespace host::moves {

// Used by one thread; what is referred to outlives it. The last flush() is the caller's.
class RowBatch {
 public:
  // Items {"is": `is`, "table": `table`, `what`: [...]}.
  RowBatch(SealedWriter& writer, const char* is, const char* what, const std::string& table)
      : writer_(writer), is_(is), what_(what), table_(table) {}

  void add(const Row& row, std::size_t bytes) {
    rows_.push_back(row);
    bytes_ += bytes;
    if (bytes_ >= kItemBytes) flush();
  }
  void flush() {
    if (rows_.empty()) return;
    writer_.write({{"is", is_}, {"table", table_}, {what_, std::move(rows_)}});
    rows_ = Item::array();
    bytes_ = 0;
  }

 private:
  static constexpr std::size_t kItemBytes = 1UL << 20;

  SealedWriter& writer_;
  const char *is_, *what_;
  const std::string& table_;
  Item rows_ = Item::array();
  std::size_t bytes_ = 0;
};

}  // namespace host::moves
