// Vectors over faiss: rows in the tenant's database are the truth, snapshots in memory follow them.
// A search reads in one statement what has changed since the snapshot it finds, so it never sees
// less than what was committed before it began.
#include "storage/vectors.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <tuple>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "storage/vectors/snapshot.hpp"

namespace host::storage {
namespace {

constexpr std::size_t kLargestDimension = 4096;
constexpr std::size_t kMostResults = 10'000;
constexpr std::size_t kChangesAtOnce = 4000;  // more: reading all anew is no slower
constexpr std::size_t kRowsPerPage = 2000;
constexpr std::int64_t kVersionsBetweenPurges = 256;

using Shared = std::shared_ptr<const Snapshot>;

struct Collection {
  std::mutex building;  // held by who brings the shared snapshot up to date
  std::atomic<Shared> snapshot;
  std::atomic<std::uint64_t> used{0};
};

struct Header {
  std::string epoch;
  std::int64_t version = 0, purged = 0;
  std::size_t dimension = 0;
};

std::vector<float> floats(Bytes bytes, std::size_t dimension) {
  if (bytes.size() != dimension * sizeof(float)) {
    throw Problem(500, "vector_corrupt", "A stored vector is damaged.");
  }
  std::vector<float> result(dimension);
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

// The collection's rows, seen through one session.
class Table {
 public:
  Table(Session& session, std::string_view plugin, std::string_view name)
      : session_(session), plugin_(plugin), name_(name) {}

  // Header and all changes after version `since`, at one moment; nullopt: no such collection. More
  // than kChangesAtOnce changes: `complete` is false.
  std::optional<Header> changes(std::int64_t since, std::vector<Change>& changes, bool& complete) {
    changes.clear();
    const Rows rows = session_.query(
        "SELECT c.epoch AS epoch, c.version AS version, c.purged AS purged, c.dimension AS "
        "dimension, v.id AS id, v.data AS data, v.version AS row_version "
        "FROM serai_vector_collections c LEFT JOIN serai_vectors v ON v.plugin = c.plugin AND "
        "v.collection = c.name AND v.version > $3 WHERE c.plugin = $1 AND c.name = $2 LIMIT $4",
        {plugin_, name_, since, static_cast<std::int64_t>(kChangesAtOnce + 1)});
    if (rows.empty()) return std::nullopt;
    const Header header = read_header(rows);
    complete = rows.size() <= kChangesAtOnce;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows.null(i, "row_version")) continue;  // of a collection that did not change
      Change change{rows.integer(i, "id"), std::nullopt};
      if (!rows.null(i, "data")) change.vector = floats(rows.blob(i, "data"), header.dimension);
      changes.push_back(std::move(change));
    }
    return header;
  }

  std::optional<Header> header() {
    const Rows rows = session_.query(
        "SELECT epoch, version, purged, dimension FROM serai_vector_collections "
        "WHERE plugin = $1 AND name = $2",
        {plugin_, name_});
    if (rows.empty()) return std::nullopt;
    return read_header(rows);
  }

  // All vectors as of the header's version. Rows changed since then are left out; the caller
  // fetches them with changes().
  Shared all(const Header& header) {
    std::vector<std::int64_t> ids;
    std::vector<float> vectors;
    std::int64_t next = INT64_MIN;
    while (true) {
      const Rows rows = session_.query(
          "SELECT id, data FROM serai_vectors WHERE plugin = $1 AND collection = $2 AND id >= $3 "
          "AND data IS NOT NULL AND version <= $4 ORDER BY id LIMIT $5",
          {plugin_, name_, next, header.version, static_cast<std::int64_t>(kRowsPerPage)});
      for (std::size_t i = 0; i < rows.size(); ++i) {
        ids.push_back(rows.integer(i, "id"));
        const auto vector = floats(rows.blob(i, "data"), header.dimension);
        vectors.insert(vectors.end(), vector.begin(), vector.end());
      }
      if (rows.size() < kRowsPerPage || ids.back() == INT64_MAX) break;
      next = ids.back() + 1;
    }
    return Snapshot::of(header.epoch, header.dimension, header.version, std::move(ids), vectors);
  }

 private:
  static Header read_header(const Rows& rows) {
    return {rows.text(0, "epoch"), rows.integer(0, "version"), rows.integer(0, "purged"),
            static_cast<std::size_t>(rows.integer(0, "dimension"))};
  }

