// See csv.hpp.
#include "csv.hpp"

#include <algorithm>
#include <utility>

namespace crm {
namespace {

constexpr std::size_t kLongestCell = 64 * 1024;  // bytes
constexpr std::size_t kMostCells = 200;
constexpr std::size_t kLongestHead = 64 * 1024;

// What stands between the names of the first line most often.
char separator_of(std::string_view head) {
  char best = ',';
  for (const char c : {';', '\t'}) {
    if (std::count(head.begin(), head.end(), c) > std::count(head.begin(), head.end(), best))
      best = c;
  }
  return best;
}

// "+27 82 555 0101" and "-5" are no formulas.
bool number_like(std::string_view cell) {
  return cell.find_first_not_of("0123456789 +-()/.") == std::string_view::npos;
}

bool formula_like(std::string_view cell) {
  return !cell.empty() &&
         std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos &&
         !number_like(cell);
}

}  // namespace

void CsvReader::feed(std::string_view piece) {
  if (!begun_) {
    head_ += piece;
    if (head_.find_first_of("\r\n") == std::string::npos && head_.size() < kLongestHead) return;
    return begin();
  }
  for (const char c : piece) take(c);
}

void CsvReader::begin() {
  begun_ = true;
  const std::string head = std::exchange(head_, {});
  std::string_view text = head;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  separator_ = separator_of(text.substr(0, text.find_first_of("\r\n")));
  for (const char c : text) take(c);
}

void CsvReader::finish() {
  if (!begun_) begin();
  if (where_ == Where::quoted) fault("A quotation mark is not closed.");
  if (!row_.cells.empty() || !cell_.empty() || where_ != Where::start) end_row();
}

void CsvReader::take(char c) {
  if (row_.line == 0) row_.line = line_;
  const bool end = c == '\n' || c == '\r';
  const bool second_half = c == '\n' && after_return_;  // of "\r\n"
  after_return_ = c == '\r';
  if (end && !second_half) ++line_;
  if (where_ == Where::quoted) {
    if (c == '"') {
      where_ = Where::behind_quote;
    } else {
      if (cell_.size() < kLongestCell) cell_ += c;
    }
    return;
  }
  if (second_half) return;
  if (end) return end_row();
  if (separates(c)) return end_cell();
  if (c == '"' && where_ == Where::start) {
    where_ = Where::quoted;
  } else if (c == '"' && where_ == Where::behind_quote) {
    cell_ += c;
    where_ = Where::quoted;
  } else {
    if (where_ == Where::behind_quote)
      fault("Behind a closing quotation mark stands something.");
    else
      where_ = Where::plain;
    if (cell_.size() < kLongestCell) cell_ += c;
  }
}

void CsvReader::end_cell() {
  if (cell_.size() >= kLongestCell) fault("A cell is longer than 64 KiB.");
  if (row_.cells.size() < kMostCells)
    row_.cells.push_back(std::move(cell_));
  else
    fault("The row has more than 200 cells.");
  cell_.clear();
  where_ = Where::start;
}

void CsvReader::end_row() {
  const bool empty = row_.cells.empty() && cell_.empty() && where_ == Where::start;
  end_cell();
  if (!empty) use_(row_);
  row_ = {};
}

void CsvReader::fault(const char* sentence) {
  if (row_.fault.empty()) row_.fault = sentence;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    const std::string text = (formula_like(cell) ? "'" : "") + cell;
    if (text.find_first_of(",\"\r\n;\t") == std::string::npos) {
      line += text;
      continue;
    }
    line += '"';
    for (const char c : text) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + "\r\n";
}

std::string unguarded(std::string cell) {
  if (cell.size() > 1 && cell.front() == '\'' && formula_like(std::string_view(cell).substr(1)))
    cell.erase(0, 1);
  return cell;
}

}  // namespace crm
