#include "support/test_blobs.hpp"

#include <cstdlib>

#include "support/s3_server.hpp"
#include "tenancy/token_mint.hpp"

namespace serai_test {

using host::storage::S3BlobOptions;

bool blobs_in_s3() {
  const char* engine = std::getenv("SERAI_TEST_BLOBS");
  return engine != nullptr && std::string(engine) == "s3";
}

S3BlobOptions s3_blob_options(const std::filesystem::path& folder) {
  const auto& server = S3Server::shared();
  S3BlobOptions options;
  options.client.endpoint = server.endpoint();
  options.client.region = S3Server::kRegion;
  options.client.bucket = S3Server::kBucket;
  options.client.credentials = {server.access_key(), server.secret_key()};
  options.client.first_pause = std::chrono::milliseconds(1);
  // No test waits for these to pass, and a busy machine shall not make one fail.
  options.client.request_time = options.client.total_time = std::chrono::minutes(10);
  options.prefix = "t" + folder.filename().string();
  options.token_for = [](const std::string& tenant, host::Deadline deadline) {
    return host::tenancy::TokenMint::for_job(tenant, "", "upkeep", deadline);
  };
  return options;
}

std::unique_ptr<host::storage::Blobs> make_blobs(host::storage::Store& store,
                                                 const std::filesystem::path& folder) {
  if (blobs_in_s3()) return host::storage::make_s3_blobs(store, s3_blob_options(folder));
  return host::storage::make_file_blobs(folder / "blobs");
}

}  // namespace serai_test
