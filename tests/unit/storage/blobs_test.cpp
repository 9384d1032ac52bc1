// Blobs, in files or (SERAI_TEST_BLOBS=s3) in S3: what holds for both, then what is the files' own.
#include "storage/blobs.hpp"

#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "support/test_blobs.hpp"
#include "unit/storage/world.hpp"

namespace host::storage {
namespace {

using namespace testing;

Bytes bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

struct AnyBlobs : ::testing::Test {
  AnyBlobs() {
    for (const char* tenant : {"acme", "other"}) world.make(tenant);
  }
  World world;
  std::unique_ptr<Blobs> blobs = reopened();
  CallToken acme = token("acme"), other = token("other");

  std::unique_ptr<Blobs> reopened() {
    auto made = serai_test::make_blobs(*world.store, world.folder.path());
    world.store->migrate_platform();
    return made;
  }

  BlobRef put(const CallToken& who, std::string_view text) {
    const auto writer = blobs->create(who);
    writer->write(bytes(text));
    return writer->commit();
  }
  std::string get(const CallToken& who, const BlobRef& ref) {
    const auto reader = blobs->open(who, ref);
    std::string text(reader->size(), '\0');
    std::size_t at = 0;
    while (true) {
      const auto out = std::as_writable_bytes(std::span(text)).subspan(at);
      const std::size_t got = reader->read(at, out.first(std::min<std::size_t>(out.size(), 3)));
      if (got == 0) break;
      at += got;
    }
    return text;
  }
  int status(const CallToken& who, const BlobRef& ref) {
    try {
      get(who, ref);
    } catch (const Problem& problem) {
      return problem.status();
    }
    return 200;
  }
};

struct FileBlobs : AnyBlobs {
  void SetUp() override {
    if (serai_test::blobs_in_s3()) GTEST_SKIP() << "of files only";
  }
  std::filesystem::path file_of(const std::string& tenant, const BlobRef& ref) {
    return world.folder.path() / "blobs" / tenant / ref.substr(7, 2) / ref.substr(7);
  }
};

TEST_F(AnyBlobs, gives_back_what_was_committed) {
  const BlobRef ref = put(acme, "hello world");
  EXPECT_EQ(ref, "sha256-b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
  EXPECT_EQ(get(acme, ref), "hello world");
  EXPECT_EQ(get(acme, put(acme, "")), "");
}

TEST_F(AnyBlobs, keeps_blobs_across_a_restart) {
  const BlobRef ref = put(acme, "hello");
  blobs = reopened();
  EXPECT_EQ(get(acme, ref), "hello");
  EXPECT_EQ(blobs->usage(acme), 5U);
}

TEST_F(FileBlobs, keeps_nothing_without_commit) {
  {
    const auto writer = blobs->create(acme);
    writer->write(bytes("hello"));
  }
  EXPECT_EQ(blobs->usage(acme), 0U);
  EXPECT_TRUE(std::filesystem::is_empty(world.folder.path() / "blobs/acme/tmp"));
}

TEST_F(AnyBlobs, another_tenant_cannot_read_list_or_delete) {
  const BlobRef ref = put(acme, "private");
  EXPECT_EQ(status(other, ref), 404);
  blobs->remove(other, ref);
  EXPECT_EQ(blobs->usage(other), 0U);
  blobs->destroy(other);
  EXPECT_EQ(get(acme, ref), "private");
}

TEST_F(AnyBlobs, equal_content_of_two_tenants_is_not_shared) {
  const BlobRef ref = put(acme, "same");
  EXPECT_EQ(put(other, "same"), ref);
  blobs->remove(acme, ref);
  EXPECT_EQ(status(acme, ref), 404);
  EXPECT_EQ(get(other, ref), "same");
}

TEST_F(AnyBlobs, refuses_references_that_are_paths_or_otherwise_malformed) {
  put(acme, "x");
  const std::string hex(64, 'a');
  const std::vector<std::string> malformed = {"../../platform.db",
                                              "sha256-../" + hex.substr(3),
                                              "sha256-",
                                              "",
                                              "sha256-" + hex + "0",
                                              "sha256-" + std::string(64, 'A'),
                                              "md5-" + hex,
                                              hex,
                                              "sha256-" + hex.substr(2) + ".n"};
  for (const BlobRef& ref : malformed) {
    EXPECT_EQ(status(acme, ref), 404) << ref;
    EXPECT_THROW(blobs->remove(acme, ref), Problem) << ref;
  }
}

TEST_F(AnyBlobs, refuses_a_token_without_tenant) {
  EXPECT_THROW(blobs->create(token("")), Problem);
  EXPECT_THROW(blobs->create(token("..")), Problem);
  EXPECT_THROW(blobs->usage(token("../acme")), Problem);
}

TEST_F(AnyBlobs, the_last_of_several_references_removes_the_bytes) {
  const BlobRef ref = put(acme, "twice");
  put(acme, "twice");
  put(acme, "twice");
  EXPECT_EQ(blobs->usage(acme), 5U);
  blobs->remove(acme, ref);
  blobs->remove(acme, ref);
  EXPECT_EQ(get(acme, ref), "twice");
  blobs->remove(acme, ref);
  EXPECT_EQ(status(acme, ref), 404);
  EXPECT_EQ(blobs->usage(acme), 0U);
  blobs->remove(acme, ref);
}

TEST_F(FileBlobs, tells_when_bytes_have_rotted_and_heals_by_storing_them_again) {
  const BlobRef ref = put(acme, "precious");
  std::ofstream(file_of("acme", ref)) << "preciouz";
  EXPECT_EQ(status(acme, ref), 500);
  std::ofstream(file_of("acme", ref)) << "prec";
  EXPECT_EQ(status(acme, ref), 500);
  put(acme, "precious");
  EXPECT_EQ(get(acme, ref), "precious");
}

TEST_F(AnyBlobs, reads_from_the_middle_and_nothing_behind_the_end) {
  const auto reader = blobs->open(acme, put(acme, "0123456789"));
  std::array<std::byte, 4> out{};
  EXPECT_EQ(reader->read(8, out), 2U);
  EXPECT_EQ(static_cast<char>(out[0]), '8');
  EXPECT_EQ(reader->read(10, out), 0U);
  EXPECT_EQ(reader->read(99, out), 0U);
  EXPECT_EQ(reader->descriptor() >= 0, !serai_test::blobs_in_s3());
}

TEST_F(AnyBlobs, counts_usage_and_forgets_a_destroyed_tenant) {
  put(acme, "12345");
  put(acme, "123");
  EXPECT_EQ(blobs->usage(acme), 8U);
  put(acme, "1");
  EXPECT_EQ(blobs->usage(acme), 9U);
  blobs->destroy(acme);
  world.store->destroy(acme);  // as the deletion of a tenant does next
  world.make("acme");
  EXPECT_EQ(blobs->usage(acme), 0U);
  EXPECT_FALSE(std::filesystem::exists(world.folder.path() / "blobs/acme"));
}

TEST_F(AnyBlobs, many_threads_store_and_remove_the_same_content) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const BlobRef ref = put(acme, "shared");
        put(acme, std::to_string(t));
        blobs->remove(acme, ref);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(blobs->usage(acme), 4U);
}

}  // namespace
}  // namespace host::storage
