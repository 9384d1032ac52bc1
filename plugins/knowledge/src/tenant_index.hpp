// One state of one tenant's index as it lies in the database, in memory. Immutable; a search holds
// it by shared_ptr while others are made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <serai/plugin.hpp>

#include "retrieval/analyzer.hpp"
#include "retrieval/latent.hpp"
#include "retrieval/snapshot.hpp"

namespace knowledge {

// An indexed document, as far as vector searches must know it.
struct Listed {
  std::int64_t number;
  std::string id, category, label;  // label: of its visibility
  std::int64_t chunks;
};

struct TenantIndex {
  std::string change;  // the database's name for this state: equal means the same content
  std::shared_ptr<const serai::retrieval::Snapshot> snapshot;
  std::shared_ptr<const serai::retrieval::LatentModel> model;  // null: nothing learnt yet
  std::vector<Listed> documents;                               // by number
  bool damaged = false;  // what is stored could not be read: `snapshot` was made from the chunks

  std::size_t memory_bytes() const;
  const Listed* find(std::int64_t number) const;
};

// The database's present state, from memory where `known` (may be null) already holds parts of it.
std::shared_ptr<const TenantIndex> load_index(const serai::Call& call,
                                              const std::shared_ptr<const TenantIndex>& known,
                                              const serai::retrieval::Analyzer& analyzer);

// The name of the database's present state; one statement.
std::string stored_change(const serai::Call& call);

// Made anew from the rows of chunks.
std::shared_ptr<const serai::retrieval::Snapshot> index_from_chunks(
    const serai::Call& call, const serai::retrieval::Analyzer& analyzer);

std::vector<Listed> list_indexed(const serai::Call& call);

}  // namespace knowledge
