// What only blobs in S3 do: parts, books in the database, garbage, several nodes, links, outages.
#include <atomic>

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "fakes/s3_proxy.hpp"
#include "observe/metrics.hpp"
#include "storage/s3/blobs.hpp"
#include "support/s3_server.hpp"
#include "support/test_blobs.hpp"
#include "unit/storage/world.hpp"

namespace host::storage {
namespace {

using namespace testing;
using fakes::S3Proxy;
using Deed = S3Proxy::Deed;

constexpr std::size_t kPart = 64 << 10;

struct S3BlobsTest : ::testing::Test {
  S3BlobsTest() {
    for (const char* tenant : {"acme", "other"}) world.make(tenant);
    blobs = node(options());
    world.store->migrate_platform();
  }

  S3BlobOptions options() {
    auto chosen = serai_test::s3_blob_options(world.folder.path());
    chosen.part_size = kPart;
    chosen.clock = [this] { return time.load(); };
    return chosen;
  }
  std::unique_ptr<S3Blobs> node(S3BlobOptions chosen) {
    return make_s3_blobs(*world.store, std::move(chosen));
  }
  // A node whose requests with `part` in their line meet `deed` while `trouble` is on.
  std::unique_ptr<S3Blobs> troubled(Deed deed, const std::string& part) {
    proxy = std::make_unique<S3Proxy>(serai_test::S3Server::shared().port(),
                                      [this, deed, part](const std::string& line) {
                                        const bool meant = line.find(part) != std::string::npos;
                                        return trouble && meant ? deed : Deed::pass;
                                      });
    auto chosen = options();
    chosen.client.endpoint = proxy->endpoint();
    chosen.client.breaker_pause = std::chrono::milliseconds(0);
    return node(std::move(chosen));
  }

  BlobRef put(Blobs& into, const CallToken& who, std::string_view text,
              Session* session = nullptr) {
    const auto writer = into.create(who);
    writer->write(std::as_bytes(std::span(text.data(), text.size())));
    return writer->commit(session);
  }
  std::string get(Blobs& from, const CallToken& who, const BlobRef& ref) {
    const auto reader = from.open(who, ref);
    std::string text(reader->size(), '\0');
    const auto got = reader->read(0, std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(got, text.size());
    return text;
  }
  // The code of the Problem that `work` throws.
  template <class Work>
  std::string code_of(Work work) {
    try {
      work();
    } catch (const Problem& problem) {
      return problem.code();
    }
    return "";
  }
  static bool never() { return false; }

  // Keys in the store, of everybody in this test.
  std::vector<std::string> keys(const std::string& below = "") {
    std::vector<std::string> found;
    std::string token;
    do {
      const auto page = client.list(prefix + "/" + below, token, soon());
      for (const auto& object : page.objects) found.push_back(object.key);
      token = page.next;
    } while (!token.empty());
    return found;
  }
  std::size_t open_uploads() {
    return client.list_uploads(prefix + "/", {}, soon()).uploads.size();
  }
  static Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::minutes(10); }
  void overwrite(const std::string& key, const std::string& bytes) {
    client.put(key, bytes, sha256_digits(bytes), soon());
  }

  World world;
  std::atomic<Timestamp> time{now()};
  std::atomic<bool> trouble{true};
  std::string prefix = serai_test::s3_blob_options(world.folder.path()).prefix;
  s3::Client client{serai_test::s3_blob_options(world.folder.path()).client};
  std::unique_ptr<S3Proxy> proxy;
  std::unique_ptr<S3Blobs> blobs;
  CallToken acme = token("acme"), other = token("other");
  std::string large = [] {
    std::string text;
    for (int i = 0; text.size() < 3 * kPart + 100; ++i) text += std::to_string(i) + " ";
    return text;
  }();
};

TEST_F(S3BlobsTest, sends_large_ones_in_parts_and_small_ones_at_once) {
  trouble = false;
  const auto watched = troubled(Deed::pass, "");
  const auto ref = put(*watched, acme, large);
  EXPECT_EQ(proxy->requests().size(), 1 + 4 + 1U);  // begin, parts, complete
  EXPECT_EQ(get(*blobs, acme, ref), large);
  const auto reader = blobs->open(acme, ref);
  std::array<std::byte, 10> out{};
  EXPECT_EQ(reader->read(2 * kPart - 5, out), 10U);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(out.data()), 10), large.substr(2 * kPart - 5, 10));
  put(*watched, acme, std::string(kPart, 'x'));
  EXPECT_EQ(proxy->requests().size(), 7U);
  EXPECT_TRUE(proxy->requests().back().starts_with("PUT "));
}

