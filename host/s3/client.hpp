// The operations of S3 that we need: signed, repeated with growing, random pauses where the store
// is slow, busy or gone, within a deadline, behind a breaker, counted. Uses nothing that MinIO or
// Google's S3 interface lack: no deletion of several objects at once, no conditional writes, no
// checksum headers beyond x-amz-content-sha256. Thread-safe; every call blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "s3/answers.hpp"
#include "s3/breaker.hpp"
#include "s3/signature.hpp"
#include "s3/transport.hpp"

namespace host::s3 {

struct ClientOptions {
  std::string endpoint;         // "https://s3.eu-central-1.amazonaws.com", no path
  std::string public_endpoint;  // in links; empty: `endpoint`
  std::string region = "us-east-1";
  std::string bucket;
  bool bucket_in_host =
      false;  // https://BUCKET.endpoint/KEY instead of https://endpoint/BUCKET/KEY
  Credentials credentials;
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds request_time{30'000};  // one attempt
  std::chrono::milliseconds total_time{60'000};    // all attempts of one operation
  int attempts = 4;
  std::chrono::milliseconds first_pause{100}, longest_pause{5'000};
  std::chrono::milliseconds breaker_pause{10'000};
};

enum class Failure : std::uint8_t {
  unavailable,  // gone, overloaded or too slow, after all attempts
  refused,      // it answers, but not to this: key, permission, bucket, region
  skewed,       // the clocks differ too much
  missing,      // no such object or upload
};

class ClientError : public std::exception {
 public:
  ClientError(Failure failure, std::string message)
      : failure_(failure), message_(std::move(message)) {}
  Failure failure() const noexcept { return failure_; }
  const char* what() const noexcept override { return message_.c_str(); }  // for the log

 private:
  Failure failure_;
  std::string message_;
};

class Client {
 public:
  // Throws std::invalid_argument for an endpoint that is no http(s) address.
  explicit Client(ClientOptions options);

  // All throw ClientError. Before `deadline` and options.total_time they have ended.
  void put(const std::string& key, std::string_view body, const std::string& sha256,
           Deadline deadline);
  // Exactly `size` bytes from `offset`; fewer is a failure.
  std::string get(const std::string& key, std::uint64_t offset, std::uint64_t size,
                  Deadline deadline);
  void remove(const std::string& key, Deadline deadline);  // also if there is none
  ObjectPage list(const std::string& prefix, const std::string& token, Deadline deadline);

  std::string create_upload(const std::string& key, Deadline deadline);
  // Returns the part's ETag.
  std::string put_part(const std::string& key, const std::string& upload, int number,
                       std::string_view body, const std::string& sha256, Deadline deadline);
  // `size` of the whole: by it an upload is known whose completion was not heard of.
  void complete_upload(const std::string& key, const std::string& upload,
                       const std::vector<std::string>& etags, std::uint64_t size,
                       Deadline deadline);
  void abort_upload(const std::string& key, const std::string& upload, Deadline deadline);
  UploadPage list_uploads(const std::string& prefix, const UploadPage& after, Deadline deadline);

  // A link to GET the object; `parameters` such as response-content-type are signed with it.
  std::string link(const std::string& key, const Pairs& parameters,
                   std::chrono::seconds life) const;

  // Asks for one key, so that health knows of a store that nobody uses just now.
  void probe(const std::string& prefix) noexcept;
  // For the end of the process: what is under way fails soon, and nothing is tried again.
  void stop() noexcept { transport_.stop(); }
  bool stopped() const noexcept { return transport_.stopped(); }
  // Why the store cannot be used, for health; empty when it can.
  std::string trouble() const;

 private:
  struct Call;
  HttpAnswer perform(const Call& call);
  HttpRequest signed_request(const Call& call, Timestamp time) const;
  void note(const std::string& trouble);

  const ClientOptions options_;
  std::string host_, origin_, public_host_, public_origin_, path_prefix_;
  Transport transport_;
  Breaker breaker_;
  mutable std::mutex trouble_mutex_;
  std::string trouble_;
};

}  // namespace host::s3
