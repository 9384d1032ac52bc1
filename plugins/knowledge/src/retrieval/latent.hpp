// Latent semantic analysis: unit vectors for texts, learnt from the tenant's own chunks without any
// provider. Training is a randomised truncated SVD of the tf-idf matrix; new chunks and queries are
// folded in. The owner stores the model as bytes and the chunks' vectors in a vector index.
// Immutable after training; safe to read from many threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer.hpp"
#include "scoring.hpp"
#include "snapshot.hpp"

namespace serai::retrieval {

struct LatentOptions {
  std::size_t dimensions = 256;     // at most; small corpora get fewer
  std::size_t sample = 20'000;      // chunks trained on, spread evenly over the index
  std::size_t vocabulary = 30'000;  // terms kept, the commonest
  std::uint64_t seed = 1;           // the same seed and snapshot give the same model
};

class LatentModel {
 public:
  // Null when the index holds too little to learn from (fewer than kLeastChunks chunks). Seconds
  // for 20,000 chunks, so for a background job; needs no lock, only the snapshot.
  static std::shared_ptr<const LatentModel> train(const Snapshot& snapshot,
                                                  const LatentOptions& options = {});
  static constexpr std::uint32_t kLeastChunks = 64;

  std::string to_bytes() const;
  // Null, with the reason in `error`, unless every part of the bytes holds.
  static std::shared_ptr<const LatentModel> parse(std::string_view bytes,
                                                  std::string* error = nullptr);

  std::size_t dimensions() const { return dimensions_; }
  // Name of this model, 16 hexadecimal digits: vectors of different models do not compare.
  const std::string& id() const { return id_; }

  // How often words occur in a segment, and how much of that the model knows: each word counted by
  // its chunks, words of a single one not at all.
  struct WordMass {
    double all = 0, known = 0;
    float unknown_share() const { return all <= 0 ? 0.0F : static_cast<float>(1 - known / all); }
  };

  // How much of the trained chunks the dimensions keep, 0 to 1 (share of the squared norm). Low for
  // many chunks about many things: then the vectors blur, and the search trusts them less.
  float captured() const { return captured_; }

  // Unit vectors; all zeros when no term is known to the model.
  std::vector<float> project(std::string_view text, const Analyzer& analyzer) const;
  std::vector<float> project(const std::vector<WeightedTerm>& counts) const;
  std::vector<float> project(const Snapshot& snapshot, Ordinal chunk) const;

  // 0: the index is as it was in training; 1: the model knows nothing of it. The greater of the
  // share of the index's word mass that the model does not know (beyond what it did not know at
  // training) and the share of chunks that have come since. Retrain above 0.3; 5 ms or so.
  float drift(const Snapshot& snapshot) const;
  // The same from the sum of word_mass() over the snapshot's segments, for owners who keep it of
  // each segment: then it costs nothing that grows with the index.
  float drift(const Snapshot& snapshot, const WordMass& words) const;
  WordMass word_mass(const Segment& segment) const;

  std::size_t memory_bytes() const;

 private:
  LatentModel() = default;
  std::uint32_t find(std::string_view term) const;
  std::string_view term(std::size_t index) const;
  WordMass word_mass(const Snapshot& snapshot) const;
  void add(std::uint32_t term, float count, std::vector<float>& sum) const;

  std::uint32_t dimensions_ = 0;
  std::uint32_t trained_chunks_ = 0;
  float unknown_at_training_ = 0;
  float captured_ = 0;
  std::string arena_;                   // terms in ascending order
  std::vector<std::uint32_t> offsets_;  // terms + 1
  std::vector<float> rarity_;           // per term
  std::vector<float> scale_;            // per term: of one step of its row
  std::vector<std::int8_t> rows_;       // terms x dimensions, row by row
  std::string id_;
};

}  // namespace serai::retrieval
