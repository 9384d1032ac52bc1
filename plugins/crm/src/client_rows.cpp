// See client_rows.hpp.
#include "client_rows.hpp"

#include <algorithm>
#include <array>

#include "money.hpp"
#include "text.hpp"

namespace crm {
namespace {

constexpr std::array<std::string_view, 8> kTaken = {
    "email", "name", "phone", "source", "pipeline_stage", "destination", "consultant_id", "notes"};

// "E-Mail Address" -> "email".
std::string column_name(std::string_view head) {
  std::string name;
  for (const auto& word : words(head)) name += (name.empty() ? "" : "_") + word;
  static const std::unordered_map<std::string, std::string> others = {
      {"e_mail", "email"},         {"email_address", "email"},
      {"e_mail_address", "email"}, {"full_name", "name"},
      {"client_name", "name"},     {"stage", "pipeline_stage"},
      {"phone_number", "phone"},   {"telephone", "phone"},
      {"mobile", "phone"},         {"consultant", "consultant_id"}};
  const auto found = others.find(name);
  return found == others.end() ? name : found->second;
}

bool valid_utf8(const std::string& text) {
  try {
    (void)serai::Json(text).dump();
    return true;
  } catch (const serai::Json::exception&) {
    return false;
  }
}

void check_shape(const CsvRow& row, const Columns& columns,
                 std::vector<serai::FieldError>& faults) {
  const std::string pointer = "/line/" + std::to_string(row.line);
  if (!row.fault.empty()) faults.push_back({pointer, row.fault});
  if (row.cells.size() != columns.count()) {
    faults.push_back({pointer, "The row has " + std::to_string(row.cells.size()) +
                                   " cells; the first line has " + std::to_string(columns.count()) +
                                   "."});
  }
  if (!std::all_of(row.cells.begin(), row.cells.end(), valid_utf8))
    faults.push_back({pointer, "The row is not UTF-8."});
}

}  // namespace

Columns::Columns(const CsvRow& head) {
  if (!head.fault.empty()) throw serai::invalid_field("/line/1", head.fault);
  for (const auto& cell : head.cells) {
    const std::string name = column_name(cell);
    const bool taken = std::find(kTaken.begin(), kTaken.end(), name) != kTaken.end();
    if (!taken) {
      names_.emplace_back();
      ignored_.push_back(tidy(cell));
      continue;
    }
    if (std::find(names_.begin(), names_.end(), name) != names_.end())
      throw serai::invalid_field("/line/1", "Two columns are called " + name + ".");
    names_.push_back(name);
    used_.push_back(name);
  }
  for (const char* needed : {"email", "name"}) {
    if (std::find(used_.begin(), used_.end(), needed) == used_.end()) {
      throw serai::invalid_field(
          "/line/1", std::string("The first line must name the columns; there is none called ") +
                         needed + ".");
    }
  }
}

Draft Columns::draft(const CsvRow& row) const {
  serai::Json object = serai::Json::object();
  for (std::size_t i = 0; i < std::min(names_.size(), row.cells.size()); ++i) {
    const std::string cell = unguarded(row.cells[i]);
    if (!names_[i].empty() && !cell.empty()) object[names_[i]] = cell;
  }
  return draft_of(object);
}

std::optional<Columns> read_rows(const serai::Call& call, std::string_view blob,
                                 const std::function<void(ReadRow&)>& use) {
  std::optional<Columns> columns;
  CsvReader reader([&](CsvRow& row) {
    if (!columns) {
      columns.emplace(row);
      return;
    }
    ReadRow read{row.line, {}, {}};
    check_shape(row, *columns, read.faults);
    if (read.faults.empty()) {
      read.draft = columns->draft(row);
      read.faults = settle(read.draft, true);
      for (auto& fault : read.faults)
        fault.pointer = "/line/" + std::to_string(row.line) + fault.pointer;
    }
    use(read);
  });
  auto bytes = call.blobs().open(blob);
  for (auto piece = bytes.read(); !piece.empty(); piece = bytes.read()) reader.feed(piece);
  reader.finish();
  return columns;
}

std::string export_head() {
  return csv_line({"client_id", "email", "name", "phone", "pipeline_stage", "value", "currency",
                   "destination", "source", "consultant_id", "notes", "quote_count",
                   "last_activity", "created_at"});
}

std::string export_line(const Client& client) {
  return csv_line({client.client_id, client.email, client.name, client.phone.value_or(""),
                   client.stage, decimal(client.value, client.currency), client.currency,
                   client.destination.value_or(""), client.source,
                   client.consultant_id.value_or(""), client.notes.value_or(""),
                   std::to_string(client.quote_count), client.last_activity_at.value_or(""),
                   client.created_at});
}

}  // namespace crm
