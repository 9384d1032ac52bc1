// serai.sql/1, serai.kv/1, serai.blob/1, serai.vector/1, serai.config/1 and serai.secrets/1 of the
// fake host.
#include <algorithm>

#include "schema.hpp"
#include "state.hpp"

namespace serai::testing {
namespace {

Database& database(CallState& state) { return *state.tenant->database; }

serai_status sql_query(serai_call call, serai_str statement, const serai_value* values,
                       std::uint32_t count, std::uint64_t max_rows, serai_rows* out) noexcept {
  return answer(call, [&](CallState& state) {
    Result result;
    database(state).count_round_trip();
    database(state).run(text_of(statement), values, count, max_rows == 0 ? 10'000 : max_rows,
                        &result);
    const serai_handle handle = ++state.host->counter;
    const Result& kept = state.results.emplace(handle, std::move(result)).first->second;
    *out = {handle, kept.row_count,    static_cast<std::uint32_t>(kept.names.size()),
            0,      kept.names.data(), kept.cells.data()};
  });
}

serai_status sql_execute(serai_call call, serai_str statement, const serai_value* values,
                         std::uint32_t count, std::int64_t* changed) noexcept {
  return answer(call, [&](CallState& state) {
    Result result;
    database(state).count_round_trip();
    database(state).run(text_of(statement), values, count, 0, &result);
    if (changed != nullptr) *changed = result.changed;
  });
}

serai_status sql_execute_many(serai_call call, serai_str statement, const serai_value* values,
                              std::uint32_t count, std::uint64_t rows,
                              std::int64_t* changed) noexcept {
  return answer(call, [&](CallState& state) {
    const std::string text = text_of(statement);
    database(state).count_round_trip();
    database(state).begin();
    std::int64_t sum = 0;
    try {
      for (std::uint64_t row = 0; row < rows; ++row) {
        Result result;
        database(state).run(text, values + row * count, count, 0, &result);
        sum += result.changed;
      }
    } catch (...) {
      database(state).rollback();
      throw;
    }
    database(state).commit();
    if (changed != nullptr) *changed = sum;
  });
}

void sql_release(serai_call call, serai_handle rows) noexcept {
  if (CallState* state = find_call(call)) state->results.erase(rows);
}

serai_status sql_begin(serai_call call) noexcept {
  return answer(call, [](CallState& state) {
    database(state).begin();
    const TenantState& tenant = *state.tenant;
    state.snapshots.push_back({tenant.collections, tenant.jobs, tenant.events});
  });
}

serai_status sql_commit(serai_call call) noexcept {
  return answer(call, [](CallState& state) {
    database(state).commit();
    state.snapshots.pop_back();
  });
}

serai_status sql_rollback(serai_call call) noexcept {
  return answer(call, [](CallState& state) {
    database(state).rollback();
    Snapshot& before = state.snapshots.back();
    state.tenant->collections = std::move(before.collections);
    state.tenant->jobs = std::move(before.jobs);
    state.tenant->events = std::move(before.events);
    state.snapshots.pop_back();
  });
}

KvEntry* live_entry(CallState& state, const std::string& key) {
  const auto found = state.tenant->kv.find(key);
  if (found == state.tenant->kv.end()) return nullptr;
  if (found->second.expires_us == 0 || found->second.expires_us > state.host->now_us()) {
    return &found->second;
  }
  state.tenant->kv.erase(found);
  return nullptr;
}

std::int64_t expiry(const CallState& state, std::uint64_t ttl_ms) {
  return ttl_ms == 0 ? 0 : state.host->now_us() + static_cast<std::int64_t>(ttl_ms) * 1000;
}

serai_status kv_get(serai_call call, serai_str key, serai_str* value) noexcept {
  return answer(call, [&](CallState& state) {
    const KvEntry* entry = live_entry(state, text_of(key));
    if (entry == nullptr) throw Failure{SERAI_E_NOT_FOUND, "not_found", "There is no such key."};
    *value = state.keep(entry->value);
  });
}

serai_status kv_put(serai_call call, serai_str key, serai_str value,
                    std::uint64_t ttl_ms) noexcept {
  return answer(call, [&](CallState& state) {
    state.tenant->kv[text_of(key)] = {text_of(value), expiry(state, ttl_ms)};
  });
}

serai_status kv_erase(serai_call call, serai_str key) noexcept {
  return answer(call, [&](CallState& state) { state.tenant->kv.erase(text_of(key)); });
}

serai_status kv_add(serai_call call, serai_str key, std::int64_t amount, std::uint64_t ttl_ms,
                    std::int64_t* sum) noexcept {
  return answer(call, [&](CallState& state) {
    const std::string name = text_of(key);
    const KvEntry* entry = live_entry(state, name);
    std::int64_t total = amount;
    if (entry != nullptr) total += std::strtoll(entry->value.c_str(), nullptr, 10);
    state.tenant->kv[name] = {std::to_string(total), expiry(state, ttl_ms)};
    if (sum != nullptr) *sum = total;
  });
}

// Content-addressed as in the host; not a cryptographic digest.
std::string reference_of(const std::string& bytes) {
  std::uint64_t hash = 1469598103934665603ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  char text[40];
  (void)std::snprintf(text, sizeof(text), "blob-%016llx-%zu", static_cast<unsigned long long>(hash),
                      bytes.size());
  return text;
}

BlobHandle& blob_handle(CallState& state, serai_handle handle, bool writer) {
  const auto found = state.blobs.find(handle);
  if (found == state.blobs.end() || found->second.is_writer != writer) {
    throw Failure{SERAI_E_STALE, "stale_handle", "The blob handle is not open."};
  }
  return found->second;
}

BlobContent& blob_content(CallState& state, serai_str reference) {
  const auto found = state.tenant->blobs.find(text_of(reference));
  if (found == state.tenant->blobs.end()) {
    throw Failure{SERAI_E_NOT_FOUND, "blob_not_found", "There is no such blob."};
  }
  return found->second;
}

serai_status blob_create(serai_call call, serai_handle* writer) noexcept {
  return answer(call, [&](CallState& state) {
    *writer = ++state.host->counter;
    state.blobs[*writer].is_writer = true;
  });
}

serai_status blob_write(serai_call call, serai_handle writer, serai_str piece) noexcept {
  return answer(call, [&](CallState& state) {
    BlobHandle& handle = blob_handle(state, writer, true);
    if (handle.committed) throw Failure{SERAI_E_STALE, "stale_handle", "The blob is committed."};
    handle.bytes += text_of(piece);
  });
}

serai_status blob_commit(serai_call call, serai_handle writer, serai_str* reference) noexcept {
  return answer(call, [&](CallState& state) {
    BlobHandle& handle = blob_handle(state, writer, true);
    if (handle.committed) throw Failure{SERAI_E_STALE, "stale_handle", "The blob is committed."};
    handle.committed = true;
    const std::string name = reference_of(handle.bytes);
    state.tenant->blobs[name] = {std::move(handle.bytes), true};
    *reference = state.keep(name);
  });
}

serai_status blob_open(serai_call call, serai_str reference, serai_handle* reader,
                       std::uint64_t* size) noexcept {
  return answer(call, [&](CallState& state) {
    const BlobContent& content = blob_content(state, reference);
    *reader = ++state.host->counter;
    state.blobs[*reader].bytes = content.bytes;
    *size = content.bytes.size();
  });
}

serai_status blob_read(serai_call call, serai_handle reader, std::uint64_t offset,
                       std::uint64_t size, serai_str* piece) noexcept {
  return answer(call, [&](CallState& state) {
    const std::string& bytes = blob_handle(state, reader, false).bytes;
    const std::uint64_t begin = std::min<std::uint64_t>(offset, bytes.size());
    const std::uint64_t length =
        std::min<std::uint64_t>({size, bytes.size() - begin, std::uint64_t{1024} * 1024});
    *piece = {bytes.data() + begin, length};
  });
}

void blob_close(serai_call call, serai_handle handle) noexcept {
  if (CallState* state = find_call(call)) state->blobs.erase(handle);
}

serai_status blob_keep(serai_call call, serai_str reference) noexcept {
  return answer(call, [&](CallState& state) { blob_content(state, reference).kept = true; });
}

serai_status blob_remove(serai_call call, serai_str reference) noexcept {
  return answer(call, [&](CallState& state) {
    blob_content(state, reference);
    state.tenant->blobs.erase(text_of(reference));
  });
}

serai_status vector_upsert(serai_call call, serai_str name, const std::int64_t* ids,
                           const float* vectors, std::uint64_t count,
                           std::uint32_t dimension) noexcept {
  return answer(call, [&](CallState& state) {
    Collection& collection = state.tenant->collections[text_of(name)];
    if (collection.dimension == 0) collection.dimension = dimension;
    if (collection.dimension != dimension) {
      throw Failure{SERAI_E_INVALID, "vector_dimension",
                    "The collection has " + std::to_string(collection.dimension) + " dimensions."};
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      collection.vectors[ids[i]].assign(vectors + i * dimension, vectors + (i + 1) * dimension);
    }
  });
}

serai_status vector_remove(serai_call call, serai_str name, const std::int64_t* ids,
                           std::uint64_t count) noexcept {
  return answer(call, [&](CallState& state) {
    const auto found = state.tenant->collections.find(text_of(name));
    if (found == state.tenant->collections.end()) return;
    for (std::uint64_t i = 0; i < count; ++i) found->second.vectors.erase(ids[i]);
  });
}

serai_status vector_drop(serai_call call, serai_str name) noexcept {
  return answer(call, [&](CallState& state) { state.tenant->collections.erase(text_of(name)); });
}

serai_status vector_search(serai_call call, serai_str name, const float* query,
                           std::uint32_t dimension, std::uint64_t k, const std::int64_t* allowed,
                           std::uint64_t allowed_count, const serai_neighbour** out,
                           std::uint64_t* out_count) noexcept {
  return answer(call, [&](CallState& state) {
    std::vector<serai_neighbour>& best = state.neighbours.emplace_back();
    const auto found = state.tenant->collections.find(text_of(name));
    if (found != state.tenant->collections.end()) {
      if (found->second.dimension != dimension) {
        throw Failure{SERAI_E_INVALID, "vector_dimension", "The query has another dimension."};
      }
      for (const auto& [id, vector] : found->second.vectors) {
        if (allowed_count != 0 && !std::binary_search(allowed, allowed + allowed_count, id)) {
          continue;
        }
        float score = 0;
        for (std::uint32_t i = 0; i < dimension; ++i) score += vector[i] * query[i];
        best.push_back({id, score, 0});
      }
      std::stable_sort(best.begin(), best.end(),
                       [](const serai_neighbour& left, const serai_neighbour& right) {
                         return left.score > right.score;
                       });
      if (best.size() > k) best.resize(k);
    }
    *out = best.data();
    *out_count = best.size();
  });
}

serai_status vector_count(serai_call call, serai_str name, std::uint64_t* out) noexcept {
  return answer(call, [&](CallState& state) {
    const auto found = state.tenant->collections.find(text_of(name));
    *out = found == state.tenant->collections.end() ? 0 : found->second.vectors.size();
  });
}

const Json& declared_setting(CallState& state, const std::string& name) {
  const Json* setting = state.host->manifest.setting(name);
  if (setting == nullptr || setting->value("secret", false)) {
    throw Failure{SERAI_E_NOT_FOUND, "no_such_setting",
                  "The manifest declares no setting `" + name + "`."};
  }
  return *setting;
}

serai_status config_get(serai_call call, serai_str name, serai_str* value) noexcept {
  return answer(call, [&](CallState& state) {
    declared_setting(state, text_of(name));
    *value = state.keep(dump_json(state.host->setting_value(*state.tenant, text_of(name))));
  });
}

serai_status config_all(serai_call call, serai_str* object) noexcept {
  return answer(call, [&](CallState& state) {
    Json all = Json::object();
    const Json settings = state.host->manifest.json().value("settings", Json::object());
    for (const auto& [name, setting] : settings.items()) {
      if (setting.value("secret", false)) continue;
      all[name] = state.host->setting_value(*state.tenant, name);
    }
    *object = state.keep(dump_json(all));
  });
}

serai_status config_set(serai_call call, serai_str name, serai_str value) noexcept {
  return answer(call, [&](CallState& state) {
    const Json& setting = declared_setting(state, text_of(name));
    Json parsed = parse_json(text_of(value), "The setting");
    const auto faults = check_schema(setting, parsed);
    if (!faults.empty()) {
      throw Failure{SERAI_E_UNPROCESSABLE, "bad_setting",
                    "`" + text_of(name) + "`: " + faults.front().detail};
    }
    state.tenant->settings[text_of(name)] = std::move(parsed);
  });
}

serai_status secrets_get(serai_call call, serai_str name, serai_str* value) noexcept {
  return answer(call, [&](CallState& state) {
    const auto found = state.tenant->secrets.find(text_of(name));
    if (found == state.tenant->secrets.end()) {
      throw Failure{SERAI_E_NOT_FOUND, "no_such_secret", "The secret is not set."};
    }
    *value = state.keep(found->second);
  });
}

serai_status secrets_put(serai_call call, serai_str name, serai_str value) noexcept {
  return answer(call,
                [&](CallState& state) { state.tenant->secrets[text_of(name)] = text_of(value); });
}

serai_status secrets_erase(serai_call call, serai_str name) noexcept {
  return answer(call, [&](CallState& state) { state.tenant->secrets.erase(text_of(name)); });
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

const void* storage_table(std::string_view id, std::uint32_t* size) noexcept {
  const auto give = [size](const auto& table) -> const void* {
    *size = table.struct_size;
    return &table;
  };
  if (id == SERAI_SQL_ID) return give(kSqlTable);
  if (id == SERAI_KV_ID) return give(kKvTable);
  if (id == SERAI_BLOB_ID) return give(kBlobTable);
  if (id == SERAI_VECTOR_ID) return give(kVectorTable);
  if (id == SERAI_CONFIG_ID) return give(kConfigTable);
  if (id == SERAI_SECRETS_ID) return give(kSecretsTable);
  return nullptr;
}

}  // namespace serai::testing
