// One state of one tenant's index as it lies in the database, in memory. Immutable; a search holds
// it by shared_ptr while others are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include <serai/plugin.hpp>

#include "document_list.hpp"
#include "retrieval/analyzer.hpp"
#include "retrieval/latent.hpp"
#include "retrieval/snapshot.hpp"

namespace knowledge {

struct TenantIndex {
  std::string change;  // the database's name for this state: equal means the same content
  std::shared_ptr<const serai::retrieval::Snapshot> snapshot;
  std::shared_ptr<const serai::retrieval::LatentModel> model;  // null: nothing learnt yet
  DocumentList documents;
  bool damaged = false;  // what is stored could not be read: `snapshot` was made from the chunks
  // Of each segment by its id, with `model`; empty until somebody writes.
  std::unordered_map<std::string, serai::retrieval::LatentModel::WordMass> masses;

  std::size_t memory_bytes() const;
  // Fills `masses`, from `before` where it knows them already.
  void weigh(const TenantIndex& before);
  // Whether the present model (or its absence) makes searches poorer than they could be.
  bool worth_training() const;
};

// What is in memory of a tenant: each may be null, and neither need be the database's present
// state.
struct KnownIndex {
  std::shared_ptr<const TenantIndex> index;
  // What somebody is about to commit, or just has: the present state if the database says so.
  std::shared_ptr<const TenantIndex> next;
};

// The database's present state, from memory as far as that knows it.
std::shared_ptr<const TenantIndex> load_index(const serai::Call& call, const KnownIndex& known,
                                              const serai::retrieval::Analyzer& analyzer);

// The name of the database's present state; one statement.
std::string stored_change(const serai::Call& call);

// Made anew from the rows of chunks.
std::shared_ptr<const serai::retrieval::Snapshot> index_from_chunks(
    const serai::Call& call, const serai::retrieval::Analyzer& analyzer);

DocumentList list_indexed(const serai::Call& call);

}  // namespace knowledge
