// A client of the shared S3 server, or of a proxy before it, with short patience.
#pragma once

#include <string>

#include "base/random.hpp"
#include "base/sha256.hpp"
#include "s3/client.hpp"
#include "support/s3_server.hpp"

namespace host::s3::testing {

inline ClientOptions options(const std::string& endpoint = "") {
  const auto& server = serai_test::S3Server::shared();
  ClientOptions options;
  options.endpoint = endpoint.empty() ? server.endpoint() : endpoint;
  options.region = serai_test::S3Server::kRegion;
  options.bucket = serai_test::S3Server::kBucket;
  options.credentials = {server.access_key(), server.secret_key()};
  options.first_pause = std::chrono::milliseconds(1);
  options.longest_pause = std::chrono::milliseconds(2);
  return options;
}

inline Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::minutes(2); }

inline void put(Client& client, const std::string& key, const std::string& body) {
  client.put(key, body, sha256_digits(body), soon());
}

// How `work` fails; the test fails if it does not.
template <class Work>
ClientError failure_of(Work work) {
  try {
    work();
  } catch (const ClientError& error) {
    return error;
  }
  throw std::runtime_error("it did not fail");
}

}  // namespace host::s3::testing
