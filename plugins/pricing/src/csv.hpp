// CSV as spreadsheets write it (RFC 4180; comma, semicolon or tab), read piece by piece: never more
// in memory than one piece and one record. And the way back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pricing {

class CsvReader {
 public:
  // The next bytes, empty at the end; each view need only live until the next call.
  using Source = std::function<std::string_view()>;

  explicit CsvReader(Source source) : source_(std::move(source)) {}

  // The next record that is not an empty line; false at the end. The first one decides which of
  // ',', ';' and tab separates. Problem 422 for a quote that is never closed or has text behind it,
  // and for a record of more than 64 KiB.
  bool next(std::vector<std::string>& cells);

  // Where the record that next() gave begins, from 1.
  std::int64_t line() const { return line_; }

 private:
  int take();
  int peek();
  bool record(std::vector<std::string>& cells);
  void quoted(std::string& cell);
  char separator_of_first_line();

  Source source_;
  std::string_view piece_;
  std::string head_;  // the first line, while it is being looked at
  char separator_ = 0;
  std::int64_t here_ = 1, line_ = 1;
  std::size_t length_ = 0;
};

// Appends a record. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
void write_csv(std::string& out, const std::vector<std::string>& cells);

// Takes that apostrophe away again, and white space around.
std::string_view plain_cell(std::string_view cell);

}  // namespace pricing
