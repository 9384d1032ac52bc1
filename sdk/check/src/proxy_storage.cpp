// The watched serai.sql/1, serai.kv/1, serai.blob/1, serai.vector/1, serai.config/1 and
// serai.secrets/1.
#include "passage.hpp"

namespace serai::check {
namespace {

constexpr serai_status kInvalid = SERAI_E_INVALID;

const serai_sql_api& sql() { return fake<serai_sql_api>(SERAI_SQL_ID); }
const serai_kv_api& kv() { return fake<serai_kv_api>(SERAI_KV_ID); }
const serai_blob_api& blob() { return fake<serai_blob_api>(SERAI_BLOB_ID); }
const serai_vector_api& vectors() { return fake<serai_vector_api>(SERAI_VECTOR_ID); }
const serai_config_api& config() { return fake<serai_config_api>(SERAI_CONFIG_ID); }
const serai_secrets_api& secrets() { return fake<serai_secrets_api>(SERAI_SECRETS_ID); }

// Moves a view the fake host gave into memory that ends with the call.
serai_status lend(CheckedCall& call, serai_status status, serai_str* out, const char* label) {
  if (status >= 0) *out = call.lent.text(testing::text_of(*out), label);
  return status;
}

bool good_values(const CheckedCall& call, const serai_value* values, std::uint64_t count,
                 const char* function) {
  if (count > 0 && !good_pointer(values, function, "values")) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (values[i].type > SERAI_BLOB) {
      find(Law::argument, std::string("It calls ") + function + " with a value of unknown type.");
      return false;
    }
    if (values[i].type < SERAI_TEXT) continue;
    if (!good_text(&call, values[i].as.bytes, function, "value")) return false;
    if (values[i].type == SERAI_TEXT && !good_utf8(values[i].as.bytes)) {
      find(Law::argument, call.input->name + " gives " + function +
                              " a text that is not UTF-8; PostgreSQL refuses it.");
      return false;
    }
  }
  return true;
}

serai_status sql_query(serai_call number, serai_str statement, const serai_value* values,
                       std::uint32_t count, std::uint64_t most, serai_rows* out) noexcept {
  const char* function = "serai.sql/1 query";
  return pass(number, function, Uses::database, [&](CheckedCall& call) {
    if (!good_pointer(out, function, "out") ||
        !good_text(nullptr, statement, function, "statement") ||
        !good_values(call, values, count, function))
      return kInvalid;
    const serai_status status = sql().query(number, statement, values, count, most, out);
    if (status < 0) return status;
    Region& region = call.rows[out->handle];
    const char* label = "rows of serai.sql/1";
    std::vector<serai_str> names(out->names, out->names + out->column_count);
    std::vector<serai_value> cells(out->cells, out->cells + out->row_count * out->column_count);
    // One block for all texts of a result: there may be thousands.
    std::string texts;
    for (const auto& name : names) texts += testing::text_of(name);
    for (const auto& cell : cells)
      if (cell.type >= SERAI_TEXT) texts += testing::text_of(cell.as.bytes);
    const char* at = region.text(texts, label).data;
    const auto move = [&at](serai_str& text) {
      text.data = text.size == 0 ? nullptr : at;
      at += text.size;
    };
    for (auto& name : names) move(name);
    for (auto& cell : cells)
      if (cell.type >= SERAI_TEXT) move(cell.as.bytes);
    out->names = region.array(std::span<const serai_str>(names), label);
    out->cells = region.array(std::span<const serai_value>(cells), label);
    return status;
  });
}

serai_status sql_execute(serai_call number, serai_str statement, const serai_value* values,
                         std::uint32_t count, std::int64_t* changed) noexcept {
  const char* function = "serai.sql/1 execute";
  return pass(number, function, Uses::database, [&](CheckedCall& call) {
    if (!good_text(nullptr, statement, function, "statement") ||
        !good_values(call, values, count, function))
      return kInvalid;
    return sql().execute(number, statement, values, count, changed);
  });
}

serai_status sql_execute_many(serai_call number, serai_str statement, const serai_value* values,
                              std::uint32_t count, std::uint64_t rows,
                              std::int64_t* changed) noexcept {
  const char* function = "serai.sql/1 execute_many";
  return pass(number, function, Uses::database, [&](CheckedCall& call) {
    if (!good_text(nullptr, statement, function, "statement") ||
        !good_values(call, values, count * rows, function))
      return kInvalid;
    return sql().execute_many(number, statement, values, count, rows, changed);
  });
}

void sql_release(serai_call number, serai_handle rows) noexcept {
  pass_void(number, "serai.sql/1 release", [&](CheckedCall& call) {
    if (rows == 0) return;
    if (!good_handle(call, rows, "serai.sql/1 release")) return;
    call.rows.erase(rows);
    call.closed.insert(rows);
    sql().release(number, rows);
  });
}

serai_status sql_begin(serai_call number) noexcept {
  return pass(number, "serai.sql/1 begin", Uses::database, [&](CheckedCall& call) {
    const serai_status status = sql().begin(number);
    call.house->transaction_changed(call);
    return status;
  });
}

serai_status sql_commit(serai_call number) noexcept {
  const char* function = "serai.sql/1 commit";
  // Before the injection: what stands behind a refused commit is whether anything was committed.
  const serai_status status = pass(number, function, Uses::database, [&](CheckedCall& call) {
    const serai_status done = sql().commit(number);
    call.house->transaction_changed(call);
    if (done >= 0 && call.tenant->database->depth() == 0) call.commit_refused = false;
    return done;
  });
  if (status < 0 && status != SERAI_E_STALE) {
    if (CheckedCall* call = enter_call(number, function)) call->commit_refused = true;
  }
  return status;
}

serai_status sql_rollback(serai_call number) noexcept {
  return pass(number, "serai.sql/1 rollback", Uses::database, [&](CheckedCall& call) {
    const serai_status status = sql().rollback(number);
    call.house->transaction_changed(call);
    return status;
  });
}

serai_status kv_get(serai_call number, serai_str key, serai_str* value) noexcept {
  const char* function = "serai.kv/1 get";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_pointer(value, function, "value") || !good_text(nullptr, key, function, "key"))
      return kInvalid;
    return lend(call, kv().get(number, key, value), value, "a value of serai.kv/1");
  });
}

