// sql, kv, blob and vector.
#include <cstring>
#include <vector>

#include "plugins/interface.hpp"
#include "plugins/isolated/broker.hpp"
#include "serai/abi/all.h"

namespace host::plugins {
namespace {

using isolation::BadMessage;
using isolation::Function;

template <class Table>
const Table& table(const void* (*get)() noexcept) {
  return *static_cast<const Table*>(get());
}

// --- sql

// Empty with `given` false: the plugin passed no array.
struct Values {
  std::vector<serai_value> list;
  bool given = false;
  const serai_value* data() const { return given ? list.data() : nullptr; }
};

// More than any statement has; each takes four times as much here as in the message.
constexpr std::uint64_t kMostValues = 1u << 22;

Values read_values(const BrokeredCall& b, std::uint64_t count) {
  if (count > kMostValues) throw BadMessage("too many values");
  Values values;
  values.given = b.from.number<std::uint8_t>() != 0;
  if (!values.given) return values;
  // Grows as the values arrive: a count alone takes no memory. The type of each is there at least.
  for (std::uint64_t i = 0; i < count; ++i) {
    serai_value value{};
    value.type = b.from.number<std::uint32_t>();
    if (value.type == SERAI_INTEGER) value.as.integer = b.from.number<std::int64_t>();
    if (value.type == SERAI_REAL) value.as.real = b.from.number<double>();
    if (value.type == SERAI_TEXT || value.type == SERAI_BLOB) value.as.bytes = b.from.str();
    values.list.push_back(value);
  }
  return values;
}

void write_rows(const BrokeredCall& b, const serai_rows& rows) {
  const std::uint64_t cells = rows.row_count * rows.column_count;
  const auto has_bytes = [](const serai_value& cell) {
    return cell.type == SERAI_TEXT || cell.type == SERAI_BLOB;
  };
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < rows.column_count; ++i) bytes += rows.names[i].size;
  for (std::uint64_t i = 0; i < cells; ++i)
    if (has_bytes(rows.cells[i])) bytes += rows.cells[i].as.bytes.size;
  b.to.number(rows.handle);
  b.to.number(rows.row_count);
  b.to.number(rows.column_count);
  b.to.number(bytes);
  for (std::uint32_t i = 0; i < rows.column_count; ++i) b.to.text(rows.names[i]);
  for (std::uint64_t i = 0; i < cells; ++i) {
    const serai_value& cell = rows.cells[i];
    b.to.number(cell.type);
    if (cell.type == SERAI_INTEGER) b.to.number(cell.as.integer);
    if (cell.type == SERAI_REAL) b.to.number(cell.as.real);
    if (has_bytes(cell)) b.to.text(cell.as.bytes);
  }
}

serai_status sql(const BrokeredCall& b) {
  const auto& api = table<serai_sql_api>(sql_table);
  if (b.function == Function::sql_begin) return api.begin(b.call);
  if (b.function == Function::sql_commit) return api.commit(b.call);
  if (b.function == Function::sql_rollback) return api.rollback(b.call);
  const auto statement = b.from.str();
  if (b.function == Function::sql_query) {
    const auto max_rows = b.from.number<std::uint64_t>();
    const auto count = b.from.number<std::uint32_t>();
    const auto values = read_values(b, count);
    serai_rows rows{};
    const auto status =
        api.query(b.call, statement, values.data(), count, max_rows, b.no_result ? nullptr : &rows);
    if (status >= 0) write_rows(b, rows);
    return status;
  }
  std::int64_t changed = 0;
  serai_status status = SERAI_OK;
  const auto count = b.from.number<std::uint32_t>();
  if (b.function == Function::sql_execute) {
    const auto values = read_values(b, count);
    status = api.execute(b.call, statement, values.data(), count, &changed);
  } else {
    const auto rows = b.from.number<std::uint64_t>();
    if (rows > kMostValues) throw BadMessage("too many rows");
    const auto values = read_values(b, count * rows);
    status = api.execute_many(b.call, statement, values.data(), count, rows, &changed);
  }
  b.to.number(changed);
  return status;
}

// --- kv

serai_status kv(const BrokeredCall& b) {
  const auto& api = table<serai_kv_api>(kv_table);
  const auto key = b.from.str();
  if (b.function == Function::kv_erase) return api.erase(b.call, key);
  if (b.function == Function::kv_put) {
    const auto value = b.from.str();
    return api.put(b.call, key, value, b.from.number<std::uint64_t>());
  }
  if (b.function == Function::kv_get) {
    serai_str value{"", 0};
    const auto status = api.get(b.call, key, b.no_result ? nullptr : &value);
    if (status >= 0) b.to.text(value);
    return status;
  }
  const auto amount = b.from.number<std::int64_t>();
  const auto ttl = b.from.number<std::uint64_t>();
  std::int64_t sum = 0;
  const auto status = api.add(b.call, key, amount, ttl, b.no_result ? nullptr : &sum);
  b.to.number(sum);
  return status;
}

// --- blob

serai_status blob(const BrokeredCall& b) {
  const auto& api = table<serai_blob_api>(blob_table);
  switch (b.function) {
    case Function::blob_create: {
      serai_handle writer = 0;
      const auto status = api.create(b.call, b.no_result ? nullptr : &writer);
      b.to.number(writer);
      return status;
    }
    case Function::blob_write: {
      const auto writer = b.from.number<serai_handle>();
      return api.write(b.call, writer, b.from.str());
    }
    case Function::blob_commit: {
      serai_str reference{"", 0};
      const auto status =
          api.commit(b.call, b.from.number<serai_handle>(), b.no_result ? nullptr : &reference);
      b.to.text(reference);
      return status;
    }
    case Function::blob_open: {
      serai_handle reader = 0;
      std::uint64_t size = 0;
      const auto status = api.open(b.call, b.from.str(), b.no_result ? nullptr : &reader, &size);
      b.to.number(reader);
      b.to.number(size);
      return status;
    }
    case Function::blob_read: {
      const auto reader = b.from.number<serai_handle>();
      const auto offset = b.from.number<std::uint64_t>();
      const auto size = b.from.number<std::uint64_t>();
      serai_str piece{"", 0};
      const auto status = api.read(b.call, reader, offset, size, b.no_result ? nullptr : &piece);
      if (status >= 0) b.to.text(piece);
      return status;
    }
    case Function::blob_keep:
      return api.keep(b.call, b.from.str());
    default:
      return api.remove(b.call, b.from.str());
  }
}

// --- vector

// Numbers out of a message, where nothing is aligned. Null as it was passed.
template <class T>
class Array {
 public:
  explicit Array(isolation::Decoder& from) : count_(from.number<std::uint64_t>()) {
    given_ = from.number<std::uint8_t>() != 0;
    if (!given_) return;
    if (count_ > isolation::Encoder::kNoBytes / sizeof(T)) throw BadMessage("too many numbers");
    const auto bytes = from.raw(count_ * sizeof(T));
    items_.resize(count_);
    if (count_ != 0) std::memcpy(items_.data(), bytes.data(), bytes.size());
  }
  const T* data() const { return given_ ? items_.data() : nullptr; }
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t count_;
  bool given_ = false;
  std::vector<T> items_;
};

serai_status search(const BrokeredCall& b, serai_str collection) {
  const auto k = b.from.number<std::uint64_t>();
  const Array<float> wanted(b.from);
  const Array<std::int64_t> allowed(b.from);
  const serai_neighbour* found = nullptr;
  std::uint64_t count = 0;
  const auto status =
      table<serai_vector_api>(vector_table)
          .search(b.call, collection, wanted.data(), static_cast<std::uint32_t>(wanted.count()), k,
                  allowed.data(), allowed.count(), b.no_result ? nullptr : &found, &count);
  if (status >= 0) {
    b.to.number(count);
    b.to.raw(found, count * sizeof(serai_neighbour));
  }
  return status;
}

serai_status vector(const BrokeredCall& b) {
  const auto& api = table<serai_vector_api>(vector_table);
  const auto collection = b.from.str();
  switch (b.function) {
    case Function::vector_upsert: {
      const auto dimension = b.from.number<std::uint32_t>();
      const Array<std::int64_t> ids(b.from);
      const Array<float> vectors(b.from);
      // The real function reads count times dimension floats: as many must have come.
      if (vectors.data() && vectors.count() != ids.count() * dimension)
        throw BadMessage("vectors of another size than said");
      return api.upsert(b.call, collection, ids.data(), vectors.data(), ids.count(), dimension);
    }
    case Function::vector_remove: {
      const Array<std::int64_t> ids(b.from);
      return api.remove(b.call, collection, ids.data(), ids.count());
    }
    case Function::vector_drop:
      return api.drop(b.call, collection);
    case Function::vector_search:
      return search(b, collection);
    default: {
      std::uint64_t count = 0;
      const auto status = api.count(b.call, collection, b.no_result ? nullptr : &count);
      b.to.number(count);
      return status;
    }
  }
}

}  // namespace

bool broker_storage(const BrokeredCall& b, serai_status& status) {
  const auto between = [&](Function first, Function last) {
    return b.function >= first && b.function <= last;
  };
  if (b.function == Function::sql_release)
    table<serai_sql_api>(sql_table).release(b.call, b.from.number<serai_handle>());
  else if (b.function == Function::blob_close)
    table<serai_blob_api>(blob_table).close(b.call, b.from.number<serai_handle>());
  else if (between(Function::sql_query, Function::sql_rollback))
    status = sql(b);
  else if (between(Function::kv_get, Function::kv_add))
    status = kv(b);
  else if (between(Function::blob_create, Function::blob_remove))
    status = blob(b);
  else if (between(Function::vector_upsert, Function::vector_count))
    status = vector(b);
  else
    return false;
  return true;
}

}  // namespace host::plugins
