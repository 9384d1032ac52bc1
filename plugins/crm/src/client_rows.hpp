// Clients in CSV: which columns there are, and rows of a file as drafts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <serai/plugin.hpp>

#include "client.hpp"
#include "csv.hpp"
#include "draft.hpp"

namespace crm {

inline constexpr std::size_t kMostRows = 100'000;

// A file's columns: which of ours stands where. Problem 422 without e-mail address or name.
class Columns {
 public:
  explicit Columns(const CsvRow& head);
  const std::vector<std::string>& used() const { return used_; }
  const std::vector<std::string>& ignored() const { return ignored_; }
  // The row's cells under their names; an empty cell says nothing.
  Draft draft(const CsvRow& row) const;
  std::size_t count() const { return names_.size(); }

 private:
  std::vector<std::string> names_;  // by position; empty: ignored
  std::vector<std::string> used_, ignored_;
};

// Reads the blob row by row: `use` gets each row's draft, settled, with its faults.
struct ReadRow {
  std::int64_t line;
  Draft draft;
  std::vector<serai::FieldError> faults;  // "/line/17/email"
};
// Returns the columns; nothing for an empty file.
std::optional<Columns> read_rows(const serai::Call& call, std::string_view blob,
                                 const std::function<void(ReadRow&)>& use);

// The export's.
std::string export_head();
std::string export_line(const Client& client);

}  // namespace crm
