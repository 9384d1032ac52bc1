// The disk refuses the N-th write, sync, truncation or rename, for every N until nothing fails any
// more: what was acknowledged stays, what was not leaves nothing half done.
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "faults/storage/failures.hpp"
#include "faults/storage/house.hpp"

namespace host::faults {
namespace {

const bool kInstalled = (install_failing_vfs(), true);

struct Files : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("serai-disk-" + random_hex(8));
  Files() { std::filesystem::create_directories(folder); }
  ~Files() override {
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

// The parameter: whether everything fails from the first failure on.
struct Disk : Files, ::testing::WithParamInterface<bool> {};

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

void insert(storage::Store& store, const std::string& id) {
  store.tenant(token())->execute("INSERT INTO crash_rows (id, body) VALUES ($1, 'x')", {id});
}

TEST_P(Disk, a_refused_sync_of_the_log_is_reported_and_loses_nothing_acknowledged) {
  std::set<std::string> acknowledged;
  bool failed = true;
  int refused = 0;
  for (long nth = 0; failed && nth < 50; ++nth) {
    {
      House house(folder);
      file_failures().arm(nth, GetParam());
      for (int i = 0; i < 3; ++i) {
        const std::string id = uuid_v7();
        try {
          insert(*house.store, id);
          acknowledged.insert(id);
        } catch (const storage::SqlError& error) {
          ++refused;
          EXPECT_EQ(error.fault(), storage::SqlFault::io) << error.what();
        }
      }
      failed = file_failures().happened;
      file_failures().disarm();
      // The disk is back: the same handles go on working.
      const std::string id = uuid_v7();
      insert(*house.store, id);
      acknowledged.insert(id);
    }
    const auto store = storage::make_sqlite_store({folder / "db", 10, 2});
    const auto found = rows(*store);
    for (const std::string& id : acknowledged) ASSERT_TRUE(found.contains(id)) << "failure " << nth;
    ASSERT_EQ(store->tenant(token())->query("PRAGMA quick_check").text(0, "quick_check"), "ok");
  }
  EXPECT_FALSE(failed);
  EXPECT_GE(refused, 3);
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

using GroupCommit = Files;

TEST_F(GroupCommit, acknowledges_nothing_before_a_sync_that_covers_it_and_syncs_once_for_many) {
  constexpr int kWriters = 8;
  const House house(folder);
  insert(*house.store, "first");  // starts the log, which has syncs of its own
  std::atomic<int> acknowledged{0};
  log_syncs().hold();
  std::vector<std::jthread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      insert(*house.store, "row-" + std::to_string(i));
      ++acknowledged;
    });
  }
  // All have committed, which readers may see, while the first sync is still under way.
  while (rows(*house.store).size() <= kWriters) std::this_thread::yield();
  EXPECT_EQ(acknowledged, 0);
  EXPECT_EQ(log_syncs().begun(), 1);
  log_syncs().release();
  writers.clear();
  EXPECT_EQ(acknowledged, kWriters);
  EXPECT_LE(log_syncs().begun(), 2);
}

TEST_F(GroupCommit, waits_for_what_a_transaction_that_wrote_nothing_has_seen) {
  const House house(folder);
  insert(*house.store, "first");
  std::atomic<bool> answered{false};
  log_syncs().hold();
  std::jthread writer([&] { insert(*house.store, "second"); });
  while (rows(*house.store).size() < 2) std::this_thread::yield();
  std::atomic<bool> inside{false};
  std::jthread repeated([&] {
    const auto session = house.store->tenant(token());
    storage::Transaction transaction(*session);
    session->execute(
        "INSERT INTO crash_rows (id, body) VALUES ('second', 'x') ON CONFLICT (id) DO NOTHING");
    inside = true;
    transaction.commit();
    answered = true;
  });
  while (!inside) std::this_thread::yield();
  // Who writes next gets its turn when the transaction above has ended.
  std::jthread next([&] { insert(*house.store, "third"); });
  while (rows(*house.store).size() < 3) std::this_thread::yield();
  EXPECT_FALSE(answered);
  log_syncs().release();
  writer.join();
  repeated.join();
  next.join();
  EXPECT_TRUE(answered);
}

TEST_F(GroupCommit, asks_the_disk_for_nothing_when_nothing_was_written) {
  const House house(folder);
  insert(*house.store, "first");
  log_syncs().hold();  // counts from here
  log_syncs().release();
  house.store->tenant(token())->execute("UPDATE crash_rows SET body = 'y' WHERE id = 'nobody'");
  EXPECT_EQ(log_syncs().begun(), 0);
}

// A claim that is lost with the power is made again; what the run wrote is not to be lost.
TEST_F(GroupCommit, waits_for_what_a_job_writes_and_not_for_its_claim_and_its_end) {
  const House house(folder);
  const auto session = house.store->tenant(token());
  jobs::JobSpec spec;
  spec.plugin = "crash";
  spec.kind = "effect";
  const auto id = house.queue->enqueue(token(), *session, spec);
  log_syncs().hold();  // counts from here
  log_syncs().release();
  EXPECT_TRUE(house.queue->drain(token(), token().deadline()));
  EXPECT_EQ(log_syncs().begun(), 1);
  EXPECT_EQ(house.queue->find(token(), *session, id)->state, jobs::JobState::done);
}

TEST_F(GroupCommit, waits_for_what_writes_and_gives_rows_unless_asked_not_to) {
  constexpr auto kTouch = "UPDATE crash_rows SET body = body || '.' RETURNING id";
  const House house(folder);
  insert(*house.store, "first");
  const auto session = house.store->tenant(token()), light = house.store->tenant(token());
  light->defer_durability();
  log_syncs().hold();  // counts from here
  log_syncs().release();
  EXPECT_EQ(light->query(kTouch).size(), 1);
  EXPECT_EQ(log_syncs().begun(), 0);
  EXPECT_FALSE(light->in_transaction());
  EXPECT_EQ(session->query(kTouch).size(), 1);
  EXPECT_EQ(log_syncs().begun(), 1);
  // All of it or nothing, as ever.
  insert(*house.store, "second");
  EXPECT_THROW(light->query(kTouch, {}, 1), Problem);
  EXPECT_FALSE(light->in_transaction());
  EXPECT_EQ(session->query("SELECT body FROM crash_rows WHERE id = 'first'").text(0, "body"),
            "x..");
  // A transaction is not a single statement.
  const int before = log_syncs().begun();
  storage::Transaction transaction(*light);
  light->query(kTouch);
  transaction.commit();
  EXPECT_EQ(log_syncs().begun(), before + 1);
}

INSTANTIATE_TEST_SUITE_P(Once, Disk, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(FromThenOn, Disk, ::testing::Values(true));

}  // namespace
}  // namespace host::faults
