// serai.vector/1: nearest neighbours by inner product (normalise for cosine). The vectors lie in
// the tenant's database and join an open transaction.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "serai/detail/context.hpp"

namespace serai {

using Neighbour = serai_neighbour;  // id, score

class Vectors {
 public:
  explicit Vectors(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->vector, "vector")) {}

  // One vector; replaces the one with the same id.
  void upsert(std::string_view collection, std::int64_t id, std::span<const float> vector) const {
    upsert(collection, std::span(&id, 1), vector, static_cast<std::uint32_t>(vector.size()));
  }
  // ids.size() vectors of `dimension` floats each, one after another.
  void upsert(std::string_view collection, std::span<const std::int64_t> ids,
              std::span<const float> vectors, std::uint32_t dimension) const {
    if (vectors.size() != ids.size() * dimension) {
      throw Problem(500, "vector_shape", "The vectors do not match their ids and dimension.");
    }
    detail::check(context_, api_->upsert(context_.call, detail::to_str(collection), ids.data(),
                                         vectors.data(), ids.size(), dimension));
  }
  // What is not there is fine.
  void remove(std::string_view collection, std::span<const std::int64_t> ids) const {
    detail::check(context_,
                  api_->remove(context_.call, detail::to_str(collection), ids.data(), ids.size()));
  }
  // The whole collection.
  void drop(std::string_view collection) const {
    detail::check(context_, api_->drop(context_.call, detail::to_str(collection)));
  }

  // The best `k` first, only among `allowed` (ascending) unless it is empty. The view lives as long
  // as the call.
  std::span<const Neighbour> search(std::string_view collection, std::span<const float> query,
                                    std::uint64_t k,
                                    std::span<const std::int64_t> allowed = {}) const {
    const serai_neighbour* found = nullptr;
    std::uint64_t count = 0;
    detail::check(context_, api_->search(context_.call, detail::to_str(collection), query.data(),
                                         static_cast<std::uint32_t>(query.size()), k,
                                         allowed.data(), allowed.size(), &found, &count));
    return {found, count};
  }
  // Vectors in the collection.
  std::uint64_t count(std::string_view collection) const {
    std::uint64_t number = 0;
    detail::check(context_, api_->count(context_.call, detail::to_str(collection), &number));
    return number;
  }

 private:
  detail::Context context_;
  const serai_vector_api* api_;
};

}  // namespace serai
