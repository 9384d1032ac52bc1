// The disk refuses the N-th write, sync, truncation or rename, for every N until nothing fails any
// more: what was acknowledged stays, what was not leaves nothing half done.
#include <set>

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "faults/storage/failures.hpp"
#include "faults/storage/house.hpp"

namespace host::faults {
namespace {

const bool kInstalled = (install_failing_vfs(), true);

struct Disk : ::testing::TestWithParam<bool> {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("serai-disk-" + random_hex(8));
  Disk() { std::filesystem::create_directories(folder); }
  ~Disk() override {
    database_failures().disarm();
    file_failures().disarm();
    std::filesystem::remove_all(folder);
  }

  static std::set<std::string> rows(storage::Store& store) {
    std::set<std::string> ids;
    const auto found = store.tenant(token())->query("SELECT id FROM crash_rows");
    for (std::size_t i = 0; i < found.size(); ++i) ids.insert(found.text(i, "id"));
    return ids;
  }
  static std::string text(storage::Blobs& blobs, const std::string& ref) {
    const auto reader = blobs.open(token(), ref);
    std::string text(reader->size(), '\0');
    reader->read(0, std::as_writable_bytes(std::span(text)));
    return text;
  }
};

TEST_P(Disk, a_refused_database_write_is_reported_and_loses_nothing_acknowledged) {
  std::set<std::string> acknowledged;
  bool failed = true;
  int refused = 0;
  for (long nth = 0; failed && nth < 500; ++nth) {
    {
      House house(folder);
      database_failures().arm(nth, GetParam());
      // Enough for several commits and, with what lies in the log already, checkpoints.
      for (int i = 0; i < 3; ++i) {
        try {
          const std::string line = house.write(random_token(3000));
          acknowledged.insert(line.substr(0, line.find(' ')));
        } catch (const storage::SqlError& error) {
          ++refused;
          EXPECT_TRUE(error.fault() == storage::SqlFault::full ||
                      error.fault() == storage::SqlFault::io)
              << error.what();
        }
      }
      failed = database_failures().happened;
      // The space is back: the same handles go on working.
      database_failures().disarm();
      const std::string line = house.write("after");
      acknowledged.insert(line.substr(0, line.find(' ')));
      // Closing writes the log back; let that fail as well.
      database_failures().arm(nth % 7, GetParam());
    }
    database_failures().disarm();
    const auto store = storage::make_sqlite_store({folder / "db", 10, 2});
    const auto found = rows(*store);
    for (const std::string& id : acknowledged) ASSERT_TRUE(found.contains(id)) << "failure " << nth;
    ASSERT_EQ(store->tenant(token())->query("PRAGMA quick_check").text(0, "quick_check"), "ok");
  }
  EXPECT_FALSE(failed);
  EXPECT_GT(refused, 3);
  House house(folder);
  const auto session = house.store->tenant(token());
  EXPECT_EQ(session->query("PRAGMA integrity_check").text(0, "integrity_check"), "ok");
  // Row and job stand and fall together.
  EXPECT_EQ(session->query("SELECT count(*) AS n FROM serai_jobs").integer(0, "n"),
            session->query("SELECT count(*) AS n FROM crash_rows").integer(0, "n"));
}

TEST_P(Disk, a_refused_blob_write_is_reported_and_loses_nothing_acknowledged) {
  auto blobs = storage::make_file_blobs(folder / "blobs");
  std::set<std::pair<std::string, std::string>> acknowledged;
  bool failed = true;
  int refused = 0;
  for (long nth = 0; failed && nth < 200; ++nth) {
    file_failures().arm(nth, GetParam());
    for (int i = 0; i < 3; ++i) {
      // The second is the first once more, so that counting references can fail, too.
      const std::string body = "blob " + std::to_string(nth) + (i < 2 ? "a" : "b");
      try {
        const auto writer = blobs->create(token());
        writer->write(std::as_bytes(std::span(body)));
        acknowledged.emplace(writer->commit(), body);
      } catch (const std::exception&) {
        ++refused;
      }
    }
    failed = file_failures().happened;
    file_failures().disarm();
    blobs = storage::make_file_blobs(folder / "blobs");
    for (const auto& [ref, body] : acknowledged) ASSERT_EQ(text(*blobs, ref), body) << nth;
  }
  EXPECT_FALSE(failed);
  EXPECT_GT(refused, 3);
  std::size_t bytes = 0;
  for (const auto& [ref, body] : acknowledged) bytes += body.size();
  EXPECT_LE(bytes, blobs->usage(token()));
}

TEST_P(Disk, a_refused_removal_of_a_blob_never_removes_one_reference_too_many) {
  const auto blobs = storage::make_file_blobs(folder / "blobs");
  const std::string body = "shared";
  bool failed = true;
  for (long nth = 0; failed && nth < 50; ++nth) {
    std::string ref;
    for (int i = 0; i < 3; ++i) {
      const auto writer = blobs->create(token());
      writer->write(std::as_bytes(std::span(body)));
      ref = writer->commit();
    }
    file_failures().arm(nth, GetParam());
    for (int i = 0; i < 2; ++i) {
      try {
        blobs->remove(token(), ref);
      } catch (const std::exception&) {
        // Not removed: that is what was said.
      }
    }
    failed = file_failures().happened;
    file_failures().disarm();
    ASSERT_EQ(text(*blobs, ref), body) << nth;
  }
  EXPECT_FALSE(failed);
}

INSTANTIATE_TEST_SUITE_P(Once, Disk, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(FromThenOn, Disk, ::testing::Values(true));

}  // namespace
}  // namespace host::faults