TEST_F(S3BlobsTest, names_objects_by_nothing_that_could_be_guessed) {
  const auto ref = put(*blobs, acme, "secret"), same = put(*blobs, other, "secret");
  EXPECT_EQ(ref, same);
  ASSERT_EQ(keys("acme/").size(), 1U);
  ASSERT_EQ(keys("other/").size(), 1U);
  EXPECT_EQ(keys().size(), 2U);
  EXPECT_NE(keys("acme/")[0].substr(prefix.size() + 6),
            keys("other/")[0].substr(prefix.size() + 7));
  EXPECT_EQ(keys("acme/")[0].find(ref.substr(7, 32)), std::string::npos);
}

TEST_F(S3BlobsTest, leaves_nothing_of_an_upload_that_is_not_committed) {
  {
    const auto writer = blobs->create(acme);
    writer->write(std::as_bytes(std::span(large)));
    EXPECT_EQ(open_uploads(), 1U);
  }
  EXPECT_EQ(open_uploads(), 0U);
  EXPECT_TRUE(keys().empty());
  time = time.load() + std::chrono::hours(2);
  EXPECT_EQ(blobs->tidy(), 0U);
}

TEST_F(S3BlobsTest, says_503_when_the_store_is_gone_and_tidies_up_when_it_is_back) {
  const auto node = troubled(Deed::slow_down, "");
  EXPECT_EQ(code_of([&] { put(*node, acme, "small"); }), "blob_store_unavailable");
  trouble = false;
  const auto ref = put(*node, acme, "small");
  trouble = true;
  EXPECT_EQ(code_of([&] { get(*node, acme, ref); }), "blob_store_unavailable");
  EXPECT_NE(node->trouble(), "");
  trouble = false;
  EXPECT_EQ(get(*node, acme, ref), "small");
  EXPECT_EQ(node->trouble(), "");
  time = time.load() + std::chrono::hours(2);
  node->tidy();
  EXPECT_EQ(get(*node, acme, ref), "small");
  EXPECT_EQ(keys().size(), 1U);
}

TEST_F(S3BlobsTest, an_upload_that_breaks_in_the_middle_is_taken_back_later) {
  const auto node = troubled(Deed::reset_head, "partNumber=3");
  const auto blocked = troubled(Deed::reset_head, "uploadId=");
  EXPECT_EQ(code_of([&] { put(*blocked, acme, large); }), "blob_store_unavailable");
  EXPECT_EQ(open_uploads(), 1U);  // not even the abort came through
  trouble = false;
  EXPECT_EQ(blocked->tidy(), 0U) << "it may still be under way";
  time = time.load() + std::chrono::hours(2);
  EXPECT_EQ(blocked->tidy(), 1U);
  EXPECT_EQ(open_uploads(), 0U);
  EXPECT_EQ(blocked->tidy(), 0U);
}

TEST_F(S3BlobsTest, never_gives_out_wrong_bytes_and_counts_them) {
  auto& corrupt =
      observe::metrics().counter("serai_blob_store_corrupt_total",
                                 "Reads whose bytes did not match their hash or were missing.");
  const auto before = corrupt.value();
  const auto ref = put(*blobs, acme, large);
  std::string rotten = large;
  rotten[2 * kPart + 7] ^= 1;
  overwrite(keys().at(0), rotten);
  const auto reader = blobs->open(acme, ref);
  std::vector<std::byte> out(kPart);
  EXPECT_EQ(reader->read(kPart, out), kPart);  // parts that are whole are
  EXPECT_EQ(code_of([&] { (void)reader->read(2 * kPart, out); }), "blob_corrupt");
  EXPECT_EQ(code_of([&] { get(*blobs, acme, ref); }), "blob_corrupt");
  overwrite(keys().at(0), "short");
  EXPECT_EQ(code_of([&] { get(*blobs, acme, ref); }), "blob_corrupt");
  client.remove(keys().at(0), soon());
  EXPECT_EQ(code_of([&] { get(*blobs, acme, ref); }), "blob_corrupt");
  EXPECT_EQ(corrupt.value(), before + 4);
  EXPECT_EQ(put(*blobs, acme, large), ref);
  EXPECT_EQ(get(*blobs, acme, ref), large);
}

