// Training of the latent model: randomised range finding with power iterations (Halko, Martinsson
// and Tropp 2011), one thread, the result quantised to 8 bits a number. See latent.hpp.
#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

#include <Eigen/Dense>
#include <Eigen/SparseCore>

#include "latent.hpp"

namespace serai::retrieval {
namespace {

using Dense = Eigen::MatrixXf;
using Sparse = Eigen::SparseMatrix<float, Eigen::RowMajor>;

constexpr Eigen::Index kOversampling = 10;
constexpr int kPowerIterations = 2;

Dense orthonormal(const Dense& matrix) {
  const Eigen::HouseholderQR<Dense> qr(matrix);
  return qr.householderQ() * Dense::Identity(matrix.rows(), std::min(matrix.rows(), matrix.cols()));
}

// Box and Muller over the portable engine: std::normal_distribution differs between libraries.
Dense gaussian(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&random] {
    return (static_cast<double>(random() >> 11) + 0.5) * 0x1.0p-53;
  };
  Dense out(rows, columns);
  for (Eigen::Index c = 0; c < columns; ++c) {
    for (Eigen::Index r = 0; r < rows; ++r) {
      out(r, c) = static_cast<float>(std::sqrt(-2 * std::log(uniform())) *
                                     std::cos(2 * 3.14159265358979323846 * uniform()));
    }
  }
  return out;
}

struct Decomposition {
  Dense vectors;       // right singular vectors of the greatest singular values, one column each
  float captured = 0;  // their share of the squared norm
};

Decomposition decompose(const Sparse& matrix, Eigen::Index k, std::uint64_t seed) {
  const Eigen::Index width = std::min({k + kOversampling, matrix.rows(), matrix.cols()});
  const Sparse turned = matrix.transpose();
  Dense basis = orthonormal(matrix * gaussian(matrix.cols(), width, seed));
  for (int i = 0; i < kPowerIterations; ++i) {
    basis = orthonormal(matrix * orthonormal(turned * basis));
  }
  const Dense small = turned * basis;  // columns of matrix x width
  const Eigen::SelfAdjointEigenSolver<Dense> solver(small.transpose() * small);
  const auto& values = solver.eigenvalues();  // ascending
  Eigen::Index kept = 0;
  while (kept < std::min(k, width) && values(width - 1 - kept) > 1e-6F * values(width - 1)) ++kept;
  Dense vectors(matrix.cols(), kept);
  for (Eigen::Index i = 0; i < kept; ++i) {
    const Eigen::Index from = width - 1 - i;
    vectors.col(i) = small * solver.eigenvectors().col(from) / std::sqrt(values(from));
    // The sign of a singular vector is free; fix it.
    Eigen::Index greatest = 0;
    vectors.col(i).cwiseAbs().maxCoeff(&greatest);
    if (vectors(greatest, i) < 0) vectors.col(i) = -vectors.col(i);
  }
  const float all = matrix.squaredNorm();
  const float share = all > 0 ? values.tail(kept).sum() / all : 0;
  return {std::move(vectors), std::clamp(share, 0.0F, 1.0F)};
}

struct Vocabulary {
  std::vector<std::string_view> terms;  // ascending
  std::vector<std::uint32_t> frequencies;
};

Vocabulary choose_vocabulary(const Snapshot& snapshot, std::size_t limit) {
  std::unordered_map<std::string_view, std::uint32_t> counts;
  for (const Part& part : snapshot.parts()) {
    for (std::uint32_t t = 0; t < part.segment->term_count(); ++t) {
      counts[part.segment->terms()[t]] += part.segment->document_frequency(t);
    }
  }
  std::vector<std::pair<std::string_view, std::uint32_t>> kept;
  for (const auto& one : counts) {
    if (one.second >= 2) kept.push_back(one);
  }
  if (kept.size() > limit) {
    std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    kept.resize(limit);
  }
  std::sort(kept.begin(), kept.end());
  Vocabulary vocabulary;
  for (const auto& [term, frequency] : kept) {
    vocabulary.terms.push_back(term);
    vocabulary.frequencies.push_back(frequency);
  }
  return vocabulary;
}

// Every n-th living chunk in the order of ids, so that the sample does not depend on segments.
std::vector<Ordinal> choose_sample(const Snapshot& snapshot, std::size_t limit) {
  std::vector<Ordinal> all;
  for (const Part& part : snapshot.parts()) {
    for (std::uint32_t chunk = 0; chunk < part.segment->chunk_count(); ++chunk) {
      if (part.chunk_lives(chunk)) all.push_back(part.base + chunk);
    }
  }
  std::sort(all.begin(), all.end(), [&](Ordinal a, Ordinal b) { return snapshot.id_less(a, b); });
  if (all.size() <= limit) return all;
  std::vector<Ordinal> some;
  for (std::size_t i = 0; i < limit; ++i) some.push_back(all[i * all.size() / limit]);
  return some;
}

Sparse weighted_matrix(const Snapshot& snapshot, const std::vector<Ordinal>& sample,
                       const Vocabulary& vocabulary, const std::vector<float>& rarity) {
  std::unordered_map<std::string_view, int> columns;
  for (std::size_t t = 0; t < vocabulary.terms.size(); ++t) {
    columns.emplace(vocabulary.terms[t], static_cast<int>(t));
  }
  std::vector<Eigen::Triplet<float>> entries;
  std::vector<std::uint32_t> sequence;
  for (std::size_t row = 0; row < sample.size(); ++row) {
    const Part& part = snapshot.part_of(sample[row]);
    part.segment->sequence(sample[row] - part.base, sequence);
    std::sort(sequence.begin(), sequence.end());
    const std::size_t start = entries.size();
    double sum = 0;
    for (std::size_t at = 0; at < sequence.size();) {
      std::size_t next = at;
      while (next < sequence.size() && sequence[next] == sequence[at]) ++next;
      const auto found = columns.find(part.segment->terms()[sequence[at]]);
      if (found != columns.end()) {
        const float value = (1 + std::log(static_cast<float>(next - at))) *
                            rarity[static_cast<std::size_t>(found->second)];
        entries.emplace_back(static_cast<int>(row), found->second, value);
        sum += static_cast<double>(value) * value;
      }
      at = next;
    }
    const auto factor = static_cast<float>(sum > 0 ? 1 / std::sqrt(sum) : 0);
    for (std::size_t i = start; i < entries.size(); ++i) {
      entries[i] = {entries[i].row(), entries[i].col(), entries[i].value() * factor};
    }
  }
  Sparse matrix(static_cast<Eigen::Index>(sample.size()),
                static_cast<Eigen::Index>(vocabulary.terms.size()));
  matrix.setFromTriplets(entries.begin(), entries.end());
  return matrix;
}

}  // namespace

