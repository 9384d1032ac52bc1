// Meaning as vectors: learnt from the tenant's own documents (latent), or a provider's where the
// setting says so and it answers. The latent ones are kept up in any case, so that a provider that
// fails only makes a search plainer, never impossible.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

#include "chunk_store.hpp"
#include "retrieval/search.hpp"
#include "search_index.hpp"

namespace knowledge {

// A provider's vectors for texts; the collection names the model, for vectors of different models
// do not compare.
struct Embedded {
  std::string collection;
  std::uint32_t dimension = 0;
  std::vector<std::vector<float>> vectors;  // one per text, unit length; empty: there are none

  bool empty() const { return vectors.empty(); }
};

// Whether the provider is wished for and there.
bool provider_wanted(const serai::Call& call);
bool provider_available(const serai::Call& call);

// Empty when no provider is wanted, or it failed (which is logged). Takes as long as the provider.
Embedded embed(const serai::Call& call, const std::vector<std::string>& texts);

std::string latent_collection(const serai::retrieval::LatentModel& model);

// Writes vectors of one document's chunks, first position 0; joins the transaction.
void store_vectors(const serai::Call& call, std::int64_t number, const Embedded& embedded);
// Latent vectors of the chunks of these documents, as far as the snapshot has them.
void store_latent(const serai::Call& call, const serai::retrieval::LatentModel& model,
                  const serai::retrieval::Snapshot& snapshot, const DocumentList& documents);
// Out of every collection.
void remove_vectors(const serai::Call& call, std::int64_t number, std::int64_t chunks);
// Every collection but those named.
void drop_collections(const serai::Call& call, const std::vector<std::string>& keep);

// What a search compares by: the provider's vector of the query when there is one.
struct QueryVectors {
  serai::retrieval::VectorSource source;
  std::vector<float> query;
  std::string used;  // "provider", "latent" or "none"
};
// The callbacks live as long as the call and `index`.
QueryVectors query_vectors(const serai::Call& call, const TenantIndex& index,
                           const std::string& query);

}  // namespace knowledge
