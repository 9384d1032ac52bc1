// Blobs live as long as somebody keeps them, and not longer.
#include "plugins/blob_keeper.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "unit/plugins/world.hpp"

namespace host::plugins {
namespace {

using testing::World;

struct BlobKeeperTest : ::testing::Test {
  BlobKeeperTest() { world.load(); }
  BlobKeeper::Upload upload(std::string_view text) {
    const auto writer = world.blobs->create(World::token());
    writer->write({reinterpret_cast<const std::byte*>(text.data()), text.size()});
    return world.registry->blob_keeper().commit_upload(World::token(), *writer);
  }
  bool exists(const std::string& reference) {
    try {
      return world.blobs->open(World::token(), reference) != nullptr;
    } catch (const Problem&) {
      return false;
    }
  }
  std::string run_with(const BlobKeeper::Upload& file, std::string_view script) {
    UploadedPart part;
    part.name = "file";
    part.file_name = "a.txt";
    part.blob = file.reference();
    return world.call("/api/v1/alpha/run", "POST", script, World::token(), {&part, 1}).body;
  }
  World world;
};

TEST_F(BlobKeeperTest, removes_an_upload_that_nobody_kept) {
  std::string reference;
  {
    const auto file = upload("unwanted");
    reference = file.reference();
    EXPECT_EQ(run_with(file, "blob.read " + reference), "0 unwanted");
    EXPECT_TRUE(exists(reference));
  }
  EXPECT_FALSE(exists(reference));
}

TEST_F(BlobKeeperTest, keeps_an_upload_that_was_kept) {
  std::string reference;
  {
    const auto file = upload("wanted");
    reference = file.reference();
    EXPECT_EQ(run_with(file, "blob.keep " + reference), "0");
  }
  EXPECT_TRUE(exists(reference));
}

TEST_F(BlobKeeperTest, forgets_a_keep_that_was_rolled_back) {
  std::string reference;
  {
    const auto file = upload("wanted at first");
    reference = file.reference();
    EXPECT_EQ(run_with(file, "begin\nblob.keep " + reference), "0\n0");
  }
  EXPECT_FALSE(exists(reference));
}

TEST_F(BlobKeeperTest, does_not_remove_an_equal_upload_of_somebody_else) {
  const auto mine = upload("the same");
  {
    const auto theirs = upload("the same");
    EXPECT_EQ(theirs.reference(), mine.reference());
    run_with(theirs, "version");
  }
  EXPECT_TRUE(exists(mine.reference()));
}

TEST_F(BlobKeeperTest, removes_what_the_last_keeper_gave_up) {
  const std::string reference = world.run("blob.write shared").substr(2);
  EXPECT_EQ(world.run("blob.write shared", World::token(), "/api/v1/beta/run"), "0 " + reference);
  EXPECT_EQ(world.run("blob.remove " + reference), "0");
  EXPECT_TRUE(exists(reference));
  EXPECT_EQ(world.run("blob.remove " + reference), "-5");
  EXPECT_EQ(world.run("blob.remove " + reference, World::token(), "/api/v1/beta/run"), "0");
  EXPECT_FALSE(exists(reference));
}

TEST_F(BlobKeeperTest, removes_a_blob_whose_transaction_was_rolled_back) {
  const std::string made = world.run("begin\nblob.write lost").substr(4);
  EXPECT_TRUE(made.starts_with("sha256-"));
  EXPECT_FALSE(exists(made));
}

TEST_F(BlobKeeperTest, does_not_remove_a_blob_whose_removal_was_rolled_back) {
  const std::string reference = world.run("blob.write stays").substr(2);
  EXPECT_EQ(world.run("begin\nblob.remove " + reference), "0\n0");
  EXPECT_TRUE(exists(reference));
}

}  // namespace
}  // namespace host::plugins
