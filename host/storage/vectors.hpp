// Nearest neighbours among a tenant's vectors: faiss in memory, the tenant's database as the source
// of truth from which it is rebuilt. Inner product (give unit vectors for cosine). Thread-safe:
// searches never wait for writers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/call_token.hpp"
#include "storage/sql.hpp"

namespace host::storage {

struct Neighbour {
  std::int64_t id;
  float score;
};

class Vectors {
 public:
  virtual ~Vectors() = default;
  // Writes through `session` (joining its transaction, if one is open) into the token's tenant's
  // collection of the token's plugin; the index follows after the commit. All vectors of a
  // collection have one dimension, set by the first.
  virtual void upsert(const CallToken& token, Session& session, std::string_view collection,
                      std::span<const std::int64_t> ids, std::span<const float> vectors,
                      std::size_t dimension) = 0;
  virtual void remove(const CallToken& token, Session& session, std::string_view collection,
                      std::span<const std::int64_t> ids) = 0;
  virtual void drop(const CallToken& token, Session& session, std::string_view collection) = 0;
  // Best first. `allowed` empty: all; else only these ids (sorted ascending).
  virtual std::vector<Neighbour> search(const CallToken& token, Session& session,
                                        std::string_view collection, std::span<const float> query,
                                        std::size_t k,
                                        std::span<const std::int64_t> allowed = {}) = 0;
  virtual std::size_t count(const CallToken& token, Session& session,
                            std::string_view collection) = 0;
  virtual void destroy(const CallToken& token) = 0;  // drops what is in memory
};

// `memory_bytes`: indexes of the least recently used tenants are dropped above it.
std::unique_ptr<Vectors> make_faiss_vectors(std::size_t memory_bytes);

}  // namespace host::storage
