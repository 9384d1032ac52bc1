#include <algorithm>
#include <stdexcept>

#include "storage/rows_data.hpp"

namespace host::storage {
namespace {

std::size_t find(const Rows& rows, std::string_view column) {
  const auto& names = rows.columns();
  const auto found = std::find(names.begin(), names.end(), column);
  if (found == names.end()) {
    throw std::logic_error("the statement has no column " + std::string(column));
  }
  return static_cast<std::size_t>(found - names.begin());
}

[[noreturn]] void wrong_type(std::string_view column, const char* wanted) {
  throw std::logic_error("column " + std::string(column) + " is not " + wanted);
}

}  // namespace

void refuse_to_write() {
  throw SqlError(SqlFault::denied, "not allowed: this call is marked as one that only reads");
}

std::int64_t Session::execute_many(std::string_view sql, std::size_t rows,
                                   std::span<const Value> values) {
  const std::size_t width = rows == 0 ? 0 : values.size() / rows;
  std::int64_t changed = 0;
  for (std::size_t row = 0; row < rows; ++row)
    changed += execute(sql, values.subspan(row * width, width));
  return changed;
}

Rows::Rows() : data_(std::make_unique<Data>()) {}
Rows::Rows(std::unique_ptr<Data> data) : data_(std::move(data)) {}
Rows::~Rows() = default;
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;

std::size_t Rows::size() const { return data_->rows; }
const std::vector<std::string>& Rows::columns() const { return data_->columns; }
std::span<const Value> Rows::cells() const { return data_->cells; }

const Value& Rows::at(std::size_t row, std::size_t column) const {
  if (row >= data_->rows || column >= data_->columns.size()) {
    throw std::logic_error("a cell outside of the result was asked for");
  }
  return data_->cells[row * data_->columns.size() + column];
}

std::string Rows::text(std::size_t row, std::string_view column) const {
  const Value& value = at(row, find(*this, column));
  if (std::holds_alternative<std::monostate>(value)) return {};
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  wrong_type(column, "text");
}

std::int64_t Rows::integer(std::size_t row, std::string_view column) const {
  const Value& value = at(row, find(*this, column));
  if (std::holds_alternative<std::monostate>(value)) return 0;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  wrong_type(column, "an integer");
}

double Rows::real(std::size_t row, std::string_view column) const {
  const Value& value = at(row, find(*this, column));
  if (std::holds_alternative<std::monostate>(value)) return 0;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return static_cast<double>(*number);
  wrong_type(column, "a number");
}

Bytes Rows::blob(std::size_t row, std::string_view column) const {
  const Value& value = at(row, find(*this, column));
  if (std::holds_alternative<std::monostate>(value)) return {};
  if (const auto* bytes = std::get_if<Bytes>(&value)) return *bytes;
  wrong_type(column, "a blob");
}

bool Rows::null(std::size_t row, std::string_view column) const {
  return std::holds_alternative<std::monostate>(at(row, find(*this, column)));
}

}  // namespace host::storage
