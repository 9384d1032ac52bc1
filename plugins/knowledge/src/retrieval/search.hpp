// The search over one snapshot: words and vectors, fused, filtered inside, diversified on
// wish, each hit with the evidence for it. The door of the library for queries.
#pragma once

#include <memory>
#include <vector>

#include "analyzer.hpp"
#include "latent.hpp"
#include "snapshot.hpp"
#include "types.hpp"

namespace serai::retrieval {

// Where vectors come from; any of them may be absent.
struct VectorSource {
  std::shared_ptr<const LatentModel> model;  // projects queries that bring no vector
  VectorSearch search;
  VectorFetch fetch;  // lets diversity compare meanings instead of words
};

// Cheap to make, one for each search or many; thread-safe when the callbacks are.
class Searcher {
 public:
  // The analyzer outlives the searcher.
  Searcher(std::shared_ptr<const Snapshot> snapshot, const Analyzer& analyzer,
           VectorSource vectors = {}, Parameters parameters = {});

  // At most query.k hits, best first; none when no chunk shares anything with the query. The order
  // is that of the fused rankings (or of diversity), deterministic; see Hit::score.
  std::vector<Hit> search(const Query& query) const;

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  const Analyzer& analyzer_;
  VectorSource vectors_;
  Parameters parameters_;
};

}  // namespace serai::retrieval
