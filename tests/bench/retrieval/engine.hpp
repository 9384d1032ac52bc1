// The engine set up as a tenant would have it: index, latent model, vectors. And the latency run.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collection.hpp"
#include "retrieval/exact_vectors.hpp"
#include "retrieval/index.hpp"
#include "retrieval/search.hpp"

namespace bench {

class Engine {
 public:
  Engine(const Corpus& corpus, bool vectors, const serai::retrieval::Parameters& parameters);

  // Searches from now on with other constants; the index and the model stay.
  void use(const serai::retrieval::Parameters& parameters);

  std::vector<std::string> search(const std::string& query, std::size_t k = 10) const;
  // Id and score of the first hit; an empty id and 0 when there is none.
  std::pair<std::string, float> first(const std::string& query) const;

 private:
  serai::retrieval::Analyzer analyzer_;
  std::unique_ptr<serai::retrieval::Index> index_;
  std::unique_ptr<serai::retrieval::ExactVectors> vectors_;
  serai::retrieval::VectorSource source_;
  std::unique_ptr<serai::retrieval::Searcher> searcher_;
};

void measure_latency(std::size_t chunks);

}  // namespace bench