serai_status kv_put(serai_call number, serai_str key, serai_str value,
                    std::uint64_t ttl_ms) noexcept {
  const char* function = "serai.kv/1 put";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_text(&call, key, function, "key") || !good_text(&call, value, function, "value"))
      return kInvalid;
    return kv().put(number, key, value, ttl_ms);
  });
}

serai_status kv_erase(serai_call number, serai_str key) noexcept {
  return pass(number, "serai.kv/1 erase", Uses::memory, [&](CheckedCall&) {
    return good_text(nullptr, key, "serai.kv/1 erase", "key") ? kv().erase(number, key) : kInvalid;
  });
}

serai_status kv_add(serai_call number, serai_str key, std::int64_t amount, std::uint64_t ttl_ms,
                    std::int64_t* sum) noexcept {
  const char* function = "serai.kv/1 add";
  return pass(number, function, Uses::memory, [&](CheckedCall&) {
    if (!good_pointer(sum, function, "sum") || !good_text(nullptr, key, function, "key"))
      return kInvalid;
    return kv().add(number, key, amount, ttl_ms, sum);
  });
}

serai_status blob_create(serai_call number, serai_handle* writer) noexcept {
  return pass(number, "serai.blob/1 create", Uses::memory, [&](CheckedCall&) {
    return good_pointer(writer, "serai.blob/1 create", "writer") ? blob().create(number, writer)
                                                                 : kInvalid;
  });
}

serai_status blob_write(serai_call number, serai_handle writer, serai_str piece) noexcept {
  const char* function = "serai.blob/1 write";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) -> serai_status {
    if (!good_handle(call, writer, function)) return SERAI_E_STALE;
    return good_text(&call, piece, function, "piece") ? blob().write(number, writer, piece)
                                                      : kInvalid;
  });
}

serai_status blob_commit(serai_call number, serai_handle writer, serai_str* reference) noexcept {
  const char* function = "serai.blob/1 commit";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) -> serai_status {
    if (!good_handle(call, writer, function)) return SERAI_E_STALE;
    if (!good_pointer(reference, function, "reference")) return kInvalid;
    return lend(call, blob().commit(number, writer, reference), reference,
                "a reference of serai.blob/1");
  });
}

