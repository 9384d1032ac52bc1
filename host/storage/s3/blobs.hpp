// Blobs in an S3 store: PREFIX/TENANT/OBJECT, where OBJECT is a random name that the tenant's
// database knows (rows.hpp). Several nodes may use one bucket and prefix with one database.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "s3/client.hpp"
#include "storage/blobs.hpp"
#include "storage/store.hpp"

namespace host::storage {

struct S3BlobOptions {
  s3::ClientOptions client;
  std::string prefix = "serai";       // of every key, without '/' at its ends
  std::uint64_t part_size = 8 << 20;  // bytes sent and read at once, and memory per open blob
  bool links = false;                 // BlobReader::link() gives addresses
  std::chrono::seconds link_life{60};
  std::chrono::milliseconds upkeep_every{30'000};
  // A token with which the upkeep reads a tenant's database.
  std::function<CallToken(const std::string& tenant, Deadline deadline)> token_for;
  std::function<Timestamp()> clock = now;
};

// The store must outlive the blobs. Registers its tables there. Throws std::invalid_argument for
// options that can never work.
class S3Blobs : public Blobs {
 public:
  // Looks at what may be garbage and is due, and removes what is; returns how many were looked at.
  // start() does it again and again. For tests and operators; never throws for the store's sake.
  virtual std::size_t tidy() = 0;
};
std::unique_ptr<S3Blobs> make_s3_blobs(Store& store, S3BlobOptions options);

}  // namespace host::storage
