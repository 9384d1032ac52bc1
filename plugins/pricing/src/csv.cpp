// See the header.
#include "csv.hpp"

#include <algorithm>

#include <serai/problem.hpp>

namespace pricing {
namespace {

constexpr std::size_t kLongestRecord = 64 * 1024;
constexpr int kEnd = -1;
constexpr std::string_view kFormulas = "=+-@";

[[noreturn]] void fail(std::int64_t line, const std::string& why) {
  const std::string place = std::to_string(line);
  throw serai::Problem(422, "bad_csv", "Line " + place + " " + why + ".",
                       {{"/file/" + place, "This line " + why + "."}});
}

}  // namespace

int CsvReader::peek() {
  if (piece_.empty()) piece_ = source_();
  return piece_.empty() ? kEnd : static_cast<unsigned char>(piece_.front());
}

int CsvReader::take() {
  const int c = peek();
  if (c == kEnd) return c;
  piece_.remove_prefix(1);
  if (++length_ > kLongestRecord) fail(line_, "is longer than 64 KiB");
  if (c == '\n') ++here_;
  return c;
}

char CsvReader::separator_of_first_line() {
  while (head_.size() < kLongestRecord && head_.find('\n') == std::string::npos && peek() != kEnd) {
    head_ += piece_;
    piece_ = {};
  }
  std::string_view text = head_;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  piece_ = text;
  text = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char candidate : {';', '\t'})
    if (std::count(text.begin(), text.end(), candidate) >
        std::count(text.begin(), text.end(), best))
      best = candidate;
  return best;
}

bool CsvReader::next(std::vector<std::string>& cells) {
  if (separator_ == 0) separator_ = separator_of_first_line();
  while (peek() != kEnd) {
    line_ = here_;
    length_ = 0;
    if (record(cells)) return true;
  }
  return false;
}

void CsvReader::quoted(std::string& cell) {
  for (;;) {
    const int c = take();
    if (c == kEnd) fail(line_, "has a quote that is never closed");
    if (c != '"') {
      cell += static_cast<char>(c);
    } else if (peek() == '"') {
      cell += static_cast<char>(take());
    } else {
      const int behind = peek();
      if (behind != separator_ && behind != '\n' && behind != '\r' && behind != kEnd)
        fail(line_, "has text behind a closing quote");
      return;
    }
  }
}

bool CsvReader::record(std::vector<std::string>& cells) {
  cells.assign(1, {});
  bool empty = true, begins = true;
  for (int c = take(); c != kEnd && c != '\n'; c = take()) {
    if (c == '\r' && (peek() == '\n' || peek() == kEnd)) continue;
    empty = false;
    if (c == separator_) {
      cells.emplace_back();
      begins = true;
      continue;
    }
    if (c == '"' && begins)
      quoted(cells.back());
    else
      cells.back() += static_cast<char>(c);
    begins = false;
  }
  return !empty;
}

void write_csv(std::string& out, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    const std::string& cell = cells[i];
    const bool formula = !cell.empty() && kFormulas.find(cell.front()) != std::string_view::npos;
    if (!formula && cell.find_first_of(",;\t\"\r\n") == std::string::npos) {
      out += cell;
      continue;
    }
    out += formula ? "\"'" : "\"";
    for (const char c : cell) {
      out += c;
      if (c == '"') out += '"';
    }
    out += '"';
  }
  out += "\r\n";
}

std::string_view plain_cell(std::string_view cell) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = std::min(cell.find_first_not_of(kSpace), cell.size());
  cell.remove_prefix(begin);
  cell = cell.substr(0, cell.find_last_not_of(kSpace) + 1);
  if (cell.size() > 1 && cell.front() == '\'' && kFormulas.find(cell[1]) != std::string_view::npos)
    cell.remove_prefix(1);
  return cell;
}

}  // namespace pricing