serai_status blob_open(serai_call number, serai_str reference, serai_handle* reader,
                       std::uint64_t* size) noexcept {
  const char* function = "serai.blob/1 open";
  return pass(number, function, Uses::memory, [&](CheckedCall&) {
    if (!good_text(nullptr, reference, function, "reference") ||
        !good_pointer(reader, function, "reader") || !good_pointer(size, function, "size"))
      return kInvalid;
    return blob().open(number, reference, reader, size);
  });
}

serai_status blob_read(serai_call number, serai_handle reader, std::uint64_t offset,
                       std::uint64_t size, serai_str* piece) noexcept {
  const char* function = "serai.blob/1 read";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) -> serai_status {
    if (!good_handle(call, reader, function)) return SERAI_E_STALE;
    if (!good_pointer(piece, function, "piece")) return kInvalid;
    const serai_status status = blob().read(number, reader, offset, size, piece);
    Region& region = call.pieces[reader];
    region.revoke();
    if (status >= 0)
      *piece = region.text(testing::text_of(*piece), "a piece of serai.blob/1 read before");
    return status;
  });
}

void blob_close(serai_call number, serai_handle handle) noexcept {
  pass_void(number, "serai.blob/1 close", [&](CheckedCall& call) {
    if (handle == 0 || !good_handle(call, handle, "serai.blob/1 close")) return;
    call.pieces.erase(handle);
    call.closed.insert(handle);
    blob().close(number, handle);
  });
}

serai_status blob_keep(serai_call number, serai_str reference) noexcept {
  return pass(number, "serai.blob/1 keep", Uses::memory, [&](CheckedCall&) {
    return good_text(nullptr, reference, "serai.blob/1 keep", "reference")
               ? blob().keep(number, reference)
               : kInvalid;
  });
}

serai_status blob_remove(serai_call number, serai_str reference) noexcept {
  return pass(number, "serai.blob/1 remove", Uses::memory, [&](CheckedCall&) {
    return good_text(nullptr, reference, "serai.blob/1 remove", "reference")
               ? blob().remove(number, reference)
               : kInvalid;
  });
}

serai_status vector_upsert(serai_call number, serai_str name, const std::int64_t* ids,
                           const float* floats, std::uint64_t count,
                           std::uint32_t dimension) noexcept {
  const char* function = "serai.vector/1 upsert";
  return pass(number, function, Uses::database, [&](CheckedCall&) {
    if (!good_text(nullptr, name, function, "collection")) return kInvalid;
    if (count > 0 &&
        (!good_pointer(ids, function, "ids") || !good_pointer(floats, function, "vectors")))
      return kInvalid;
    if (count > 0 && dimension == 0) {
      find(Law::argument, "It calls serai.vector/1 upsert with vectors of no dimension.");
      return kInvalid;
    }
    return vectors().upsert(number, name, ids, floats, count, dimension);
  });
}

serai_status vector_remove(serai_call number, serai_str name, const std::int64_t* ids,
                           std::uint64_t count) noexcept {
  const char* function = "serai.vector/1 remove";
  return pass(number, function, Uses::database, [&](CheckedCall&) {
    if (!good_text(nullptr, name, function, "collection") ||
        (count > 0 && !good_pointer(ids, function, "ids")))
      return kInvalid;
    return vectors().remove(number, name, ids, count);
  });
}

serai_status vector_drop(serai_call number, serai_str name) noexcept {
  return pass(number, "serai.vector/1 drop", Uses::database, [&](CheckedCall&) {
    return good_text(nullptr, name, "serai.vector/1 drop", "collection")
               ? vectors().drop(number, name)
               : kInvalid;
  });
}

serai_status vector_search(serai_call number, serai_str name, const float* query,
                           std::uint32_t dimension, std::uint64_t k, const std::int64_t* allowed,
                           std::uint64_t allowed_count, const serai_neighbour** out,
                           std::uint64_t* out_count) noexcept {
  const char* function = "serai.vector/1 search";
  return pass(number, function, Uses::database, [&](CheckedCall& call) {
    if (!good_text(nullptr, name, function, "collection") ||
        !good_pointer(query, function, "query") || !good_pointer(out, function, "out") ||
        !good_pointer(out_count, function, "out_count") ||
        (allowed_count > 0 && !good_pointer(allowed, function, "allowed")))
      return kInvalid;
    const serai_status status =
        vectors().search(number, name, query, dimension, k, allowed, allowed_count, out, out_count);
    if (status >= 0)
      *out = call.lent.array(std::span<const serai_neighbour>(*out, *out_count),
                             "neighbours of serai.vector/1");
    return status;
  });
}