std::shared_ptr<const LatentModel> LatentModel::train(const Snapshot& snapshot,
                                                      const LatentOptions& options) {
  if (snapshot.live_chunks() < kLeastChunks) return nullptr;
  const Vocabulary vocabulary = choose_vocabulary(snapshot, options.vocabulary);
  const std::vector<Ordinal> sample = choose_sample(snapshot, options.sample);
  std::vector<float> rarity;
  for (const std::uint32_t frequency : vocabulary.frequencies) {
    rarity.push_back(inverse_frequency(snapshot, std::min(frequency, snapshot.live_chunks())));
  }
  // A fifth of what the corpus could carry: more would only remember the chunks.
  const std::size_t wanted =
      std::min({options.dimensions, sample.size() / 5, vocabulary.terms.size() / 5});
  if (wanted < 8) return nullptr;
  const Sparse matrix = weighted_matrix(snapshot, sample, vocabulary, rarity);
  const auto [vectors, captured] =
      decompose(matrix, static_cast<Eigen::Index>(wanted), options.seed);
  if (vectors.cols() == 0) return nullptr;

  std::shared_ptr<LatentModel> model(new LatentModel());
  model->dimensions_ = static_cast<std::uint32_t>(vectors.cols());
  model->captured_ = captured;
  model->trained_chunks_ = snapshot.live_chunks();
  model->offsets_.push_back(0);
  for (const std::string_view text : vocabulary.terms) {
    model->arena_.append(text);
    model->offsets_.push_back(static_cast<std::uint32_t>(model->arena_.size()));
  }
  model->rarity_ = rarity;
  model->rows_.reserve(vocabulary.terms.size() * model->dimensions_);
  for (Eigen::Index row = 0; row < vectors.rows(); ++row) {
    const float greatest = vectors.row(row).cwiseAbs().maxCoeff();
    const float scale = greatest > 0 ? greatest / 127 : 1;
    model->scale_.push_back(greatest > 0 ? scale : 0);
    for (Eigen::Index d = 0; d < vectors.cols(); ++d) {
      model->rows_.push_back(static_cast<std::int8_t>(std::lround(vectors(row, d) / scale)));
    }
  }
  model->unknown_at_training_ = model->word_mass(snapshot).unknown_share();
  // Through the stored form, so that a model just trained and one loaded are the same.
  return parse(model->to_bytes());
}

}  // namespace serai::retrieval
