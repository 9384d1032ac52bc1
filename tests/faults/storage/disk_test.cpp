// The disk refuses the N-th write, sync, truncation or rename, for every N until nothing fails any
// more: what was acknowledged stays, what was not leaves nothing half done.
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "audit/audit.hpp"
#include "base/problem.hpp"
#include "faults/storage/failures.hpp"
#include "faults/storage/house.hpp"
#include "mail_in/inbox.hpp"
#include "mail_in/tables.hpp"
#include "storage/secrets.hpp"

namespace host::faults {
namespace {

const bool kInstalled = (install_failing_vfs(), true);

// Of a database.
enum class Owner : std::uint8_t { tenant, platform };

std::unique_ptr<storage::Session> open(storage::Store& store, Owner owner) {
  return owner == Owner::platform ? store.platform() : store.tenant(token());
}

void insert(storage::Store& store, const std::string& id, Owner owner = Owner::tenant) {
  open(store, owner)->execute("INSERT INTO crash_rows (id, body) VALUES ($1, 'x')", {id});
}

struct Files : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("serai-disk-" + random_hex(8));
  Files() { std::filesystem::create_directories(folder); }
  ~Files() override {
    database_failures().disarm();
    file_failures().disarm();
    std::filesystem::remove_all(folder);
  }

  static std::set<std::string> rows(storage::Store& store, Owner owner = Owner::tenant) {
    std::set<std::string> ids;
    const auto found = open(store, owner)->query("SELECT id FROM crash_rows");
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

TEST_P(Disk, a_refused_sync_of_the_log_is_reported_and_loses_nothing_acknowledged) {
  for (const Owner owner : {Owner::tenant, Owner::platform}) {
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
            insert(*house.store, id, owner);
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
        insert(*house.store, id, owner);
        acknowledged.insert(id);
      }
      const auto store = storage::make_sqlite_store({folder / "db", 10, 2});
      const auto found = rows(*store, owner);
      for (const std::string& id : acknowledged)
        ASSERT_TRUE(found.contains(id)) << "failure " << nth;
      ASSERT_EQ(open(*store, owner)->query("PRAGMA quick_check").text(0, "quick_check"), "ok");
    }
    EXPECT_FALSE(failed);
    EXPECT_GE(refused, 3);
  }
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

struct GroupCommit : Files, ::testing::WithParamInterface<Owner> {
  std::unique_ptr<storage::Session> session(const House& house) const {
    return open(*house.store, GetParam());
  }
  void insert(const House& house, const std::string& id) const {
    faults::insert(*house.store, id, GetParam());
  }
  std::set<std::string> rows(const House& house) const {
    return Files::rows(*house.store, GetParam());
  }
};

TEST_P(GroupCommit, acknowledges_nothing_before_a_sync_that_covers_it_and_syncs_once_for_many) {
  constexpr int kWriters = 8;
  const House house(folder);
  insert(house, "first");  // starts the log, which has syncs of its own
  std::atomic<int> acknowledged{0};
  log_syncs().hold();
  std::vector<std::jthread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      insert(house, "row-" + std::to_string(i));
      ++acknowledged;
    });
  }
  // All have committed, which readers may see, while the first sync is still under way.
  while (rows(house).size() <= kWriters) std::this_thread::yield();
  // Readers see a commit a moment before it is counted among those that the next sync covers; but
  // who gives the writer back has counted, and all have done so before it is our turn.
  {
    const auto turn = session(house);
    const storage::Transaction transaction(*turn);
  }
  while (log_syncs().begun() == 0 && acknowledged == 0) std::this_thread::yield();
  EXPECT_EQ(acknowledged, 0);
  EXPECT_EQ(log_syncs().begun(), 1);
  log_syncs().release();
  writers.clear();
  EXPECT_EQ(acknowledged, kWriters);
  EXPECT_LE(log_syncs().begun(), 2);
}

TEST_P(GroupCommit, waits_for_what_a_transaction_that_wrote_nothing_has_seen) {
  const House house(folder);
  insert(house, "first");
  std::atomic<bool> answered{false};
  log_syncs().hold();
  std::jthread writer([&] { insert(house, "second"); });
  while (rows(house).size() < 2) std::this_thread::yield();
  std::atomic<bool> inside{false};
  std::jthread repeated([&] {
    const auto own = session(house);
    storage::Transaction transaction(*own);
    own->execute(
        "INSERT INTO crash_rows (id, body) VALUES ('second', 'x') ON CONFLICT (id) DO NOTHING");
    inside = true;
    transaction.commit();
    answered = true;
  });
  while (!inside) std::this_thread::yield();
  // Who writes next gets its turn when the transaction above has ended.
  std::jthread next([&] { insert(house, "third"); });
  while (rows(house).size() < 3) std::this_thread::yield();
  EXPECT_FALSE(answered);
  log_syncs().release();
  writer.join();
  repeated.join();
  next.join();
  EXPECT_TRUE(answered);
}

TEST_P(GroupCommit, asks_the_disk_for_nothing_when_nothing_was_written) {
  const House house(folder);
  insert(house, "first");
  log_syncs().hold();  // counts from here
  log_syncs().release();
  session(house)->execute("UPDATE crash_rows SET body = 'y' WHERE id = 'nobody'");
  EXPECT_EQ(log_syncs().begun(), 0);
}

