// Documents in S3, as customers and operators meet it.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "support/s3_server.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kDocuments = "/api/v1/knowledge/documents";

class BlobsInS3 : public testing::Test {
 protected:
  RunningHost::Options options() const {
    RunningHost::Options options;
    options.plugins = {"ai", "knowledge"};
    options.profile["storage"]["blobs"] = {{"engine", "s3"},
                                           {"endpoint", store_.endpoint()},
                                           {"bucket", S3Server::kBucket},
                                           {"request_time", "2 s"},
                                           {"total_time", "5 s"}};
    options.environment["SERAI_S3_ACCESS_KEY"] = store_.access_key();
    options.environment["SERAI_S3_SECRET_KEY"] = store_.secret_key();
    return options;
  }
  static Answer upload(const HttpClient& client, const std::string& content) {
    return client.upload(kDocuments, {"file", "notes.md", "text/markdown", content});
  }
  static std::string uploaded(const HttpClient& client, const std::string& content) {
    const auto answer = upload(client, content);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.json()["data"]["document_id"];
  }
  static std::string download_of(const std::string& id) {
    return std::string(kDocuments) + "/" + id + "/download";
  }
  static bool up(const RunningHost& host) {
    return host.management().get("/metrics").body.find("\nserai_blob_store_up 1\n") !=
           std::string::npos;
  }
  std::size_t stored(const std::string& tenant) const {
    return store_.objects("serai/" + tenant + "/");
  }

  S3Server store_;
};

TEST_F(BlobsInS3, a_document_comes_back_as_it_was_and_only_to_its_tenant) {
  RunningHost host(options());
  const auto owner = host.make_tenant("lagoon"), stranger = host.make_tenant("lagoon-two");
  const std::string text = "# Notes\n\n" + std::string(50'000, 'n');
  const auto id = uploaded(host.client(owner), text);
  EXPECT_EQ(stored("lagoon"), 1U);
  EXPECT_EQ(host.client(owner).get(download_of(id)).body, text);
  EXPECT_EQ(host.client(stranger).get(download_of(id)).status, 404);
  EXPECT_EQ(stored("lagoon-two"), 0U);
  EXPECT_FALSE(std::filesystem::exists(host.data() / "blobs"));
  host.restart();
  auto again = owner;
  host.login(again);
  EXPECT_EQ(host.client(again).get(download_of(id)).body, text);
  EXPECT_EQ(host.client(again).remove(std::string(kDocuments) + "/" + id).status / 100, 2);
  EXPECT_TRUE(eventually([&] { return stored("lagoon") == 0; }));
  EXPECT_THAT(host.process().log(), Not(HasSubstr(store_.secret_key())));
}

TEST_F(BlobsInS3, an_outage_is_an_honest_503_and_passes) {
  RunningHost host(options());
  const auto owner = host.make_tenant("lagoon");
  const auto id = uploaded(host.client(owner), "# before");
  EXPECT_TRUE(eventually([&] { return up(host); }));
  store_.stop();
  const auto refused = upload(host.client(owner), "# meanwhile");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.json()["code"], "blob_store_unavailable") << refused.body;
  EXPECT_NE(refused.headers.count("retry-after"), 0U);
  EXPECT_FALSE(up(host));
  const auto ready = host.management().get("/health/ready");
  EXPECT_EQ(ready.status, 200) << "who needs no file is still served";
  EXPECT_THAT(ready.body, HasSubstr("\"blobs\""));
  EXPECT_EQ(host.client(owner).get(kDocuments).status, 200);
  store_.start();
  EXPECT_TRUE(
      eventually([&] { return host.client(owner).get(download_of(id)).body == "# before"; }));
  EXPECT_EQ(upload(host.client(owner), "# after").status, 201);
  EXPECT_TRUE(up(host));
}

TEST_F(BlobsInS3, presigned_downloads_are_links_for_those_who_may_read) {
  auto chosen = options();
  chosen.profile["storage"]["blobs"]["downloads"] = "presigned";
  RunningHost host(chosen);
  const auto owner = host.make_tenant("lagoon"), stranger = host.make_tenant("lagoon-two");
  const auto id = uploaded(host.client(owner), "# shared for a minute");
  EXPECT_EQ(host.client(stranger).get(download_of(id)).status, 404);
  EXPECT_EQ(host.client().get(download_of(id)).status, 401);
  const auto answer = host.client(owner).get(download_of(id));
  ASSERT_EQ(answer.status, 307) << answer.body;
  EXPECT_THAT(answer.headers.at("cache-control"), HasSubstr("no-store"));
  const std::string link = answer.headers.at("location");
  ASSERT_TRUE(link.starts_with(store_.endpoint() + "/blobs/serai/lagoon/")) << link;
  const HttpClient browser(store_.endpoint());
  const auto file = browser.get(link.substr(store_.endpoint().size()));
  EXPECT_EQ(file.body, "# shared for a minute");
  EXPECT_THAT(file.headers.at("content-disposition"), HasSubstr("attachment"));
  EXPECT_THAT(file.headers.at("content-disposition"), HasSubstr("notes.md"));
}

TEST_F(BlobsInS3, a_tenant_that_goes_leaves_no_object) {
  RunningHost host(options());
  const auto owner = host.make_tenant("lagoon"), neighbour = host.make_tenant("lagoon-two");
  uploaded(host.client(owner), "# one");
  uploaded(host.client(owner), "# two");
  uploaded(host.client(neighbour), "# one");
  EXPECT_EQ(stored("lagoon"), 2U);
  EXPECT_EQ(host.admin().remove("/api/v1/admin/tenants/lagoon?confirm=true").status / 100, 2);
  EXPECT_EQ(stored("lagoon"), 0U);
  EXPECT_EQ(stored("lagoon-two"), 1U);
}

TEST_F(BlobsInS3, a_wrong_key_is_told_to_the_operator) {
  auto wrong = options();
  wrong.environment["SERAI_S3_SECRET_KEY"] += "x";
  RunningHost host(wrong);
  EXPECT_TRUE(eventually([&] {
    return host.management().get("/health/ready").body.find("SignatureDoesNotMatch") !=
           std::string::npos;
  }));
  const auto owner = host.make_tenant("lagoon");
  EXPECT_EQ(upload(host.client(owner), "# x").status, 503);
}

}  // namespace
}  // namespace serai_test
