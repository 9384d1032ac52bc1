// What writers and readers share with the blobs they came from, which they may outlive. Private to
// this folder.
#pragma once

#include <string>

#include "base/problem.hpp"
#include "s3/client.hpp"
#include "storage/s3/blobs.hpp"
#include "storage/s3/candidates.hpp"

namespace host::storage::s3_store {

struct Context {
  Context(Store& database, S3BlobOptions chosen)
      : store(database), options(std::move(chosen)), client(options.client), candidates(database) {}

  // "serai/acme/"; throws Problem(403) for a token without tenant.
  std::string tenant_prefix(const std::string& tenant) const;
  std::string key(const std::string& tenant, const std::string& object) const;

  Store& store;
  S3BlobOptions options;
  s3::Client client;
  Candidates candidates;
};

// What a caller hears of it; the log hears why.
[[noreturn]] void fail(const s3::ClientError& error, std::string_view doing);

std::unique_ptr<BlobWriter> make_writer(std::shared_ptr<Context> context, CallToken token);
std::unique_ptr<BlobReader> make_reader(std::shared_ptr<Context> context, const CallToken& token,
                                        const BlobRef& ref, Session* session);

}  // namespace host::storage::s3_store
