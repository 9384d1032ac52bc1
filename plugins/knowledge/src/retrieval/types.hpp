// The vocabulary of the retrieval library: what is indexed, what is asked, what comes back. Plain
// data; no behaviour beyond defaults. Everybody who uses the library includes this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace serai::retrieval {

// A passage of a document, the unit that is found. `id` is unique within its document.
struct Chunk {
  std::string id;
  std::string text;  // UTF-8; malformed bytes count as separators
};

// A document and its chunks. `category` and `visibility` are opaque labels for filters.
struct Document {
  std::string id;
  std::string category;
  std::string visibility;
  std::vector<Chunk> chunks;
};

// What may be found. An absent list does not restrict; an EMPTY list allows nothing, so that a
// caller whose list of visible labels happens to be empty shows nothing rather than everything.
struct Filter {
  std::optional<std::vector<std::string>> categories;
  std::optional<std::vector<std::string>> visibilities;
  std::optional<std::vector<std::string>> documents;

  bool unrestricted() const { return !categories && !visibilities && !documents; }
};

struct ScoredChunk {
  std::string document;
  std::string chunk;
  float score = 0;  // cosine for vector searches; higher is better
};

// Nearest neighbours of a unit vector among the tenant's chunks, best first. The callback should
// apply the filter itself; whatever it returns that the filter or a deletion forbids is dropped.
using VectorSearch = std::function<std::vector<ScoredChunk>(std::span<const float> query,
                                                            std::size_t k, const Filter& filter)>;

// The stored vector of one chunk, empty when there is none. Only used to diversify results.
using VectorFetch =
    std::function<std::vector<float>(const std::string& document, const std::string& chunk)>;

struct Query {
  std::string text;
  std::size_t k = 10;        // hits wanted
  std::size_t fetch_k = 50;  // candidates that diversity chooses from, at least k
  float lambda = 0.7F;       // 1: relevance only, 0: diversity only
  bool use_mmr = false;
  Filter filter;
  float min_score = 0;        // hits with a lower score are dropped
  std::vector<float> vector;  // the provider's embedding of the text; empty: the LSA model's
};

// Which of the searches found a hit; a bit set.
enum Signal : std::uint8_t {
  kWordSignal = 1,      // the query's own words
  kSpellingSignal = 2,  // words near to a query word that the documents do not know
  kVectorSignal = 4,    // nearness of vectors (LSA or a provider's)
};

struct Hit {
  std::string document;
  std::string chunk;
  // Evidence, in (0, 1], that this chunk speaks of what was asked: see evidence.hpp. It is a
  // property of query and chunk alone and need not fall with the rank.
  float score = 0;
  std::uint8_t signals = 0;  // of Signal
};

// The constants of the ranking. The defaults were chosen by leave-one-set-out over collections
// of very different kinds (README.md); callers have no reason to change them.
struct Parameters {
  float k1 = 1.2F;          // saturation of a word's count in a chunk
  float b = 0.68F;          // how far a chunk's length counts
  float k3 = 8.0F;          // saturation of a word's count in the query
  std::size_t depth = 200;  // length of each ranking that enters the fusion

  float proximity_weight = 0.2F;  // of query words close together
  float pair_weight = 0.3F;       // of neighbours in the query that are neighbours in a chunk
  float start_weight = 1.6F;      // of query words early in a chunk

  float spelling_weight = 0.8F;
  std::size_t spelling_candidates = 3;

  // Of the words' ranking; those of the vectors are shares of it.
  float words_weight = 1.0F;
  float latent_weight = 0.15F;  // of the LSA model's ranking where it captures the corpus well
  float vector_weight = 1.0F;   // of a provider's embeddings
};

}  // namespace serai::retrieval