TEST_P(GroupCommit, waits_for_what_writes_and_gives_rows_unless_asked_not_to) {
  constexpr auto kTouch = "UPDATE crash_rows SET body = body || '.' RETURNING id";
  const House house(folder);
  insert(house, "first");
  const auto waiting = session(house), light = session(house);
  light->defer_durability();
  log_syncs().hold();  // counts from here
  log_syncs().release();
  EXPECT_EQ(light->query(kTouch).size(), 1);
  EXPECT_EQ(log_syncs().begun(), 0);
  EXPECT_FALSE(light->in_transaction());
  EXPECT_EQ(waiting->query(kTouch).size(), 1);
  EXPECT_EQ(log_syncs().begun(), 1);
  // All of it or nothing, as ever.
  insert(house, "second");
  EXPECT_THROW(light->query(kTouch, {}, 1), Problem);
  EXPECT_FALSE(light->in_transaction());
  EXPECT_EQ(waiting->query("SELECT body FROM crash_rows WHERE id = 'first'").text(0, "body"),
            "x..");
  // A transaction is not a single statement.
  const int before = log_syncs().begun();
  storage::Transaction transaction(*light);
  light->query(kTouch);
  transaction.commit();
  EXPECT_EQ(log_syncs().begun(), before + 1);
}

TEST_P(GroupCommit, acknowledges_nothing_after_a_failed_sync_until_the_log_was_written_again) {
  {
    const House house(folder);
    insert(house, "first");
    const auto fails = [&](const char* id) {
      try {
        insert(house, id);
        return false;
      } catch (const storage::SqlError& error) {
        return error.fault() == storage::SqlFault::io;
      }
    };
    file_failures().arm(0, true);
    EXPECT_TRUE(fails("second"));  // written, but perhaps not on disk
    EXPECT_TRUE(fails("third"));   // not even written
    EXPECT_EQ(rows(house), (std::set<std::string>{"first", "second"}));
    file_failures().disarm();
    log_syncs().hold();  // counts from here
    log_syncs().release();
    insert(house, "fourth");
    EXPECT_EQ(log_syncs().begun(), 2);  // of what was in doubt, and of the new row
  }
  const House house(folder);
  EXPECT_EQ(rows(house), (std::set<std::string>{"first", "second", "fourth"}));
}

using JobCommit = Files;

// A claim that is lost with the power is made again; what the run wrote is not to be lost.
TEST_F(JobCommit, waits_for_what_a_job_writes_and_not_for_its_claim_and_its_end) {
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

// What is durable in another database must not hang on what is not so here.
using PlatformCommit = Files;

TEST_F(PlatformCommit, seals_nothing_with_a_key_that_may_be_gone_after_a_loss_of_power) {
  const House house(folder);
  const auto secrets = storage::make_secrets(*house.store, storage::MasterKey{});
  file_failures().arm(0, false);
  EXPECT_THROW(secrets->conceal(token(), "name", "value"), storage::SqlError);
  // There to read, but not for certain after a loss of power.
  ASSERT_EQ(house.store->platform()->query("SELECT 1 AS one FROM serai_data_keys").size(), 1U);
  log_syncs().hold();  // counts from here
  log_syncs().release();
  const auto sealed = secrets->conceal(token(), "name", "value");
  EXPECT_EQ(log_syncs().begun(), 1);
  EXPECT_EQ(secrets->reveal(token(), "name", sealed), "value");
  secrets->conceal(token(), "name", "another");
  EXPECT_EQ(log_syncs().begun(), 1);
}

TEST_F(PlatformCommit, gives_out_no_head_of_the_audit_record_that_may_be_gone) {
  const House house(folder);
  const auto audit = audit::make_audit(*house.store, {});
  const auto lines = [&] {
    int count = 0;
    audit->export_chain(
        token(), [&](std::string_view) { ++count; }, 0);
    return count;
  };
  const int before = lines();
  file_failures().arm(0, true);
  EXPECT_THROW(audit->record(token(), {"test.done", "success", "", "", "", ""}, {}),
               storage::SqlError);
  EXPECT_THROW(lines(), storage::SqlError);
  file_failures().disarm();
  EXPECT_EQ(lines(), before + 1);
}

// Who sends a mail again, because the first answer is long in coming, is told no sooner that it was
// kept.
TEST_F(PlatformCommit, waits_for_a_mail_that_somebody_else_is_keeping) {
  const House house(folder);
  house.store->register_platform(mail_in::tables());
  house.store->migrate_platform();
  mail_in::Inbox inbox(*house.store, {});
  mail_in::Mail mail;
  mail.bytes = "Subject: test\r\n\r\nText\r\n";
  insert(*house.store, "first", Owner::platform);
  std::atomic<bool> asked{false}, answered{false};
  log_syncs().hold();
  std::jthread keeper([&] { EXPECT_TRUE(inbox.keep(mail, {})); });
  while (inbox.use().messages < 1) std::this_thread::yield();
  std::jthread again([&] {
    asked = true;
    EXPECT_TRUE(inbox.keep(mail, {}));
    answered = true;
  });
  while (!asked) std::this_thread::yield();
  // The writer goes round: when all of these have had it, who asked again has almost surely, too.
  std::vector<std::jthread> others;
  for (int i = 0; i < 8; ++i) {
    others.emplace_back(
        [&, i] { insert(*house.store, "row-" + std::to_string(i), Owner::platform); });
  }
  while (rows(*house.store, Owner::platform).size() < 9) std::this_thread::yield();
  EXPECT_FALSE(answered);
  log_syncs().release();
  keeper.join();
  again.join();
  EXPECT_TRUE(answered);
  EXPECT_EQ(inbox.use().messages, 1);
}

INSTANTIATE_TEST_SUITE_P(Once, Disk, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(FromThenOn, Disk, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(OfTenant, GroupCommit, ::testing::Values(Owner::tenant));
INSTANTIATE_TEST_SUITE_P(OfPlatform, GroupCommit, ::testing::Values(Owner::platform));

}  // namespace
}  // namespace host::faults
