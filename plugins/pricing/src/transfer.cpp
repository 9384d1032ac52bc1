// See the header.
#include "transfer.hpp"

#include <algorithm>
#include <unordered_map>

#include "csv.hpp"
#include "rate.hpp"
#include "rate_store.hpp"

namespace pricing {
namespace {

constexpr std::size_t kShownFaults = 50;
constexpr std::int64_t kMostRows = 200'000;
constexpr std::size_t kBatch = 500;
constexpr std::int64_t kPage = 2'000;

// What the first line says: for each column the field it holds, if any.
struct Columns {
  std::vector<std::optional<std::size_t>> fields;
  serai::Json report;  // {read, ignored, absent}
};

std::string column_name(std::string_view cell) {
  std::string name(plain_cell(cell));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ' || c == '-') c = '_';
  }
  return name;
}

[[noreturn]] void refuse(const std::string& code, const std::string& detail,
                         std::vector<serai::FieldError> errors = {}) {
  throw serai::Problem(422, code, detail, std::move(errors));
}

Columns read_columns(const std::vector<std::string>& head) {
  Columns columns{{}, {{"read", serai::Json::array()}, {"ignored", serai::Json::array()}}};
  std::vector<bool> seen(kFields.size());
  std::vector<serai::FieldError> errors;
  for (const std::string& cell : head) {
    const std::string name = column_name(cell);
    const auto field = field_index(name);
    columns.fields.push_back(field);
    columns.report[field ? "read" : "ignored"].push_back(name);
    if (field && seen[*field]) errors.push_back({"/file/1/" + name, "This column stands twice."});
    if (field) seen[*field] = true;
  }
  columns.report["absent"] = serai::Json::array();
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if (seen[i]) continue;
    const std::string name(kFields[i].name);
    columns.report["absent"].push_back(name);
    if (kFields[i].required) errors.push_back({"/file/1/" + name, "This column is required."});
  }
  if (!errors.empty())
    refuse("bad_columns", "The first line does not name the columns that a rate table needs.",
           std::move(errors));
  return columns;
}

// The file's rates, one by one, from its beginning.
class RateFile {
 public:
  RateFile(const serai::Call& call, std::string_view blob, std::string currency)
      : reader_(call.blobs().open(blob)),
        csv_([this] { return reader_.read(); }),
        currency_(std::move(currency)) {
    std::vector<std::string> head;
    if (!csv_.next(head)) refuse("empty_file", "The file is empty.");
    columns_ = read_columns(head);
  }

  const serai::Json& columns() const { return columns_.report; }
  std::int64_t line() const { return csv_.line(); }

  // False at the end. What is wrong with the row is added to `faults`.
  bool next(Rate& rate, std::vector<Fault>& faults) {
    if (!csv_.next(cells_)) return false;
    RateTexts texts;
    for (std::size_t i = 0; i < cells_.size() && i < columns_.fields.size(); ++i)
      if (columns_.fields[i]) texts[*columns_.fields[i]] = plain_cell(cells_[i]);
    if (cells_.size() > columns_.fields.size())
      faults.push_back({"", "has more cells than the first line"});
    rate = parse_rate(texts, currency_, faults);
    return true;
  }

 private:
  serai::BlobReader reader_;
  CsvReader csv_;
  std::string currency_;
  Columns columns_;
  std::vector<std::string> cells_;
};

// What makes two rows the same rate; as the unique index of the table, but for letters beyond
// ASCII.
std::string key_of(const Rate& rate) {
  const RateTexts texts = to_texts(rate);
  std::string key;
  for (const std::string_view field : {"hotel_name", "destination", "room_type", "meal_plan",
                                       "check_in_date", "check_out_date", "nights", "currency"}) {
    const bool folded = field == "hotel_name" || field == "destination";
    for (const char c : texts[*field_index(field)])
      key += folded && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    key += '\n';
  }
  return key;
}

struct Checked {
  std::int64_t rows = 0;
  bool foreign_currency = false;
  serai::Json columns;
};