serai_status vector_count(serai_call number, serai_str name, std::uint64_t* out) noexcept {
  const char* function = "serai.vector/1 count";
  return pass(number, function, Uses::database, [&](CheckedCall&) {
    if (!good_text(nullptr, name, function, "collection") || !good_pointer(out, function, "out"))
      return kInvalid;
    return vectors().count(number, name, out);
  });
}

serai_status config_get(serai_call number, serai_str name, serai_str* value) noexcept {
  const char* function = "serai.config/1 get";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_text(nullptr, name, function, "name") || !good_pointer(value, function, "value"))
      return kInvalid;
    return lend(call, config().get(number, name, value), value, "a value of serai.config/1");
  });
}

serai_status config_all(serai_call number, serai_str* object) noexcept {
  const char* function = "serai.config/1 all";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_pointer(object, function, "object")) return kInvalid;
    return lend(call, config().all(number, object), object, "the object of serai.config/1");
  });
}

serai_status config_set(serai_call number, serai_str name, serai_str value) noexcept {
  const char* function = "serai.config/1 set";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_text(nullptr, name, function, "name") || !good_text(&call, value, function, "value"))
      return kInvalid;
    if (!Json::accept(testing::text_of(value))) {
      find(Law::argument, "It calls serai.config/1 set with a value that is not JSON.");
      return kInvalid;
    }
    return config().set(number, name, value);
  });
}

serai_status secrets_get(serai_call number, serai_str name, serai_str* value) noexcept {
  const char* function = "serai.secrets/1 get";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_text(nullptr, name, function, "name") || !good_pointer(value, function, "value"))
      return kInvalid;
    return lend(call, secrets().get(number, name, value), value, "a value of serai.secrets/1");
  });
}

serai_status secrets_put(serai_call number, serai_str name, serai_str value) noexcept {
  const char* function = "serai.secrets/1 put";
  return pass(number, function, Uses::memory, [&](CheckedCall& call) {
    if (!good_text(nullptr, name, function, "name") || !good_text(&call, value, function, "value"))
      return kInvalid;
    return secrets().put(number, name, value);
  });
}

serai_status secrets_erase(serai_call number, serai_str name) noexcept {
  return pass(number, "serai.secrets/1 erase", Uses::memory, [&](CheckedCall&) {
    return good_text(nullptr, name, "serai.secrets/1 erase", "name") ? secrets().erase(number, name)
                                                                     : kInvalid;
  });
}

const serai_sql_api kSqlTable{sizeof(serai_sql_api), 0,           sql_query, sql_execute,
                              sql_execute_many,      sql_release, sql_begin, sql_commit,
                              sql_rollback};
const serai_kv_api kKvTable{sizeof(serai_kv_api), 0, kv_get, kv_put, kv_erase, kv_add};
const serai_blob_api kBlobTable{sizeof(serai_blob_api),
                                0,
                                blob_create,
                                blob_write,
                                blob_commit,
                                blob_open,
                                blob_read,
                                blob_close,
                                blob_keep,
                                blob_remove};
const serai_vector_api kVectorTable{sizeof(serai_vector_api),
                                    0,
                                    vector_upsert,
                                    vector_remove,
                                    vector_drop,
                                    vector_search,
                                    vector_count};
const serai_config_api kConfigTable{sizeof(serai_config_api), 0, config_get, config_all,
                                    config_set};
const serai_secrets_api kSecretsTable{sizeof(serai_secrets_api), 0, secrets_get, secrets_put,
                                      secrets_erase};

}  // namespace

const void* watched_storage(std::string_view id) noexcept {
  if (id == SERAI_SQL_ID) return &kSqlTable;
  if (id == SERAI_KV_ID) return &kKvTable;
  if (id == SERAI_BLOB_ID) return &kBlobTable;
  if (id == SERAI_VECTOR_ID) return &kVectorTable;
  if (id == SERAI_CONFIG_ID) return &kConfigTable;
  if (id == SERAI_SECRETS_ID) return &kSecretsTable;
  return nullptr;
}

}  // namespace serai::check
