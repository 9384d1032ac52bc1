// AWS Signature Version 4 as S3 wants it: each path segment is encoded once and never normalised.
// Pure functions; no clock, no network. libcurl 7.88 signs wrongly where the query is unsorted, a
// parameter has no value or a key holds '+', hence our own.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace host::s3 {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Credentials {
  std::string access_key, secret_key;
};

// What is signed. Path and query are as they are meant, not encoded.
struct SignedRequest {
  std::string method;
  std::string path;  // begins with '/'
  Pairs query;
  Pairs headers;  // all are signed; "host" must be among them
};

// For whom a signature is good, beside its day.
struct Scope {
  std::string region;
  std::string service = "s3";
};

// The hash that stands for a body that is not signed.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// RFC 3986 with upper-case digits: unreserved characters stay, and '/' where it is kept.
std::string uri_encode(std::string_view text, bool keep_slash);
// "a=1&b=" sorted by encoded name, then value; what stands in the URL and in what is signed.
std::string encoded_query(const Pairs& query);

// "20130524T000000Z"
std::string amz_date(Timestamp time);

std::string canonical_request(const SignedRequest& request, std::string_view payload_hash);
// The value of the Authorization header. The request's headers hold x-amz-date already.
std::string authorization(const SignedRequest& request, std::string_view payload_hash,
                          Timestamp time, const Credentials& credentials, const Scope& scope);
// The query of a link that anybody may use until `life` is over.
std::string presigned_query(SignedRequest request, Timestamp time, std::chrono::seconds life,
                            const Credentials& credentials, const Scope& scope);

}  // namespace host::s3