TEST_F(S3BlobsTest, damage_on_the_way_is_asked_for_again) {
  const auto ref = put(*blobs, acme, "precious");
  std::atomic<int> flips{1};
  S3Proxy flipping(serai_test::S3Server::shared().port(), [&](const std::string& line) {
    return line.starts_with("GET") && flips-- > 0 ? Deed::flip : Deed::pass;
  });
  auto chosen = options();
  chosen.client.endpoint = flipping.endpoint();
  EXPECT_EQ(get(*node(chosen), acme, ref), "precious");
  EXPECT_EQ(flipping.requests().size(), 2U);
}

TEST_F(S3BlobsTest, belongs_to_the_transaction_it_was_committed_in) {
  const auto session = world.store->tenant(acme);
  BlobRef ref;
  {
    const Transaction rolled_back(*session);
    ref = put(*blobs, acme, "maybe", session.get());
    EXPECT_EQ(blobs->open(acme, ref, session.get())->size(), 5U);
  }
  EXPECT_EQ(code_of([&] { get(*blobs, acme, ref); }), "not_found");
  EXPECT_EQ(keys().size(), 1U);
  time = time.load() + std::chrono::hours(2);
  EXPECT_EQ(blobs->tidy(), 1U);
  EXPECT_TRUE(keys().empty());
  {
    Transaction kept(*session);
    EXPECT_EQ(put(*blobs, acme, "maybe", session.get()), ref);
    kept.commit();
  }
  EXPECT_EQ(get(*blobs, acme, ref), "maybe");
}

TEST_F(S3BlobsTest, deletes_later_what_it_could_not_delete_at_once) {
  const auto node = troubled(Deed::slow_down, "DELETE");
  const auto ref = put(*node, acme, "doomed");
  node->remove(acme, ref);
  EXPECT_EQ(code_of([&] { get(*node, acme, ref); }), "not_found");
  EXPECT_EQ(keys().size(), 1U);
  node->tidy();
  EXPECT_EQ(keys().size(), 1U);
  trouble = false;
  EXPECT_EQ(node->tidy(), 0U) << "a failure is given some time";
  time = time.load() + std::chrono::minutes(10);
  EXPECT_EQ(node->tidy(), 1U);
  EXPECT_TRUE(keys().empty());
}

TEST_F(S3BlobsTest, a_commit_that_comes_after_the_upkeep_gave_it_up_fails) {
  const auto writer = blobs->create(acme);
  writer->write(std::as_bytes(std::span(large)));
  time = time.load() + std::chrono::hours(2);
  EXPECT_EQ(blobs->tidy(), 1U);
  EXPECT_NE(code_of([&] { (void)writer->commit(); }), "");
  EXPECT_TRUE(keys().empty());
  EXPECT_EQ(blobs->usage(acme), 0U);
}

TEST_F(S3BlobsTest, a_row_given_up_is_lost_to_its_object_for_good) {
  // The race itself: the object is whole in the store, and the upkeep was faster than the row.
  const auto slow = node(options());
  const auto session = world.store->tenant(acme);
  const auto writer = slow->create(acme);
  writer->write(std::as_bytes(std::span("small", 5)));
  std::atomic<bool> looked{false};
  S3Proxy racing(serai_test::S3Server::shared().port(), [&](const std::string& line) {
    if (line.starts_with("PUT") && !looked.exchange(true)) {
      time = time.load() + std::chrono::hours(2);
      EXPECT_EQ(blobs->tidy(), 1U);
    }
    return Deed::pass;
  });
  auto chosen = options();
  chosen.client.endpoint = racing.endpoint();
  EXPECT_EQ(code_of([&] { put(*node(chosen), acme, "raced"); }), "upload_too_slow");
  EXPECT_EQ(blobs->usage(acme), 0U);
}

