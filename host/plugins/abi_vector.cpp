// serai.vector/1: nearest neighbours among the tenant's vectors of the plugin.
#include "plugins/boundary.hpp"
#include "serai/abi/vector.h"
#include "storage/vectors.hpp"

namespace host::plugins {
namespace {

constexpr std::uint32_t kMaxDimension = 8192;
constexpr std::uint64_t kMaxVectors = 100'000, kMaxNeighbours = 1000;

storage::Vectors& vectors_of(CallContext& context) {
  return need_room(inside_of(context).rooms.vectors, "vector index");
}

std::string_view collection_of(serai_str collection) {
  const auto name = view(collection);
  if (name.empty() || name.size() > 100)
    throw bad_request("A collection's name is 1 to 100 bytes long.");
  return name;
}

template <class T>
std::span<const T> list(const T* items, std::uint64_t count, std::uint64_t limit) {
  if (count > limit || (count && !items)) throw bad_request("That many items are not possible.");
  return {items, static_cast<std::size_t>(count)};
}

serai_status upsert(serai_call call, serai_str collection, const std::int64_t* ids,
                    const float* vectors, std::uint64_t count, std::uint32_t dimension) noexcept {
  return boundary(call, Interface::vector, Need::token, "vector.upsert", [&](CallContext& context) {
    if (dimension == 0 || dimension > kMaxDimension)
      throw bad_request("A vector has 1 to 8192 dimensions.");
    const auto numbers = list(ids, count, kMaxVectors);
    const auto values = list(vectors, count * dimension, kMaxVectors * kMaxDimension);
    vectors_of(context).upsert(context.token(), context.host_session(), collection_of(collection),
                               numbers, values, dimension);
  });
}

serai_status remove(serai_call call, serai_str collection, const std::int64_t* ids,
                    std::uint64_t count) noexcept {
  return boundary(call, Interface::vector, Need::token, "vector.remove", [&](CallContext& context) {
    vectors_of(context).remove(context.token(), context.host_session(), collection_of(collection),
                               list(ids, count, kMaxVectors));
  });
}

serai_status drop(serai_call call, serai_str collection) noexcept {
  return boundary(call, Interface::vector, Need::token, "vector.drop", [&](CallContext& context) {
    vectors_of(context).drop(context.token(), context.host_session(), collection_of(collection));
  });
}

serai_status search(serai_call call, serai_str collection, const float* query,
                    std::uint32_t dimension, std::uint64_t k, const std::int64_t* allowed,
                    std::uint64_t allowed_count, const serai_neighbour** out,
                    std::uint64_t* out_count) noexcept {
  return boundary(call, Interface::vector, Need::token, "vector.search", [&](CallContext& context) {
    auto& first = require(out);
    auto& count = require(out_count);
    if (dimension == 0) throw bad_request("A vector has 1 to 8192 dimensions.");
    const auto found = vectors_of(context).search(
        context.token(), context.host_session(), collection_of(collection),
        list(query, dimension, kMaxDimension), std::min(k, kMaxNeighbours),
        list(allowed, allowed_count, 10 * kMaxVectors));
    auto* neighbours = context.array<serai_neighbour>(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) neighbours[i] = {found[i].id, found[i].score, 0};
    first = neighbours;
    count = found.size();
  });
}

serai_status count(serai_call call, serai_str collection, std::uint64_t* out) noexcept {
  return boundary(call, Interface::vector, Need::token, "vector.count", [&](CallContext& context) {
    require(out) = vectors_of(context).count(context.token(), context.host_session(),
                                             collection_of(collection));
  });
}

constexpr serai_vector_api kTable{sizeof(serai_vector_api), 0, upsert, remove, drop, search, count};

}  // namespace

const void* vector_table() noexcept { return &kTable; }

}  // namespace host::plugins
