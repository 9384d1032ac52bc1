// The indexes of all tenants: memory over the database, which alone is the truth. Readers ask for
// the present state; writers change it within a transaction and publish after its commit, so that a
// rollback leaves memory as it was. Another process's writes are seen by the name of the state.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

#include "chunking.hpp"
#include "document.hpp"
#include "retrieval/index.hpp"
#include "tenant_index.hpp"

namespace knowledge {

class SearchIndex {
 public:
  // The present state of the caller's tenant. Thread-safe.
  std::shared_ptr<const TenantIndex> read(const serai::Call& call);

  // A change of the caller's tenant, see below.
  class Edit;

  // Drops what is held of the tenant.
  void forget(std::string_view tenant);
  // Of all tenants held, bytes.
  std::size_t memory_bytes() const;

  const serai::retrieval::Analyzer& analyzer() const { return analyzer_; }

 private:
  struct Slot {
    KnownIndex known;
    std::size_t bytes = 0;  // of known.index: what known.next does not share with it is little
    std::list<std::string>::iterator use;
  };
  using Slots = std::map<std::string, Slot, std::less<>>;

  KnownIndex known(std::string_view tenant);
  // What the database holds.
  void keep(const serai::Call& call, std::shared_ptr<const TenantIndex> index);
  // What is about to be committed: whoever comes after the commit has it in memory at once,
  // although we have not come to keep it yet.
  void announce(std::string_view tenant, const std::shared_ptr<const TenantIndex>& next);
  void withdraw(std::string_view tenant, const TenantIndex& next) noexcept;
  // True unless somebody else has gone on from there, or from elsewhere, already.
  bool announced(std::string_view tenant, const TenantIndex& next) const;
  void drop(Slots::iterator slot);

  serai::retrieval::Analyzer analyzer_;
  mutable std::mutex mutex_;
  Slots slots_;
  std::list<std::string> uses_;  // the latest first
  std::size_t bytes_ = 0;
};

// Made inside an open transaction, which it makes the only writer of the tenant's index until the
// transaction ends. Call store() before the commit and publish() after it.
class SearchIndex::Edit {
 public:
  Edit(SearchIndex& owner, const serai::Call& call);
  ~Edit();
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;

  // The document's number, category, visibility and owner as they are to be; no chunks: it is not
  // listed.
  void put(const Document& document, const std::vector<Chunk>& chunks);
  void remove(const Document& document);
  void set_model(std::shared_ptr<const serai::retrieval::LatentModel> model);
  // Everything anew from the rows of chunks.
  void rebuild();
  // Merges what writing left in pieces.
  void maintain();

  // The state before the change.
  const TenantIndex& before() const { return *before_; }
  std::shared_ptr<const serai::retrieval::Snapshot> snapshot() const { return work_.snapshot(); }

  void store();
  // After store().
  const TenantIndex& after() const { return *after_; }
  void publish();

 private:
  void store_segments(const serai::retrieval::StorageChange& change);
  void store_model();

  SearchIndex& owner_;
  const serai::Call& call_;
  std::shared_ptr<const TenantIndex> before_;
  serai::retrieval::Index work_;
  DocumentList documents_;
  std::shared_ptr<const serai::retrieval::LatentModel> model_;
  bool replace_all_;  // what is stored is not what `before_` holds
  std::shared_ptr<TenantIndex> after_;
};

}  // namespace knowledge