  Session& session_;
  std::string_view plugin_, name_;
};

// `base` brought to what the session sees; null: there is no such collection.
Shared catch_up(Table table, Shared base) {
  static constexpr int kAttempts = 10;
  std::vector<Change> changes;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    bool complete = true;
    const auto header = table.changes(base ? base->version() : INT64_MAX, changes, complete);
    if (!header) return nullptr;
    const bool usable = base && complete && base->epoch() == header->epoch &&
                        header->purged <= base->version() && header->version >= base->version();
    if (usable) {
      if (changes.empty() && header->version == base->version()) return base;
      return base->with(std::move(changes), header->version);
    }
    const auto start = table.header();
    if (!start) return nullptr;
    base = table.all(*start);  // and once more around for what happened meanwhile
  }
  throw unavailable("vectors_busy", "The index changes faster than it can be read.", 1);
}

// Merges segments in the background, one collection at a time.
class Merger {
 public:
  ~Merger() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  void ask(const std::shared_ptr<Collection>& collection) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || std::find(asked_.begin(), asked_.end(), collection) != asked_.end()) return;
    asked_.push_back(collection);
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    wake_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stopping_ || !asked_.empty(); });
      if (stopping_) return;
      const auto collection = asked_.front();
      lock.unlock();
      merge(*collection);
      lock.lock();
      asked_.pop_front();
    }
  }

  static void merge(Collection& collection) {
    const Shared before = collection.snapshot.load();
    if (!before || !before->wants_merge()) return;
    auto merged = before->merge();
    const std::lock_guard lock(collection.building);
    const Shared now = collection.snapshot.load();
    if (!now) return;
    if (auto next = Snapshot::replace(*before, std::move(merged), *now)) {
      collection.snapshot.store(std::move(next));
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<std::shared_ptr<Collection>> asked_;  // the first is being merged
  std::thread thread_;
};

class FaissVectors final : public Vectors {
 public:
  explicit FaissVectors(std::size_t memory) : memory_(memory) {}

  void upsert(const CallToken& token, Session& session, std::string_view collection,
              std::span<const std::int64_t> ids, std::span<const float> vectors,
              std::size_t dimension) override {
    check_session(token, session);
    if (ids.empty()) return;
    if (dimension == 0 || dimension > kLargestDimension ||
        vectors.size() != ids.size() * dimension) {
      throw bad_request("The vectors do not have the dimension they claim.");
    }
    if (!std::all_of(vectors.begin(), vectors.end(), [](float x) { return std::isfinite(x); })) {
      throw bad_request("A vector holds something that is not a number.");
    }
    const HostAccess host(session);
    Transaction transaction(session);
    const std::string epoch = uuid_v7();
    const Rows changed = session.query(
        "INSERT INTO serai_vector_collections (plugin, name, dimension, epoch, version, purged) "
        "VALUES ($1, $2, $3, $4, 1, 0) ON CONFLICT (plugin, name) DO UPDATE SET version = "
        "serai_vector_collections.version + 1 RETURNING dimension, version",
        {token.plugin(), collection, static_cast<std::int64_t>(dimension), epoch});
    if (changed.integer(0, "dimension") != static_cast<std::int64_t>(dimension)) {
      throw conflict("dimension_mismatch", "This collection holds vectors of another dimension.");
    }
    const std::int64_t version = changed.integer(0, "version");
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const Bytes data = std::as_bytes(vectors.subspan(i * dimension, dimension));
      session.execute(
          "INSERT INTO serai_vectors (plugin, collection, id, version, data) VALUES "
          "($1, $2, $3, $4, $5) ON CONFLICT (plugin, collection, id) DO UPDATE SET version = "
          "excluded.version, data = excluded.data",
          {token.plugin(), collection, ids[i], version, data});
    }
    purge(token, session, collection, version);
    transaction.commit();
  }

  void remove(const CallToken& token, Session& session, std::string_view collection,
              std::span<const std::int64_t> ids) override {
    check_session(token, session);
    if (ids.empty()) return;
    const HostAccess host(session);
    Transaction transaction(session);
    const Rows changed = session.query(
        "UPDATE serai_vector_collections SET version = version + 1 WHERE plugin = $1 AND name = $2 "
        "RETURNING version",
        {token.plugin(), collection});
    if (changed.empty()) return;
    const std::int64_t version = changed.integer(0, "version");
    for (const std::int64_t id : ids) {
      session.execute(
          "UPDATE serai_vectors SET data = NULL, version = $4 WHERE plugin = $1 AND collection = "
          "$2 "
          "AND id = $3 AND data IS NOT NULL",
          {token.plugin(), collection, id, version});
    }
    purge(token, session, collection, version);
    transaction.commit();
  }

  void drop(const CallToken& token, Session& session, std::string_view collection) override {
    check_session(token, session);
    const HostAccess host(session);
    Transaction transaction(session);
    session.execute("DELETE FROM serai_vectors WHERE plugin = $1 AND collection = $2",
                    {token.plugin(), collection});
    session.execute("DELETE FROM serai_vector_collections WHERE plugin = $1 AND name = $2",
                    {token.plugin(), collection});
    transaction.commit();
  }

  std::vector<Neighbour> search(const CallToken& token, Session& session,
                                std::string_view collection, std::span<const float> query,
                                std::size_t k, std::span<const std::int64_t> allowed) override {
    check_session(token, session);
    const HostAccess host(session);
    const Shared snapshot = current(token, session, collection);
    if (!snapshot) return {};
    if (query.size() != snapshot->dimension()) {
      throw conflict("dimension_mismatch", "This collection holds vectors of another dimension.");
    }
    return snapshot->search(query, std::min(k, kMostResults), allowed);
  }

  std::size_t count(const CallToken& token, Session& session,
                    std::string_view collection) override {
    check_session(token, session);
    const HostAccess host(session);
    const Rows rows = session.query(
        "SELECT (SELECT count(*) FROM serai_vectors WHERE plugin = $1 AND collection = $2) - "
        "(SELECT count(*) FROM serai_vectors WHERE plugin = $1 AND collection = $2 AND data IS "
        "NULL) AS vectors",
        {token.plugin(), collection});
    return static_cast<std::size_t>(rows.integer(0, "vectors"));
  }

  void destroy(const CallToken& token) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(collections_,
                  [&](const auto& entry) { return std::get<0>(entry.first) == token.tenant(); });
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // tenant, plugin, collection

  static void check_session(const CallToken& token, const Session& session) {
    if (token.tenant().empty()) throw forbidden("no_tenant", "This call belongs to no tenant.");
    if (session.tenant() != token.tenant()) {
      throw std::logic_error("the session belongs to another tenant than the token");
    }
  }

  // Removed rows are kept for indexes that have not seen the removal, but not for ever.
  static void purge(const CallToken& token, Session& session, std::string_view collection,
                    std::int64_t version) {
    if (version % kVersionsBetweenPurges != 0) return;
    session.execute(
        "DELETE FROM serai_vectors WHERE plugin = $1 AND collection = $2 AND data IS NULL",
        {token.plugin(), collection});
    session.execute(
        "UPDATE serai_vector_collections SET purged = $3 WHERE plugin = $1 AND name = $2",
        {token.plugin(), collection, version});
  }

  std::shared_ptr<Collection> find(const CallToken& token, std::string_view collection) {
    Key key{token.tenant(), token.plugin(), std::string(collection)};
    const std::lock_guard lock(mutex_);
    auto& found = collections_[std::move(key)];
    if (!found) found = std::make_shared<Collection>();
    found->used = ++clock_;
    return found;
  }

  // What the session sees. Only what is committed may be shared: a version number counted up in an
  // open transaction means something else after its rollback.
  Shared current(const CallToken& token, Session& session, std::string_view name) {
    const auto collection = find(token, name);
    const Table table(session, token.plugin(), name);
    if (session.in_transaction()) return catch_up(table, collection->snapshot.load());
    std::unique_lock building(collection->building, std::try_to_lock);
    if (!building.owns_lock()) {
      // Somebody else is at it. With a snapshot to start from, we need not wait.
      if (Shared base = collection->snapshot.load()) return catch_up(table, std::move(base));
      building.lock();
    }
    const Shared before = collection->snapshot.load();
    Shared now = catch_up(table, before);
    if (now != before) {
      collection->snapshot.store(now);
      building.unlock();
      if (now && now->wants_merge()) merger_.ask(collection);
      evict(collection);
    }
    return now;
  }

  // Least recently used first, never the one just read.
  void evict(const std::shared_ptr<Collection>& keep) {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = 0;
    std::vector<std::pair<std::uint64_t, const Key*>> by_use;
    for (const auto& [key, collection] : collections_) {
      const Shared snapshot = collection->snapshot.load();
      if (snapshot) bytes += snapshot->bytes();
      if (collection != keep) by_use.emplace_back(collection->used.load(), &key);
    }
    std::sort(by_use.begin(), by_use.end());
    for (const auto& [used, key] : by_use) {
      if (bytes <= memory_) break;
      const auto found = collections_.find(*key);
      if (const Shared snapshot = found->second->snapshot.load()) bytes -= snapshot->bytes();
      collections_.erase(found);
    }
  }

  const std::size_t memory_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<Collection>> collections_;
  std::uint64_t clock_ = 0;
  Merger merger_;
};

}  // namespace

std::unique_ptr<Vectors> make_faiss_vectors(std::size_t memory_bytes) {
  return std::make_unique<FaissVectors>(memory_bytes);
}

}  // namespace host::storage
