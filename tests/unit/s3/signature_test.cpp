// SigV4 against what Amazon publishes: its test suite for Signature Version 4 (those cases whose
// path needs no normalisation, which S3 does not do) and the worked examples of the S3 manual.
#include "s3/signature.hpp"

#include <gtest/gtest.h>

#include "base/sha256.hpp"

namespace host::s3 {
namespace {

struct Vector {
  const char* name;
  SignedRequest request;
  std::string body;
  std::string signature;
};

void PrintTo(const Vector& vector, std::ostream* out) { *out << vector.name; }

std::string signature_in(const std::string& authorization) {
  return authorization.substr(authorization.rfind('=') + 1);
}

Pairs plain_headers() {
  return {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}};
}
Pairs headers_and(Pairs more) {
  Pairs all = plain_headers();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

const std::string kUnreserved =
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct Suite : ::testing::TestWithParam<Vector> {};

TEST_P(Suite, is_signed_as_published) {
  const Vector& vector = GetParam();
  const Credentials credentials{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
  EXPECT_EQ(signature_in(authorization(vector.request, sha256_digits(vector.body),
                                       parse_timestamp("2015-08-30T12:36:00Z"), credentials,
                                       {"us-east-1", "service"})),
            vector.signature);
}

INSTANTIATE_TEST_SUITE_P(
    published, Suite,
    ::testing::Values(
        Vector{"get_vanilla",
               {"GET", "/", {}, plain_headers()},
               "",
               "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        Vector{"post_vanilla",
               {"POST", "/", {}, plain_headers()},
               "",
               "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        Vector{"get_vanilla_query_order_key_case",
               {"GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}, plain_headers()},
               "",
               "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        Vector{"get_vanilla_empty_query_key",
               {"GET", "/", {{"Param1", "value1"}}, plain_headers()},
               "",
               "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
        Vector{"get_vanilla_query_unreserved",
               {"GET", "/", {{kUnreserved, kUnreserved}}, plain_headers()},
               "",
               "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
        Vector{"get_vanilla_utf8_query",
               {"GET", "/", {{"\u1234", "bar"}}, plain_headers()},
               "",
               "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
        Vector{"get_unreserved",
               {"GET", "/" + kUnreserved, {}, plain_headers()},
               "",
               "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
        Vector{"get_utf8",
               {"GET", "/\u1234", {}, plain_headers()},
               "",
               "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
        Vector{"get_space",
               {"GET", "/example space/", {}, plain_headers()},
               "",
               "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
        Vector{"get_header_key_duplicate",
               {"GET",
                "/",
                {},
                headers_and({{"My-Header1", "value2"},
                             {"My-Header1", "value2"},
                             {"My-Header1", "value1"}})},
               "",
               "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
        Vector{"get_header_value_order",
               {"GET",
                "/",
                {},
                headers_and({{"My-Header1", "value4"},
                             {"My-Header1", "value1"},
                             {"My-Header1", "value3"},
                             {"My-Header1", "value2"}})},
               "",
               "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
        Vector{"get_header_value_trim",
               {"GET",
                "/",
                {},
                headers_and({{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}})},
               "",
               "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
        Vector{"post_header_key_case",
               {"POST",
                "/",
                {},
                {{"X-AMZ-DATE", "20150830T123600Z"}, {"HOST", "example.amazonaws.com"}}},
               "",
               "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        Vector{"post_vanilla_query",
               {"POST", "/", {{"Param1", "value1"}}, plain_headers()},
               "",
               "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
        Vector{
            "post_x_www_form_urlencoded",
            {"POST", "/", {}, headers_and({{"Content-Type", "application/x-www-form-urlencoded"}})},
            "Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"}),
    [](const auto& test) { return std::string(test.param.name); });

// "Authenticating Requests (AWS Signature Version 4)" in the manual of S3.
const Credentials kManual{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const Scope kVirginia{"us-east-1", "s3"};
const std::string kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Timestamp manual_time() { return parse_timestamp("2013-05-24T00:00:00Z"); }

std::string manual(const std::string& method, const std::string& path, const Pairs& query,
                   Pairs headers, const std::string& hash) {
  headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
  headers.emplace_back("x-amz-content-sha256", hash);
  headers.emplace_back("x-amz-date", "20130524T000000Z");
  return authorization({method, path, query, headers}, hash, manual_time(), kManual, kVirginia);
}

TEST(Manual, gets_an_object) {
  EXPECT_EQ(manual("GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}, kEmpty),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Manual, puts_an_object) {
  const std::string hash = sha256_digits("Welcome to Amazon S3.");
  EXPECT_EQ(hash, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
  EXPECT_EQ(signature_in(manual("PUT", "/test$file.text", {},
                                {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                 {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                                hash)),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(Manual, asks_with_a_parameter_that_has_no_value) {
  EXPECT_EQ(signature_in(manual("GET", "/", {{"lifecycle", ""}}, {}, kEmpty)),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(Manual, lists_objects) {
  EXPECT_EQ(signature_in(manual("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, kEmpty)),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(Manual, makes_a_link) {
  EXPECT_EQ(presigned_query({"GET", "/test.txt", {}, {{"host", "examplebucket.s3.amazonaws.com"}}},
                            manual_time(), std::chrono::hours(24), kManual, kVirginia),
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
            "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
            "X-Amz-SignedHeaders=host&X-Amz-Signature="
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(Canonical, leaves_the_path_as_it_is_meant) {
  const SignedRequest request{"GET", "/a//b/../c+d %/", {{"x", "1+2 &="}}, {{"host", "h"}}};
  EXPECT_EQ(canonical_request(request, "hash"),
            "GET\n/a//b/../c%2Bd%20%25/\nx=1%2B2%20%26%3D\nhost:h\n\nhost\nhash");
}

}  // namespace
}  // namespace host::s3
