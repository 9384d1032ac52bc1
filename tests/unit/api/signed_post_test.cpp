// What must be signed passes with the right key alone, whatever size it has.
#include "api/signed_post.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "fakes/post_signer.hpp"
#include "http/spooled_file.hpp"
#include "observe/metrics.hpp"

namespace {

using namespace host;
using fakes::PostSigner;

const std::string kBody =
    "--b\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\nx\r\n--b--\r\n";

http::Request post_of(const std::string& body, const PostSigner::Headers& headers) {
  http::Request request;
  request.method = "POST";
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  request.body = body;
  return request;
}

// "passes", "ends here" or "STATUS code".
std::string fate(const http::Request& request, const std::string& key, bool required = true) {
  api::Route route{.method = "POST", .pattern = "/p", .operation = "signed.post"};
  route.signature = {[&](const CallToken*) { return key; }, required};
  try {
    return api::check_signed_post(route, request, nullptr, "request") ? "passes" : "ends here";
  } catch (const Problem& problem) {
    return std::to_string(problem.status()) + " " + problem.code();
  }
}

TEST(SignedPost, passes_with_the_right_key_alone) {
  const PostSigner ours, stranger;
  const auto key = ours.public_key();
  const auto good = post_of(kBody, ours.headers(kBody, "multipart/form-data"));
  const auto refused = [] {
    return observe::metrics()
        .counter("serai_http_bad_signatures_total",
                 "Posts that were refused because their signature did not hold.",
                 {{"operation", "signed.post"}})
        .value();
  };
  const auto before = refused();
  EXPECT_EQ(fate(good, key), "passes");
  EXPECT_EQ(refused(), before);
  auto changed = good;
  changed.body[changed.body.find("\r\nx\r\n") + 2] = 'y';
  EXPECT_EQ(fate(changed, key), "401 bad_signature");
  EXPECT_EQ(fate(post_of(kBody + " ", ours.headers(kBody, "")), key), "401 bad_signature");
  EXPECT_EQ(fate(good, stranger.public_key()), "401 bad_signature");
  EXPECT_EQ(fate(post_of(kBody, stranger.headers(kBody, "")), key), "401 bad_signature");
  EXPECT_EQ(fate(post_of(kBody, {}), key), "401 bad_signature");
  EXPECT_EQ(refused(), before + 5);
  for (const std::string timestamp : {"", "1700000001", "17000000", "1700000000 ", "x"}) {
    auto other = good;
    other.headers.set("X-Twilio-Email-Event-Webhook-Timestamp", timestamp);
    EXPECT_EQ(fate(other, key), "401 bad_signature") << timestamp;
  }
}

// Timestamp and body are signed as one text: what belongs to one must not pass in the other.
TEST(SignedPost, has_its_timestamp_where_it_belongs) {
  const PostSigner ours;
  const auto stolen = ours.headers(kBody, "")[1].second;
  auto shifted =
      post_of(kBody.substr(2),
              {{"X-Twilio-Email-Event-Webhook-Signature", stolen},
               {"X-Twilio-Email-Event-Webhook-Timestamp", "1700000000" + kBody.substr(0, 2)}});
  EXPECT_EQ(fate(shifted, ours.public_key()), "401 bad_signature");
}

TEST(SignedPost, of_a_body_in_a_file_is_read_in_pieces) {
  const PostSigner ours;
  const std::string body(3'000'001, 'z');
  auto request = post_of("", ours.headers(body, ""));
  request.spooled = std::make_shared<http::SpooledFile>();
  request.spooled->append(body);
  EXPECT_EQ(fate(request, ours.public_key()), "passes");
  request.spooled->append("z");
  EXPECT_EQ(fate(request, ours.public_key()), "401 bad_signature");
}

TEST(SignedPost, without_a_key_passes_only_where_none_is_required) {
  const PostSigner ours;
  EXPECT_EQ(fate(post_of(kBody, ours.headers(kBody, "")), "", true), "401 bad_signature");
  EXPECT_EQ(fate(post_of(kBody, {}), "", false), "passes");
  EXPECT_EQ(fate(post_of(kBody, {}), ours.public_key(), false), "401 bad_signature");
  for (const auto& key : {PostSigner("RSA").public_key(), std::string("AAAA"), std::string(" ")})
    for (const bool required : {true, false})
      EXPECT_EQ(fate(post_of(kBody, ours.headers(kBody, "")), key, required),
                "503 signature_key_unusable");
}

TEST(SignedPost, that_is_empty_needs_none_and_reaches_nobody) {
  const PostSigner ours;
  EXPECT_EQ(fate(post_of("", {}), ours.public_key()), "ends here");
  EXPECT_EQ(fate(post_of("", {}), ""), "ends here");
  EXPECT_EQ(fate(post_of("", {}), "", false), "passes") << "nothing is asked for there";
}

}  // namespace
