#include "storage/postgres/values.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <libpq-fe.h>

namespace host::storage::postgres {
namespace {

// pg_type.oid of the types that are more than text to us.
constexpr Oid kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kOid = 26, kFloat4 = 700,
              kFloat8 = 701, kNumeric = 1700;

std::string text_of(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

int nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// "\x0a1b..." (bytea_output = hex)
Bytes decode(std::string_view text, Rows::Data& data) {
  if (text.size() < 2) return data.keep(Bytes());
  text.remove_prefix(2);
  std::vector<std::byte> bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
  }
  return data.keep(Bytes(bytes));
}

Value number(std::string_view text, bool may_be_whole) {
  const char* const end = text.data() + text.size();
  if (may_be_whole) {
    std::int64_t whole = 0;
    const auto parsed = std::from_chars(text.data(), end, whole);
    if (parsed.ec == std::errc{} && parsed.ptr == end) return whole;
  }
  double real = 0;
  std::from_chars(text.data(), end, real);  // also "NaN" and "Infinity"
  return real;
}

Value cell(const PGresult* result, int row, int column, Rows::Data& data) {
  if (PQgetisnull(result, row, column) != 0) return std::monostate{};
  const std::string_view text(PQgetvalue(result, row, column),
                              static_cast<std::size_t>(PQgetlength(result, row, column)));
  switch (PQftype(result, column)) {
    case kBool:
      return std::int64_t{text == "t"};
    case kBytea:
      return decode(text, data);
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
    case kNumeric:
      return number(text, true);
    case kFloat4:
    case kFloat8:
      return number(text, false);
    default:
      return data.keep(text);
  }
}

}  // namespace

Parameters::Parameters(std::span<const Value> values) {
  texts_.reserve(values.size());  // the pointers into it stay
  for (const Value& value : values) {
    const char* data = nullptr;
    int length = 0, format = 0;
    Oid type = 0;
    if (const auto* bytes = std::get_if<Bytes>(&value)) {
      data = bytes->empty() ? "" : reinterpret_cast<const char*>(bytes->data());
      length = static_cast<int>(bytes->size());
      format = 1;
      type = kBytea;
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
      if (text->find('\0') != std::string_view::npos) {
        throw SqlError(SqlFault::check, "text with a NUL byte");
      }
      data = texts_.emplace_back(*text).c_str();
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      data = texts_.emplace_back(std::to_string(*whole)).c_str();
    } else if (const auto* real = std::get_if<double>(&value); real && !std::isnan(*real)) {
      data = texts_.emplace_back(text_of(*real)).c_str();
    }
    data_.push_back(data);
    lengths_.push_back(length);
    formats_.push_back(format);
    types_.push_back(type);
    signature_ += type == kBytea ? 'b' : '-';
    bytes_ += static_cast<std::size_t>(length);
  }
  for (const auto& text : texts_) bytes_ += text.size();
}

std::vector<int> given_columns(const PGresult* result, bool hide_tenant, Rows::Data& data) {
  std::vector<int> columns;
  for (int i = 0; i < PQnfields(result); ++i) {
    const std::string_view name = PQfname(result, i);
    if (hide_tenant && name == "tenant_id") continue;
    columns.push_back(i);
    data.columns.emplace_back(name);
  }
  return columns;
}

void append_rows(const PGresult* result, const std::vector<int>& columns, Rows::Data& data) {
  for (int row = 0; row < PQntuples(result); ++row) {
    ++data.rows;
    for (const int column : columns) data.cells.push_back(cell(result, row, column, data));
  }
}

}  // namespace host::storage::postgres