TEST_F(S3BlobsTest, another_node_does_not_remove_what_this_one_has_just_committed) {
  const auto second = node(options());
  const auto ref = put(*blobs, acme, "shared");
  EXPECT_EQ(put(*second, acme, "shared"), ref);
  const auto session = world.store->tenant(acme);
  blobs->settle(acme, ref, 1, *session, never);
  EXPECT_EQ(get(*second, acme, ref), "shared");
  second->settle(acme, ref, 1, *session, [] { return true; });
  EXPECT_EQ(get(*blobs, acme, ref), "shared");
  second->settle(acme, ref, 0, *session, never);
  EXPECT_EQ(code_of([&] { get(*blobs, acme, ref); }), "not_found");
}

TEST_F(S3BlobsTest, what_a_node_that_died_had_committed_goes_unless_it_is_kept) {
  const auto lost = put(*blobs, acme, "uploaded, and then the node died"),
             kept = put(*blobs, acme, "kept");
  blobs->ask_kept([&](Session&, const BlobRef& ref) { return ref == kept; });
  EXPECT_EQ(blobs->tidy(), 0U);
  time = time.load() + std::chrono::hours(2);
  EXPECT_EQ(blobs->tidy(), 2U);
  EXPECT_EQ(code_of([&] { get(*blobs, acme, lost); }), "not_found");
  EXPECT_EQ(get(*blobs, acme, kept), "kept");
  EXPECT_EQ(keys().size(), 1U);
  EXPECT_EQ(blobs->tidy(), 0U);
}

TEST_F(S3BlobsTest, what_is_held_in_a_transaction_is_there_when_it_ends) {
  const auto session = world.store->tenant(acme);
  EXPECT_EQ(code_of([&] {
              const Transaction open(*session);
              blobs->hold(acme, "sha256-" + std::string(64, 'a'), *session);
            }),
            "not_found");
  const auto ref = put(*blobs, acme, "held");
  Transaction open(*session);
  blobs->hold(acme, ref, *session);
  open.commit();
  EXPECT_EQ(get(*blobs, acme, ref), "held");
}

TEST_F(S3BlobsTest, a_tenant_that_goes_takes_all_its_objects_and_nobody_elses) {
  world.make("acme-2");
  const auto neighbour = put(*blobs, token("acme-2"), "mine"), others = put(*blobs, other, "mine");
  for (int i = 0; i < 1005; ++i) overwrite(prefix + "/acme/" + std::to_string(i), "x");
  (void)client.create_upload(prefix + "/acme/begun", soon());
  (void)client.create_upload(prefix + "/other/begun", soon());
  EXPECT_EQ(keys("acme/").size(), 1005U);
  blobs->destroy(acme);
  EXPECT_EQ(keys("acme/").size(), 0U);
  EXPECT_EQ(get(*blobs, token("acme-2"), neighbour), "mine");
  EXPECT_EQ(get(*blobs, other, others), "mine");
  EXPECT_EQ(open_uploads(), 1U);
  blobs->destroy(acme);
}

TEST_F(S3BlobsTest, an_upload_of_a_tenant_that_has_gone_is_found) {
  const auto session = world.store->tenant(acme);
  {
    const Transaction lost(*session);
    put(*blobs, acme, "late", session.get());
  }
  world.store->destroy(acme);
  EXPECT_EQ(keys().size(), 1U);
  time = time.load() + std::chrono::hours(2);
  EXPECT_EQ(blobs->tidy(), 1U);
  EXPECT_TRUE(keys().empty());
}

TEST_F(S3BlobsTest, gives_links_only_where_the_operator_wants_them) {
  const auto ref = put(*blobs, acme, "public for a minute");
  EXPECT_FALSE(blobs->open(acme, ref)->link({}).has_value());
  auto chosen = options();
  chosen.links = true;
  const auto linking = node(chosen);
  const auto link = linking->open(acme, ref)->link({"text/html", "inline"});
  ASSERT_TRUE(link.has_value());
  EXPECT_NE(link->find("response-content-disposition=attachment&"), std::string::npos) << *link;
  EXPECT_NE(link->find("X-Amz-Expires=60&"), std::string::npos);
  EXPECT_EQ(code_of([&] { (void)linking->open(other, ref); }), "not_found");
}

}  // namespace
}  // namespace host::storage