// The first look. Problem 422 rows_refused with each fault's line and reason, the first fifty.
Checked check(RateFile file, const std::string& currency) {
  Checked checked;
  checked.columns = file.columns();
  std::unordered_map<std::string, std::int64_t> lines;
  std::vector<serai::FieldError> errors;
  std::int64_t bad_rows = 0;
  Rate rate;
  std::vector<Fault> faults;
  for (; file.next(rate, faults); faults.clear()) {
    const std::string line = std::to_string(file.line());
    if (++checked.rows > kMostRows)
      refuse("too_many_rows", "A file may have 200,000 rows at most; split it.");
    if (faults.empty()) {
      const auto [first, is_new] = lines.emplace(key_of(rate), file.line());
      if (!is_new)
        faults.push_back({"", "is the same rate as line " + std::to_string(first->second)});
    }
    checked.foreign_currency = checked.foreign_currency || rate.currency != currency;
    if (!faults.empty()) ++bad_rows;
    for (const auto& [field, reason] : faults) {
      if (errors.size() == kShownFaults) break;
      const std::string name(field);
      errors.push_back({"/file/" + line + (name.empty() ? "" : "/" + name),
                        "Line " + line + (name.empty() ? " " : ": " + name + " ") + reason + "."});
    }
  }
  if (checked.rows == 0) refuse("empty_file", "The file has no rows below its first line.");
  if (bad_rows > 0)
    refuse("rows_refused",
           std::to_string(bad_rows) + " of " + std::to_string(checked.rows) +
               " rows are faulty; nothing was imported.",
           std::move(errors));
  return checked;
}

std::int64_t count_rates(const serai::Call& call) {
  return call.sql().query("SELECT count(*) AS n FROM pricing_rates").front().integer("n");
}

void write(const serai::Call& call, RateFile file, std::uint32_t number) {
  std::vector<Rate> batch;
  std::vector<Fault> faults;
  Rate rate;
  while (file.next(rate, faults)) {
    rate.rate_id = rate_id_of(number++);
    batch.push_back(std::move(rate));
    if (batch.size() < kBatch) continue;
    upsert_rates(call, batch);
    batch.clear();
  }
  if (!batch.empty()) upsert_rates(call, batch);
}

bool is_dry_run(const serai::Request& request) {
  const auto part = request.find_part("dry_run");
  return part && (part->data == "true" || part->data == "1");
}

}  // namespace

serai::Json import_rates(serai::Request& request) {
  const serai::Part file = request.part("file");
  if (file.blob.empty()) throw serai::invalid_field("/file", "This must be a file with a name.");
  const std::string currency = own_currency(request);
  const Checked checked = check(RateFile(request, file.blob, currency), currency);
  serai::Json answer{{"total_rows", checked.rows},
                     {"imported", 0},
                     {"created", 0},
                     {"updated", 0},
                     {"errors", serai::Json::array()},
                     {"columns", checked.columns},
                     {"dry_run", is_dry_run(request)}};
  if (is_dry_run(request)) return answer;

  // Before the long transaction: nobody waits for it to get an id.
  const std::uint32_t number = reserve_ids(request, checked.rows);
  auto transaction = request.sql().transaction();
  const std::int64_t before = count_rates(request);
  write(request, RateFile(request, file.blob, currency), number);
  const std::int64_t created = count_rates(request) - before;
  announce(request, "imported", checked.rows, checked.foreign_currency);
  transaction.commit();
  rates_changed(request);
  request.metrics().add("rates_imported_total", static_cast<double>(checked.rows));
  answer["imported"] = checked.rows;
  answer["created"] = created;
  answer["updated"] = checked.rows - created;
  return answer;
}

serai::Response export_rates(serai::Request& request) {
  std::vector<std::string> cells{"rate_id"};
  for (const Field& field : kFields) cells.emplace_back(field.name);
  std::string text;
  write_csv(text, cells);
  std::string last;
  for (std::int64_t page = kPage; page == kPage;) {
    const auto rows = walk_statement(request.query("destination"), last, kPage).run(request);
    page = static_cast<std::int64_t>(rows.size());
    for (const auto& row : rows) {
      const Rate rate = rate_of(row);
      const RateTexts texts = to_texts(rate);
      cells.assign(1, rate.rate_id);
      cells.insert(cells.end(), texts.begin(), texts.end());
      write_csv(text, cells);
      last = rate.rate_id;
    }
  }
  return serai::Response::bytes("text/csv; charset=utf-8", std::move(text))
      .with_header("content-disposition", "attachment; filename=\"rates.csv\"");
}

}  // namespace pricing
