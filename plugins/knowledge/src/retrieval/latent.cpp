// What a trained model does: projection, drift, its stored form. Training is in latent_train.cpp.
#include "latent.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "coding.hpp"

namespace serai::retrieval {
namespace {

constexpr std::uint32_t kMagic = 0x4D4C5352;  // "RSLM"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeader = 48;
constexpr std::uint32_t kUnknown = 0xFFFFFFFF;
constexpr std::size_t kMostDimensions = 4096;

void make_unit(std::vector<float>& vector) {
  double sum = 0;
  for (const float x : vector) sum += static_cast<double>(x) * x;
  if (sum <= 0) return;
  const auto factor = static_cast<float>(1 / std::sqrt(sum));
  for (float& x : vector) x *= factor;
}

}  // namespace

std::string_view LatentModel::term(std::size_t index) const {
  return std::string_view(arena_).substr(offsets_[index], offsets_[index + 1] - offsets_[index]);
}

std::uint32_t LatentModel::find(std::string_view text) const {
  std::size_t low = 0;
  std::size_t high = rarity_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (term(middle) < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < rarity_.size() && term(low) == text ? static_cast<std::uint32_t>(low) : kUnknown;
}

void LatentModel::add(std::uint32_t index, float count, std::vector<float>& sum) const {
  const float factor = (1 + std::log(std::max(count, 1e-3F))) * rarity_[index] * scale_[index];
  if (factor <= 0) return;
  const std::int8_t* row = rows_.data() + std::size_t{index} * dimensions_;
  for (std::size_t d = 0; d < dimensions_; ++d) sum[d] += factor * static_cast<float>(row[d]);
}

std::vector<float> LatentModel::project(const std::vector<WeightedTerm>& counts) const {
  std::vector<float> sum(dimensions_, 0.0F);
  for (const WeightedTerm& one : counts) {
    const std::uint32_t index = find(one.term);
    if (index == kUnknown) continue;
    // Counts below one, as of uncertain spellings, weigh in proportion.
    const float count = std::max(one.weight, 1.0F);
    const float share = std::min(one.weight, 1.0F);
    std::vector<float> part(dimensions_, 0.0F);
    add(index, count, part);
    for (std::size_t d = 0; d < dimensions_; ++d) sum[d] += share * part[d];
  }
  make_unit(sum);
  return sum;
}

std::vector<float> LatentModel::project(std::string_view text, const Analyzer& analyzer) const {
  std::unordered_map<std::string, float> counts;
  for (Token& token : analyzer.analyze(text)) counts[std::move(token.term)] += 1;
  std::vector<std::pair<std::uint32_t, float>> known;
  for (const auto& [text_of, count] : counts) {
    if (const std::uint32_t index = find(text_of); index != kUnknown)
      known.emplace_back(index, count);
  }
  std::sort(known.begin(), known.end());
  std::vector<float> sum(dimensions_, 0.0F);
  for (const auto& [index, count] : known) add(index, count, sum);
  make_unit(sum);
  return sum;
}

std::vector<float> LatentModel::project(const Snapshot& snapshot, Ordinal chunk) const {
  const Part& part = snapshot.part_of(chunk);
  std::vector<std::uint32_t> sequence;
  part.segment->sequence(chunk - part.base, sequence);
  std::sort(sequence.begin(), sequence.end());
  std::vector<float> sum(dimensions_, 0.0F);
  for (std::size_t at = 0; at < sequence.size();) {
    std::size_t next = at;
    while (next < sequence.size() && sequence[next] == sequence[at]) ++next;
    if (const std::uint32_t index = find(part.segment->terms()[sequence[at]]); index != kUnknown) {
      add(index, static_cast<float>(next - at), sum);
    }
    at = next;
  }
  make_unit(sum);
  return sum;
}

LatentModel::WordMass LatentModel::word_mass(const Segment& segment) const {
  WordMass words;
  for (std::uint32_t t = 0; t < segment.term_count(); ++t) {
    const double mass = segment.document_frequency(t);
    // Words of a single chunk are never learnt and say nothing about drift.
    if (mass < 2) continue;
    words.all += mass;
    if (find(segment.terms()[t]) != kUnknown) words.known += mass;
  }
  return words;
}

LatentModel::WordMass LatentModel::word_mass(const Snapshot& snapshot) const {
  WordMass sum;
  for (const Part& part : snapshot.parts()) {
    const WordMass words = word_mass(*part.segment);
    sum.all += words.all;
    sum.known += words.known;
  }
  return sum;
}

float LatentModel::drift(const Snapshot& snapshot) const {
  return drift(snapshot, word_mass(snapshot));
}

float LatentModel::drift(const Snapshot& snapshot, const WordMass& words) const {
  const float chunks = static_cast<float>(std::max<std::uint32_t>(1, snapshot.live_chunks()));
  const float grown = std::max(0.0F, 1 - static_cast<float>(trained_chunks_) / chunks);
  const float unknown = std::max(0.0F, words.unknown_share() - unknown_at_training_);
  // Chunks that use known words are folded in well: growth alone counts by half.
  return std::min(1.0F, std::max(0.5F * grown, unknown * 2));
}

std::string LatentModel::to_bytes() const {
  std::string body;
  for (const std::uint32_t offset : offsets_) put_fixed(body, offset);
  for (const float value : rarity_) put_fixed(body, value);
  for (const float value : scale_) put_fixed(body, value);
  body.append(reinterpret_cast<const char*>(rows_.data()), rows_.size());
  body.append(arena_);
  std::string out;
  put_fixed(out, kMagic);
  put_fixed(out, kVersion);
  std::string sized;
  put_fixed(sized, dimensions_);
  put_fixed(sized, trained_chunks_);
  put_fixed(sized, unknown_at_training_);
  put_fixed(sized, static_cast<std::uint32_t>(rarity_.size()));
  put_fixed(sized, static_cast<std::uint64_t>(arena_.size()));
  put_fixed(sized, captured_);
  put_fixed(sized, std::uint32_t{0});
  sized += body;
  put_fixed(out, checksum(sized));
  return out + sized;
}

std::shared_ptr<const LatentModel> LatentModel::parse(std::string_view bytes, std::string* error) {
  const auto refuse = [error](const char* why) {
    if (error != nullptr) *error = why;
    return nullptr;
  };
  if (bytes.size() < kHeader) return refuse("shorter than a header");
  const char* at = bytes.data();
  if (get_fixed<std::uint32_t>(at) != kMagic) return refuse("not a model");
  if (get_fixed<std::uint32_t>(at + 4) != kVersion) return refuse("of another version");
  if (get_fixed<std::uint64_t>(at + 8) != checksum(bytes.substr(16))) {
    return refuse("checksum differs");
  }
  std::shared_ptr<LatentModel> model(new LatentModel());
  model->dimensions_ = get_fixed<std::uint32_t>(at + 16);
  model->trained_chunks_ = get_fixed<std::uint32_t>(at + 20);
  model->unknown_at_training_ = get_fixed<float>(at + 24);
  const std::uint64_t terms = get_fixed<std::uint32_t>(at + 28);
  const auto arena = get_fixed<std::uint64_t>(at + 32);
  model->captured_ = get_fixed<float>(at + 40);
  if (!(model->captured_ >= 0 && model->captured_ <= 1)) return refuse("impossible share");
  if (model->dimensions_ == 0 || model->dimensions_ > kMostDimensions || arena > bytes.size() ||
      !std::isfinite(model->unknown_at_training_)) {
    return refuse("impossible sizes");
  }
  const std::uint64_t expected =
      kHeader + (terms + 1) * 4 + terms * 8 + terms * model->dimensions_ + arena;
  if (expected != bytes.size()) return refuse("sizes do not add up");
  at += kHeader;
  for (std::uint64_t i = 0; i <= terms; ++i, at += 4) {
    model->offsets_.push_back(get_fixed<std::uint32_t>(at));
  }
  for (std::uint64_t i = 0; i < terms; ++i, at += 4) {
    model->rarity_.push_back(get_fixed<float>(at));
  }
  for (std::uint64_t i = 0; i < terms; ++i, at += 4) {
    model->scale_.push_back(get_fixed<float>(at));
  }
  model->rows_.resize(terms * model->dimensions_);
  std::memcpy(model->rows_.data(), at, model->rows_.size());
  at += model->rows_.size();
  model->arena_.assign(at, arena);
  if (model->offsets_.front() != 0 || model->offsets_.back() != arena ||
      !std::is_sorted(model->offsets_.begin(), model->offsets_.end())) {
    return refuse("term offsets out of order");
  }
  for (std::uint64_t i = 0; i < terms; ++i) {
    if (!std::isfinite(model->rarity_[i]) || !std::isfinite(model->scale_[i])) {
      return refuse("a number that is none");
    }
    if (i > 0 && !(model->term(i - 1) < model->term(i))) return refuse("terms out of order");
  }
  model->id_.clear();
  for (int shift = 60; shift >= 0; shift -= 4) {
    model->id_.push_back("0123456789abcdef"[checksum(bytes.substr(16)) >> shift & 15U]);
  }
  return model;
}

std::size_t LatentModel::memory_bytes() const {
  return sizeof(*this) + arena_.capacity() + offsets_.capacity() * 4 + rarity_.capacity() * 4 +
         scale_.capacity() * 4 + rows_.capacity();
}

}  // namespace serai::retrieval
