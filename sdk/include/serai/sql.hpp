// serai.sql/1: the tenant's tables of this plugin. Rows and transactions close themselves; results
// are views into the host's memory and live as long as their Rows.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serai/detail/context.hpp"
#include "serai/json.hpp"

namespace serai {

// One value to bind. Text and bytes are borrowed: they must live until the statement has run.
class Value {
 public:
  // NULL, a number, 0 or 1, text, bytes; a std::optional is its value or NULL.
  Value(std::nullptr_t = nullptr) noexcept {}
  Value(bool value) noexcept { set_integer(value ? 1 : 0); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T value)
  noexcept {
    static_assert(sizeof(T) < 8 || std::signed_integral<T>, "SQL integers are signed, 64 bits");
    set_integer(static_cast<std::int64_t>(value));
  }
  template <std::floating_point T>
  Value(T value) noexcept {
    value_.type = SERAI_REAL;
    value_.as.real = static_cast<double>(value);
  }
  Value(std::string_view text) noexcept { set_bytes(SERAI_TEXT, text); }
  Value(const std::string& text) noexcept { set_bytes(SERAI_TEXT, text); }
  Value(const char* text) noexcept { set_bytes(SERAI_TEXT, text); }
  Value(std::span<const std::byte> bytes) noexcept {
    set_bytes(SERAI_BLOB, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  template <class T>
  Value(const std::optional<T>& value) noexcept {
    if (value) *this = Value(*value);
  }

  // As the host takes it.
  const serai_value& abi() const noexcept { return value_; }

 private:
  void set_integer(std::int64_t value) noexcept {
    value_.type = SERAI_INTEGER;
    value_.as.integer = value;
  }
  void set_bytes(std::uint32_t type, std::string_view bytes) noexcept {
    value_.type = type;
    value_.as.bytes = detail::to_str(bytes);
  }

  serai_value value_{};
};

static_assert(sizeof(Value) == sizeof(serai_value), "an array of Value is an array of serai_value");

// Many rows of values for execute_many(). Owns copies of the texts it is given.
class Batch {
 public:
  // One row; every row has as many values as the first.
  template <class... Values>
  Batch& add(const Values&... values) {
    if (width_ == 0) width_ = sizeof...(Values);
    if (width_ != sizeof...(Values)) {
      throw Problem(500, "sql_batch", "Every row of a batch needs the same number of values.");
    }
    (push(Value(values)), ...);
    return *this;
  }

  // Values in a row, rows, and all values row by row.
  std::size_t width() const noexcept { return width_; }
  std::size_t size() const noexcept { return width_ == 0 ? 0 : values_.size() / width_; }
  bool empty() const noexcept { return values_.empty(); }
  const Value* values() const noexcept { return values_.data(); }

 private:
  void push(const Value& value) {
    const serai_value& abi = value.abi();
    if (abi.type != SERAI_TEXT && abi.type != SERAI_BLOB) {
      values_.push_back(value);
      return;
    }
    const std::string& copy = texts_.emplace_back(detail::to_view(abi.as.bytes));
    if (abi.type == SERAI_TEXT) {
      values_.emplace_back(copy);
    } else {
      values_.emplace_back(std::as_bytes(std::span(copy.data(), copy.size())));
    }
  }

  std::size_t width_ = 0;
  std::vector<Value> values_;
  std::deque<std::string> texts_;  // never moves what it holds
};

// One row of a result; a view, valid as long as its Rows. Columns by name or by number from 0.
// Asking for an absent column or a value of another type is the plugin's fault: Problem 500.
class Row {
 public:
  Row(const serai_rows* rows, std::uint64_t index) noexcept : rows_(rows), index_(index) {}

  // A column of that type; an integer column may be asked for as a number and as a boolean.
  template <class Column>
  bool is_null(Column column) const {
    return cell(column).type == SERAI_NULL;
  }
  template <class Column>
  std::string_view text(Column column) const {
    return detail::to_view(typed(column, SERAI_TEXT, "text").as.bytes);
  }
  template <class Column>
  std::int64_t integer(Column column) const {
    const serai_value& value = cell(column);
    if (value.type == SERAI_REAL && value.as.real == std::floor(value.as.real) &&
        std::abs(value.as.real) < 9.0e18) {
      return static_cast<std::int64_t>(value.as.real);
    }
    return typed(column, SERAI_INTEGER, "an integer").as.integer;
  }
  template <class Column>
  double real(Column column) const {
    const serai_value& value = cell(column);
    if (value.type == SERAI_INTEGER) return static_cast<double>(value.as.integer);
    return typed(column, SERAI_REAL, "a number").as.real;
  }
  template <class Column>
  bool boolean(Column column) const {
    return integer(column) != 0;
  }
  template <class Column>
  std::span<const std::byte> blob(Column column) const {
    const std::string_view bytes = detail::to_view(typed(column, SERAI_BLOB, "bytes").as.bytes);
    return std::as_bytes(std::span(bytes.data(), bytes.size()));
  }
  // The column's text, parsed.
  template <class Column>
  Json json(Column column) const {
    return parse_json(text(column), "A stored document", 500);
  }

  // The same; nothing for NULL.
  template <class Column>
  std::optional<std::string_view> optional_text(Column column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
  }
  template <class Column>
  std::optional<std::int64_t> optional_integer(Column column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
  }
  template <class Column>
  std::optional<double> optional_real(Column column) const {
    if (is_null(column)) return std::nullopt;
    return real(column);
  }

  // {"column": value, ...}; bytes cannot be told in JSON and are refused.
  Json json() const {
    Json object = Json::object();
    for (std::uint32_t column = 0; column < rows_->column_count; ++column) {
      object[std::string(detail::to_view(rows_->names[column]))] = cell_json(column);
    }
    return object;
  }

 private:
  const serai_value& cell(std::integral auto column) const {
    const auto number = static_cast<std::uint64_t>(column);
    if (number >= rows_->column_count) fail("The result has no column ", std::to_string(number));
    return rows_->cells[index_ * rows_->column_count + number];
  }
  const serai_value& cell(std::string_view name) const {
    for (std::uint32_t column = 0; column < rows_->column_count; ++column) {
      if (detail::to_view(rows_->names[column]) == name) return cell(column);
    }
    fail("The result has no column ", std::string(name));
  }

  template <class Column>
  const serai_value& typed(Column column, std::uint32_t type, const char* word) const {
    const serai_value& value = cell(column);
    if (value.type != type) [[unlikely]] {
      fail(value.type == SERAI_NULL ? "A column is NULL that should be " : "A column is not ",
           word);
    }
    return value;
  }

  Json cell_json(std::uint32_t column) const {
    const serai_value& value = cell(column);
    switch (value.type) {
      case SERAI_NULL:
        return nullptr;
      case SERAI_INTEGER:
        return value.as.integer;
      case SERAI_REAL:
        return value.as.real;
      case SERAI_TEXT:
        return detail::to_view(value.as.bytes);
      default:
        fail("Bytes cannot be written as JSON: column ",
             std::string(detail::to_view(rows_->names[column])));
    }
  }

  [[noreturn]] static void fail(const char* text, const std::string& what) {
    throw Problem(500, "sql_column", text + what + ".");
  }

  const serai_rows* rows_;
  std::uint64_t index_;
};

// A whole result, released with the object.
class Rows {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Row;
    Iterator() noexcept = default;
    Iterator(const serai_rows* rows, std::uint64_t index) noexcept : rows_(rows), index_(index) {}
    Row operator*() const noexcept { return {rows_, index_}; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++index_;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept { return index_ == other.index_; }

   private:
    const serai_rows* rows_ = nullptr;
    std::uint64_t index_ = 0;
  };

  Rows(const detail::Context& context, const serai_rows& rows) noexcept
      : context_(context), rows_(rows) {}
  Rows(Rows&& other) noexcept : context_(other.context_), rows_(std::exchange(other.rows_, {})) {}
  Rows& operator=(Rows&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(rows_, other.rows_);
    return *this;
  }
  ~Rows() {
    if (rows_.handle != 0) context_.interfaces->sql->release(context_.call, rows_.handle);
  }

  // How many; and as a range of Row.
  std::size_t size() const noexcept { return rows_.row_count; }
  bool empty() const noexcept { return rows_.row_count == 0; }
  Iterator begin() const noexcept { return {&rows_, 0}; }
  Iterator end() const noexcept { return {&rows_, rows_.row_count}; }

  Row operator[](std::size_t index) const {
    if (index >= rows_.row_count) {
      throw Problem(500, "sql_row", "The result has fewer rows than the plugin reads.");
    }
    return {&rows_, index};
  }
  // The first row; Problem 500 if there is none.
  Row front() const { return (*this)[0]; }

  // The first row, or Problem 404 "<what> was not found."
  Row required(const std::string& what) const {
    if (empty()) throw not_found(what);
    return front();
  }

  // An array of objects, one per row.
  Json json() const {
    Json array = Json::array();
    for (const Row row : *this) array.push_back(row.json());
    return array;
  }

 private:
  detail::Context context_;
  serai_rows rows_;
};

// Rolls back when it goes out of scope without commit(). Nests by savepoints.
class Transaction {
 public:
  explicit Transaction(const detail::Context& context) : context_(context) {
    detail::check(context_, context_.interfaces->sql->begin(context_.call));
    open_ = true;
  }
  Transaction(Transaction&& other) noexcept
      : context_(other.context_), open_(std::exchange(other.open_, false)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (open_) context_.interfaces->sql->rollback(context_.call);
  }

  // The outermost commit makes the writes durable, and with them jobs and events.
  void commit() {
    open_ = false;
    detail::check(context_, context_.interfaces->sql->commit(context_.call));
  }
  void rollback() {
    open_ = false;
    detail::check(context_, context_.interfaces->sql->rollback(context_.call));
  }

 private:
  detail::Context context_;
  bool open_ = false;
};

class Sql {
 public:
  explicit Sql(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->sql, "sql")) {}

  // Rows of one statement; placeholders are $1..$n. At most 10,000 rows (Problem 413 above).
  template <class... Values>
  Rows query(std::string_view statement, const Values&... values) const {
    if constexpr (sizeof...(Values) == 0) {
      return query_values(statement, {});
    } else {
      const Value bound[] = {Value(values)...};
      return query_values(statement, bound);
    }
  }

  // A statement without rows; the number of rows it changed.
  template <class... Values>
  std::int64_t execute(std::string_view statement, const Values&... values) const {
    if constexpr (sizeof...(Values) == 0) {
      return execute_values(statement, {});
    } else {
      const Value bound[] = {Value(values)...};
      return execute_values(statement, bound);
    }
  }

  // The same for a number of values known only at run time.
  Rows query_values(std::string_view statement, std::span<const Value> values,
                    std::uint64_t max_rows = 0) const {
    serai_rows rows{};
    detail::check(context_,
                  api_->query(context_.call, detail::to_str(statement), abi(values),
                              static_cast<std::uint32_t>(values.size()), max_rows, &rows));
    return {context_, rows};
  }
  std::int64_t execute_values(std::string_view statement, std::span<const Value> values) const {
    std::int64_t changed = 0;
    detail::check(context_, api_->execute(context_.call, detail::to_str(statement), abi(values),
                                          static_cast<std::uint32_t>(values.size()), &changed));
    return changed;
  }

  // One statement for every row of the batch, in one transaction and one round trip.
  std::int64_t execute_many(std::string_view statement, const Batch& batch) const {
    if (batch.empty()) return 0;
    std::int64_t changed = 0;
    detail::check(context_, api_->execute_many(context_.call, detail::to_str(statement),
                                               abi({batch.values(), batch.size() * batch.width()}),
                                               static_cast<std::uint32_t>(batch.width()),
                                               batch.size(), &changed));
    return changed;
  }

  // Begins one; see Transaction.
  Transaction transaction() const { return Transaction(context_); }

 private:
  static const serai_value* abi(std::span<const Value> values) noexcept {
    return values.empty() ? nullptr : &values.data()->abi();
  }

  detail::Context context_;
  const serai_sql_api* api_;
};

}  // namespace serai
