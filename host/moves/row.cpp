#include "moves/row.hpp"

#include "base/problem.hpp"

namespace host::moves {
namespace {

Row json_of(const storage::Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (const auto* bytes = std::get_if<storage::Bytes>(&value)) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(bytes->data());
    return Row::binary(std::vector<std::uint8_t>(begin, begin + bytes->size()));
  }
  return nullptr;
}

}  // namespace

Row row_of(const storage::Rows& rows, std::size_t row) {
  Row out = Row::array();
  for (std::size_t column = 0; column < rows.columns().size(); ++column)
    out.push_back(json_of(rows.at(row, column)));
  return out;
}

storage::Value value_of(const Row& value) {
  switch (value.type()) {
    case Row::value_t::null:
      return std::monostate{};
    case Row::value_t::boolean:
      return std::int64_t{value.get<bool>()};
    case Row::value_t::number_integer:
    case Row::value_t::number_unsigned:
      return value.get<std::int64_t>();
    case Row::value_t::number_float:
      return value.get<double>();
    case Row::value_t::string:
      return std::string_view(value.get_ref<const std::string&>());
    case Row::value_t::binary:
      return storage::Bytes(reinterpret_cast<const std::byte*>(value.get_binary().data()),
                            value.get_binary().size());
    default:
      throw Problem(422, "archive_malformed", "A row of the archive has a value of no known type.");
  }
}

void append_values(const Row& row, std::vector<storage::Value>& values) {
  for (const auto& value : row) values.push_back(value_of(value));
}

std::string encoded(const Row& row) {
  std::string bytes;
  Row::to_cbor(row, bytes);
  return bytes;
}

void RowHash::add_encoded(std::string_view row) {
  hash_.add(row);
  ++rows_;
}

}  // namespace host::moves
