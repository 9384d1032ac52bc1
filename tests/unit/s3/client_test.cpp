// The client against a real S3 server that checks signatures and hashes.
#include "s3/client.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.hpp"
#include "support/http_client.hpp"
#include "unit/s3/world.hpp"

namespace host::s3 {
namespace {

using testing::failure_of;
using ::testing::HasSubstr;
using testing::options;
using testing::put;
using testing::soon;

struct RealServer : ::testing::Test {
  Client client{options()};
  std::string folder = "client/" + random_hex(8) + "/";

  std::set<std::string> all(const std::string& prefix) {
    std::set<std::string> keys;
    std::string token;
    do {
      const auto page = client.list(prefix, token, soon());
      for (const auto& object : page.objects) keys.insert(object.key);
      token = page.next;
    } while (!token.empty());
    return keys;
  }
};

TEST_F(RealServer, keeps_gives_back_and_removes) {
  put(client, folder + "a", "0123456789");
  EXPECT_EQ(client.get(folder + "a", 0, 10, soon()), "0123456789");
  EXPECT_EQ(client.get(folder + "a", 3, 4, soon()), "3456");
  client.remove(folder + "a", soon());
  client.remove(folder + "a", soon());
  EXPECT_EQ(failure_of([&] { (void)client.get(folder + "a", 0, 10, soon()); }).failure(),
            Failure::missing);
}

TEST_F(RealServer, takes_keys_that_are_hard_to_sign) {
  for (const char* name : {"a+b", "c d", "e&f=g", "h%20i", "\u00e9\u1234", "(j)*'!~"}) {
    put(client, folder + name, name);
    EXPECT_EQ(client.get(folder + name, 0, std::string(name).size(), soon()), name);
  }
  EXPECT_EQ(all(folder + "a+").size(), 1U);
  EXPECT_EQ(all(folder + "e&f=").size(), 1U);
}

TEST_F(RealServer, lists_by_prefix_and_page_by_page) {
  for (int i = 0; i < 5; ++i) put(client, folder + "x/" + std::to_string(i), "1");
  put(client, folder + "xy", "1");
  EXPECT_EQ(all(folder + "x/").size(), 5U);
  EXPECT_EQ(all(folder + "none/").size(), 0U);
}

TEST_F(RealServer, puts_together_what_was_sent_in_parts) {
  const std::string first(5 << 20, 'a'), second = "the end";
  const std::string upload = client.create_upload(folder + "big", soon());
  EXPECT_EQ(client.list_uploads(folder, {}, soon()).uploads.size(), 1U);
  std::vector<std::string> etags;
  etags.push_back(client.put_part(folder + "big", upload, 1, first, sha256_digits(first), soon()));
  etags.push_back(
      client.put_part(folder + "big", upload, 2, second, sha256_digits(second), soon()));
  client.complete_upload(folder + "big", upload, etags, first.size() + second.size(), soon());
  EXPECT_EQ(client.get(folder + "big", first.size() - 1, 8, soon()), "athe end");
  EXPECT_EQ(client.list_uploads(folder, {}, soon()).uploads.size(), 0U);
}

TEST_F(RealServer, forgets_an_upload_that_was_aborted) {
  std::vector<std::string> uploads;
  for (int i = 0; i < 5; ++i) uploads.push_back(client.create_upload(folder + "gone", soon()));
  UploadPage page;
  std::size_t seen = 0;
  do {
    page = client.list_uploads(folder, page, soon());
    seen += page.uploads.size();
  } while (!page.next_key.empty());
  EXPECT_EQ(seen, 5U);
  for (const auto& upload : uploads) client.abort_upload(folder + "gone", upload, soon());
  client.abort_upload(folder + "gone", uploads[0], soon());
  EXPECT_TRUE(client.list_uploads(folder, {}, soon()).uploads.empty());
  EXPECT_TRUE(all(folder).empty());
}

TEST_F(RealServer, makes_links_that_open_one_object_and_nothing_else) {
  put(client, folder + "a+b c", "shared");
  put(client, folder + "other", "secret");
  const auto link = client.link(folder + "a+b c",
                                {{"response-content-type", "text/plain; charset=utf-8"},
                                 {"response-content-disposition", "attachment; filename=\"a b\""}},
                                std::chrono::seconds(60));
  serai_test::HttpClient browser(link.substr(0, link.find('/', 8)));
  const std::string path = link.substr(link.find('/', 8));
  const auto answer = browser.get(path);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "shared");
  EXPECT_EQ(answer.headers.at("content-disposition"), "attachment; filename=\"a b\"");
  std::string changed = path;
  changed.replace(changed.find("a%2Bb%20c"), 9, "other");
  EXPECT_EQ(browser.get(changed).status, 403);
  changed = path;
  changed.replace(changed.find("X-Amz-Expires=60"), 16, "X-Amz-Expires=90");
  EXPECT_EQ(browser.get(changed).status, 403);
}

TEST_F(RealServer, says_that_a_key_is_wrong_and_does_not_try_again_and_again) {
  auto wrong = options();
  wrong.credentials.secret_key += "x";
  Client stranger(wrong);
  const auto error = failure_of([&] { put(stranger, folder + "a", "x"); });
  EXPECT_EQ(error.failure(), Failure::refused);
  EXPECT_THAT(error.what(), HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(stranger.trouble(), HasSubstr("SignatureDoesNotMatch"));
  stranger.probe(folder);
  EXPECT_NE(stranger.trouble(), "");
  client.probe(folder);
  EXPECT_EQ(client.trouble(), "");
}

TEST_F(RealServer, says_that_a_bucket_is_not_there) {
  auto wrong = options();
  wrong.bucket = "nowhere";
  Client lost(wrong);
  const auto error = failure_of([&] { (void)lost.get("a", 0, 1, soon()); });
  EXPECT_EQ(error.failure(), Failure::refused);
  EXPECT_THAT(error.what(), HasSubstr("NoSuchBucket"));
}

TEST(Endpoint, must_be_an_address_without_a_path) {
  for (const char* bad :
       {"", "s3.example.com", "ftp://x", "https://", "https://h/p", "http://u@h"}) {
    auto wrong = options();
    wrong.endpoint = bad;
    EXPECT_THROW(Client{wrong}, std::invalid_argument) << bad;
  }
}

TEST(Link, leads_to_the_public_endpoint_and_can_name_the_bucket_in_the_host) {
  auto chosen = options();
  chosen.endpoint = "http://minio:9000";
  chosen.public_endpoint = "https://files.example.com:443/";
  chosen.bucket_in_host = true;
  const auto link = Client(chosen).link("k", {}, std::chrono::seconds(5));
  EXPECT_TRUE(link.starts_with("https://blobs.files.example.com/k?X-Amz-Algorithm=")) << link;
}

}  // namespace
}  // namespace host::s3
