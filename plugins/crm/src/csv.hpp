// CSV as RFC 4180 and spreadsheets write it, read piece by piece: quoted cells with separators and
// line breaks in them, any line ends, a byte order mark, commas or semicolons or tabs. Faults are
// told with their line and do not stop the reading. Our own because the readers that Debian has
// either want the whole file or lose count of lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace crm {

struct CsvRow {
  std::int64_t line = 0;  // the first of the row, from 1
  std::vector<std::string> cells;
  std::string fault;  // one sentence; empty: none
};

class CsvReader {
 public:
  explicit CsvReader(std::function<void(CsvRow&)> use) : use_(std::move(use)) {}

  // The next bytes; complete rows are handed on at once. Empty lines are passed over.
  void feed(std::string_view piece);
  // No more bytes come.
  void finish();

 private:
  enum class Where : std::uint8_t { start, plain, quoted, behind_quote };

  void take(char c);
  void end_cell();
  void end_row();
  void fault(const char* sentence);
  void begin();
  bool separates(char c) const { return c == separator_; }

  std::function<void(CsvRow&)> use_;
  std::string head_;  // the first line, until the separator is known
  bool begun_ = false, after_return_ = false;
  char separator_ = ',';
  Where where_ = Where::start;
  std::int64_t line_ = 1;
  std::string cell_;
  CsvRow row_;
};

// One line with its end. A cell that a spreadsheet would take for a formula gets an apostrophe in
// front, which unguarded() takes away again.
std::string csv_line(const std::vector<std::string>& cells);
std::string unguarded(std::string cell);

}  // namespace crm
