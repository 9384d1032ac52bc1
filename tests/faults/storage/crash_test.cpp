// kill -9 at random moments: whatever was acknowledged is there afterwards, whole, and every job
// has had its effect.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/problem.hpp"
#include "faults/storage/house.hpp"

extern char** environ;

namespace host::faults {
namespace {

int iterations() {
  const char* wanted = std::getenv("SERAI_CRASH_ITERATIONS");
  return wanted != nullptr ? std::stoi(wanted) : 200;
}

class Victim {
 public:
  explicit Victim(const std::filesystem::path& folder) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    out_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    std::string program = STORAGE_VICTIM, argument = folder.string();
    std::array<char*, 3> arguments{program.data(), argument.data(), nullptr};
    const int error =
        ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error != 0) throw std::runtime_error("the victim cannot be started");
  }
  ~Victim() {
    kill();
    ::close(out_);
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  // False at the end of what the victim had to say.
  bool read_line(std::string& line) {
    line.clear();
    while (true) {
      const std::size_t end = buffer_.find('\n');
      if (end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return true;
      }
      std::array<char, 4096> piece;
      const ssize_t got = ::read(out_, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      buffer_.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  int out_ = -1;
  std::string buffer_;
};

struct Acknowledged {
  std::string row, job, ref;
};

struct Crash : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("serai-crash-" + random_hex(8));
  Crash() { std::filesystem::create_directories(folder); }
  ~Crash() override { std::filesystem::remove_all(folder); }

  static void check_blob(storage::Blobs& blobs, const std::string& ref, const std::string& body) {
    const auto reader = blobs.open(token(), ref);
    std::string text(reader->size(), '\0');
    ASSERT_EQ(reader->read(0, std::as_writable_bytes(std::span(text))), text.size());
    EXPECT_EQ(text, body);
  }
};

TEST_F(Crash, loses_nothing_that_was_acknowledged) {
  std::mt19937 generator(20261121);
  std::uniform_int_distribution<int> moments(0, 60'000);  // microseconds after the first line
  std::vector<Acknowledged> all;
  std::vector<std::string> platform_rows;
  std::set<std::string> checked_blobs;
  const int rounds = iterations();
  for (int round = 0; round < rounds; ++round) {
    {
      Victim victim(folder);
      std::string line;
      ASSERT_TRUE(victim.read_line(line)) << "round " << round;
      ASSERT_EQ(line, "ready");
      // Not a wait for a condition: the moment of death itself is what varies.
      const auto moment =
          std::chrono::steady_clock::now() + std::chrono::microseconds(moments(generator));
      std::thread executioner([&] {
        std::this_thread::sleep_until(moment);
        victim.kill();
      });
      while (victim.read_line(line)) {
        std::istringstream words(line);
        Acknowledged one;
        words >> one.row >> one.job >> one.ref;
        if (one.row == "platform")
          platform_rows.push_back(one.job);
        else if (!one.ref.empty())
          all.push_back(one);
      }
      executioner.join();
    }
    // Opened by us as the next process would, every few rounds to the full.
    const auto store = storage::make_sqlite_store({folder / "db", 10, 2});
    store->register_tenant(tables());
    const auto session = store->tenant(token());
    ASSERT_EQ(session->query("PRAGMA quick_check").text(0, "quick_check"), "ok");
    const auto rows = session->query("SELECT count(*) AS n FROM crash_rows");
    ASSERT_GE(rows.integer(0, "n"), static_cast<std::int64_t>(all.size())) << "round " << round;
    const auto platform = store->platform();
    ASSERT_EQ(platform->query("PRAGMA quick_check").text(0, "quick_check"), "ok");
    ASSERT_GE(platform->query("SELECT count(*) AS n FROM crash_rows").integer(0, "n"),
              static_cast<std::int64_t>(platform_rows.size()))
        << "round " << round;
  }

  House house(folder);
  const auto session = house.store->tenant(token());
  ASSERT_EQ(session->query("PRAGMA integrity_check").text(0, "integrity_check"), "ok");
  house.queue->start();
  ASSERT_TRUE(
      house.queue->drain(token(), std::chrono::steady_clock::now() + std::chrono::minutes(2)));
  house.queue->stop(std::chrono::minutes(1));

  for (const Acknowledged& one : all) {
    const auto row =
        session->query("SELECT body, blob_ref FROM crash_rows WHERE id = $1", {one.row});
    ASSERT_EQ(row.size(), 1U) << one.row;
    ASSERT_EQ(row.text(0, "blob_ref"), one.ref);
    check_blob(*house.blobs, one.ref, row.text(0, "body"));
    const auto effect =
        session->query("SELECT payload FROM crash_effects WHERE job = $1", {one.job});
    ASSERT_EQ(effect.size(), 1U) << one.job;
    EXPECT_NE(effect.text(0, "payload").find(one.row), std::string::npos);
  }
  const auto platform = house.store->platform();
  ASSERT_EQ(platform->query("PRAGMA integrity_check").text(0, "integrity_check"), "ok");
  for (const std::string& id : platform_rows)
    ASSERT_EQ(platform->query("SELECT 1 AS one FROM crash_rows WHERE id = $1", {id}).size(), 1U)
        << id;
  // What was written but not acknowledged is whole as well: row, blob, job and effect together.
  const auto rows = session->query("SELECT body, blob_ref FROM crash_rows", {}, 1'000'000);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check_blob(*house.blobs, rows.text(i, "blob_ref"), rows.text(i, "body"));
  }
  const auto effects = session->query("SELECT count(*) AS n FROM crash_effects").integer(0, "n");
  EXPECT_EQ(effects, static_cast<std::int64_t>(rows.size()));
  const auto jobs = session->query("SELECT count(*) AS n FROM serai_jobs WHERE state = 'done'");
  EXPECT_EQ(jobs.integer(0, "n"), effects);
  EXPECT_FALSE(platform_rows.empty());
  std::printf("%d kills, %zu acknowledged writes, %zu rows, %zu acknowledged of the platform\n",
              rounds, all.size(), rows.size(), platform_rows.size());
}

}  // namespace
}  // namespace host::faults
