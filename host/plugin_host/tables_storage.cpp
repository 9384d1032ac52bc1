// sql, kv, blob and vector.
#include <cstring>

#include "plugin_host/proxy.hpp"
#include "plugin_host/tables.hpp"
#include "serai/abi/all.h"

namespace plugin_host {
namespace {

// --- sql

void write_values(Encoder& e, const serai_value* values, std::uint64_t count) {
  e.number(static_cast<std::uint8_t>(values != nullptr));
  if (!values) return;
  for (std::uint64_t i = 0; i < count; ++i) {
    const serai_value& value = values[i];
    e.number(value.type);
    if (value.type == SERAI_INTEGER) e.number(value.as.integer);
    if (value.type == SERAI_REAL) e.number(value.as.real);
    if (value.type == SERAI_TEXT || value.type == SERAI_BLOB) e.text(value.as.bytes);
  }
}

// The result in one piece of memory: names, cells, and the bytes they point to.
void read_rows(Decoder& d, serai_rows& out) {
  out = {};
  out.handle = d.number<serai_handle>();
  out.row_count = d.number<std::uint64_t>();
  out.column_count = d.number<std::uint32_t>();
  const std::uint64_t cells = out.row_count * out.column_count;
  const auto bytes = d.number<std::uint64_t>();
  const std::size_t names_size = out.column_count * sizeof(serai_str);
  const std::size_t cells_size = cells * sizeof(serai_value);
  auto* memory = static_cast<char*>(
      HostLink::current()->lend_for(out.handle, cells_size + names_size + bytes));
  auto* cell = reinterpret_cast<serai_value*>(memory);
  auto* name = reinterpret_cast<serai_str*>(memory + cells_size);
  char* text = memory + cells_size + names_size;
  const auto take = [&](std::string_view from) {
    if (from.empty()) return serai_str{"", 0};
    std::memcpy(text, from.data(), from.size());
    text += from.size();
    return serai_str{text - from.size(), from.size()};
  };
  out.names = name;
  out.cells = cell;
  for (std::uint32_t i = 0; i < out.column_count; ++i) *name++ = take(d.text());
  for (std::uint64_t i = 0; i < cells; ++i, ++cell) {
    *cell = {};
    cell->type = d.number<std::uint32_t>();
    if (cell->type == SERAI_INTEGER) cell->as.integer = d.number<std::int64_t>();
    if (cell->type == SERAI_REAL) cell->as.real = d.number<double>();
    if (cell->type == SERAI_TEXT || cell->type == SERAI_BLOB) cell->as.bytes = take(d.text());
  }
}

serai_status query(serai_call call, serai_str statement, const serai_value* values,
                   std::uint32_t value_count, std::uint64_t max_rows, serai_rows* out) noexcept {
  return ask(
      Function::sql_query, call, out == nullptr,
      [&](Encoder& e) {
        e.text(statement);
        e.number(max_rows);
        e.number(value_count);
        write_values(e, values, value_count);
      },
      [&](Decoder& d) { read_rows(d, *out); });
}
serai_status execute(serai_call call, serai_str statement, const serai_value* values,
                     std::uint32_t value_count, std::int64_t* changed) noexcept {
  return ask(
      Function::sql_execute, call, false,
      [&](Encoder& e) {
        e.text(statement);
        e.number(value_count);
        write_values(e, values, value_count);
      },
      [&](Decoder& d) {
        if (changed) *changed = d.number<std::int64_t>();
      });
}
serai_status execute_many(serai_call call, serai_str statement, const serai_value* values,
                          std::uint32_t value_count, std::uint64_t row_count,
                          std::int64_t* changed) noexcept {
  return ask(
      Function::sql_execute_many, call, false,
      [&](Encoder& e) {
        e.text(statement);
        e.number(value_count);
        e.number(row_count);
        write_values(e, values, value_count * row_count);
      },
      [&](Decoder& d) {
        if (changed) *changed = d.number<std::int64_t>();
      });
}
void release(serai_call call, serai_handle rows) noexcept {
  post(Function::sql_release, call, [&](Encoder& e) { e.number(rows); });
  if (HostLink* link = HostLink::current()) link->give_back(rows);
}
template <Function function>
serai_status transaction(serai_call call) noexcept {
  return ask(function, call, [](Encoder&) {});
}
constexpr serai_sql_api kSql{sizeof(serai_sql_api),
                             0,
                             query,
                             execute,
                             execute_many,
                             release,
                             transaction<Function::sql_begin>,
                             transaction<Function::sql_commit>,
                             transaction<Function::sql_rollback>};

// --- kv

serai_status kv_get(serai_call call, serai_str key, serai_str* value) noexcept {
  return ask_text(Function::kv_get, call, key, value);
}
serai_status kv_put(serai_call call, serai_str key, serai_str value,
                    std::uint64_t ttl_ms) noexcept {
  return ask(Function::kv_put, call, [&](Encoder& e) {
    e.text(key);
    e.text(value);
    e.number(ttl_ms);
  });
}
serai_status kv_erase(serai_call call, serai_str key) noexcept {
  return ask(Function::kv_erase, call, [&](Encoder& e) { e.text(key); });
}
serai_status kv_add(serai_call call, serai_str key, std::int64_t amount, std::uint64_t ttl_ms,
                    std::int64_t* sum) noexcept {
  return ask(
      Function::kv_add, call, sum == nullptr,
      [&](Encoder& e) {
        e.text(key);
        e.number(amount);
        e.number(ttl_ms);
      },
      [&](Decoder& d) { *sum = d.number<std::int64_t>(); });
}
constexpr serai_kv_api kKv{sizeof(serai_kv_api), 0, kv_get, kv_put, kv_erase, kv_add};

// --- blob

serai_status blob_create(serai_call call, serai_handle* writer) noexcept {
  return ask(
      Function::blob_create, call, writer == nullptr, [](Encoder&) {},
      [&](Decoder& d) { *writer = d.number<serai_handle>(); });
}
serai_status blob_write(serai_call call, serai_handle writer, serai_str piece) noexcept {
  return ask(Function::blob_write, call, [&](Encoder& e) {
    e.number(writer);
    e.text(piece);
  });
}
serai_status blob_commit(serai_call call, serai_handle writer, serai_str* reference) noexcept {
  return ask(
      Function::blob_commit, call, reference == nullptr, [&](Encoder& e) { e.number(writer); },
      [&](Decoder& d) { *reference = HostLink::current()->lend(d.text()); });
}
serai_status blob_open(serai_call call, serai_str reference, serai_handle* reader,
                       std::uint64_t* size) noexcept {
  return ask(
      Function::blob_open, call, reader == nullptr, [&](Encoder& e) { e.text(reference); },
      [&](Decoder& d) {
        *reader = d.number<serai_handle>();
        const auto bytes = d.number<std::uint64_t>();
        if (size) *size = bytes;
      });
}
serai_status blob_read(serai_call call, serai_handle reader, std::uint64_t offset,
                       std::uint64_t size, serai_str* piece) noexcept {
  return ask(
      Function::blob_read, call, piece == nullptr,
      [&](Encoder& e) {
        e.number(reader);
        e.number(offset);
        e.number(size);
      },
      [&](Decoder& d) {
        const auto bytes = d.text();
        void* memory = HostLink::current()->lend_for(reader, bytes.size());
        if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
        *piece = {static_cast<const char*>(memory), bytes.size()};
      });
}
void blob_close(serai_call call, serai_handle handle) noexcept {
  post(Function::blob_close, call, [&](Encoder& e) { e.number(handle); });
  if (HostLink* link = HostLink::current()) link->give_back(handle);
}
serai_status blob_keep(serai_call call, serai_str reference) noexcept {
  return ask(Function::blob_keep, call, [&](Encoder& e) { e.text(reference); });
}
serai_status blob_remove(serai_call call, serai_str reference) noexcept {
  return ask(Function::blob_remove, call, [&](Encoder& e) { e.text(reference); });
}
constexpr serai_blob_api kBlob{sizeof(serai_blob_api),
                               0,
                               blob_create,
                               blob_write,
                               blob_commit,
                               blob_open,
                               blob_read,
                               blob_close,
                               blob_keep,
                               blob_remove};

// --- vector

template <class T>
void write_array(Encoder& e, const T* items, std::uint64_t count) {
  e.number(count);
  e.number(static_cast<std::uint8_t>(items != nullptr));
  if (items) e.raw(items, count * sizeof(T));
}

serai_status upsert(serai_call call, serai_str collection, const std::int64_t* ids,
                    const float* vectors, std::uint64_t count, std::uint32_t dimension) noexcept {
  return ask(Function::vector_upsert, call, [&](Encoder& e) {
    e.text(collection);
    e.number(dimension);
    write_array(e, ids, count);
    write_array(e, vectors, count * dimension);
  });
}
serai_status vector_remove(serai_call call, serai_str collection, const std::int64_t* ids,
                           std::uint64_t count) noexcept {
  return ask(Function::vector_remove, call, [&](Encoder& e) {
    e.text(collection);
    write_array(e, ids, count);
  });
}
serai_status drop(serai_call call, serai_str collection) noexcept {
  return ask(Function::vector_drop, call, [&](Encoder& e) { e.text(collection); });
}
serai_status search(serai_call call, serai_str collection, const float* wanted,
                    std::uint32_t dimension, std::uint64_t k, const std::int64_t* allowed,
                    std::uint64_t allowed_count, const serai_neighbour** out,
                    std::uint64_t* out_count) noexcept {
  return ask(
      Function::vector_search, call, out == nullptr || out_count == nullptr,
      [&](Encoder& e) {
        e.text(collection);
        e.number(k);
        write_array(e, wanted, dimension);
        write_array(e, allowed, allowed_count);
      },
      [&](Decoder& d) {
        *out_count = d.number<std::uint64_t>();
        const auto bytes = d.raw(*out_count * sizeof(serai_neighbour));
        void* memory = HostLink::current()->lend(bytes.size() + 1);
        if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
        *out = static_cast<const serai_neighbour*>(memory);
      });
}
serai_status count(serai_call call, serai_str collection, std::uint64_t* out) noexcept {
  return ask(
      Function::vector_count, call, out == nullptr, [&](Encoder& e) { e.text(collection); },
      [&](Decoder& d) { *out = d.number<std::uint64_t>(); });
}
constexpr serai_vector_api kVector{
    sizeof(serai_vector_api), 0, upsert, vector_remove, drop, search, count};

}  // namespace

const void* storage_table(std::string_view name) noexcept {
  if (name == "sql") return &kSql;
  if (name == "kv") return &kKv;
  if (name == "blob") return &kBlob;
  if (name == "vector") return &kVector;
  return nullptr;
}

}  // namespace plugin_host
