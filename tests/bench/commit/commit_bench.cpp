// Commits a second when several threads write to one tenant's database, each a transaction of three
// rows, against the same with nothing but SQLite: one connection behind a mutex, which syncs every
// commit by itself (synchronous=FULL). Both are asked in turn, several rounds; the medians count.
// On a disk whose sync costs nothing there is nothing to share: the line that says what a sync
// costs tells which it was.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/random.hpp"
#include "storage/store.hpp"
#include "tenancy/token_mint.hpp"

namespace {

using namespace host;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr std::chrono::milliseconds kTime{700};

CallToken token() {
  return tenancy::TokenMint::for_job("bench", "", "bench", Clock::now() + std::chrono::hours(1));
}

constexpr char kTable[] = "CREATE TABLE bench_rows (id text PRIMARY KEY, body text NOT NULL);";
constexpr char kInsert[] = "INSERT INTO bench_rows (id, body) VALUES ($1, $2)";
constexpr int kRows = 3;  // of a transaction
const std::string kBody(200, 'x');

// What SQLite does by itself, with the settings of the house that bear on what a commit costs.
class Bare {
 public:
  explicit Bare(const std::filesystem::path& file) {
    check(sqlite3_open_v2(file.c_str(), &database_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -1024; "
        "PRAGMA journal_size_limit = 4194304;");
    // The table as the migrations of the house make it.
    run("CREATE TABLE bench_rows (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT");
    check(sqlite3_prepare_v3(database_, kInsert, -1, SQLITE_PREPARE_PERSISTENT, &insert_, nullptr));
  }
  ~Bare() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void commit_rows() {
    const std::lock_guard lock(mutex_);
    run("BEGIN IMMEDIATE");
    for (int row = 0; row < kRows; ++row) {
      const std::string id = uuid_v7();
      check(sqlite3_bind_text(insert_, 1, id.data(), static_cast<int>(id.size()), SQLITE_STATIC));
      check(sqlite3_bind_text(insert_, 2, kBody.data(), static_cast<int>(kBody.size()),
                              SQLITE_STATIC));
      if (sqlite3_step(insert_) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
      check(sqlite3_reset(insert_));
    }
    run("COMMIT");
  }

 private:
  void check(int code) const {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database_));
  }
  void run(const char* sql) { check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }

  std::mutex mutex_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

double commits_per_second(const std::function<void()>& commit, int writers) {
  std::vector<long> counts(static_cast<std::size_t>(writers));
  std::latch start(writers);
  std::vector<std::jthread> threads;
  for (long& count : counts) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      const auto end = Clock::now() + kTime;
      while (Clock::now() < end) {
        commit();
        ++count;
      }
    });
  }
  threads.clear();
  long sum = 0;
  for (const long count : counts) sum += count;
  return static_cast<double>(sum) / std::chrono::duration<double>(kTime).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double sync_milliseconds(const std::filesystem::path& folder) {
  const int file = ::open((folder / "probe").c_str(), O_CREAT | O_RDWR, 0600);
  const std::string page(8192, 'x');
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    if (::pwrite(file, page.data(), page.size(), (i % 20) * 8192) < 0) break;
    const auto begin = Clock::now();
    ::fdatasync(file);
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  ::close(file);
  return median(times);
}

}  // namespace

int main() {
  const auto folder =
      std::filesystem::temp_directory_path() / ("serai-bench-commit-" + random_hex(6));
  std::filesystem::create_directories(folder);
  {
    const auto store = storage::make_sqlite_store({folder / "db", 10, 2});
    store->register_tenant({"bench", {{1, "create_rows", kTable, "DROP TABLE bench_rows;"}}});
    store->create(token());
    const auto in_the_house = [&] {
      const auto session = store->tenant(token());
      storage::Transaction transaction(*session);
      for (int row = 0; row < kRows; ++row) session->execute(kInsert, {uuid_v7(), kBody});
      transaction.commit();
    };
    Bare bare(folder / "bare.db");
    std::printf("one fdatasync: %.2f ms\n", sync_milliseconds(folder));
    std::printf("%8s %18s %18s %8s\n", "writers", "grouped, 1/s", "one by one, 1/s", "ratio");
    for (const int writers : {1, 2, 4, 8, 16}) {
      std::vector<double> grouped, single;
      for (int round = 0; round < kRounds; ++round) {
        grouped.push_back(commits_per_second(in_the_house, writers));
        single.push_back(commits_per_second([&] { bare.commit_rows(); }, writers));
      }
      const double ratio = median(grouped) / median(single);
      std::printf("%8d %18.0f %18.0f %8.2f\n", writers, median(grouped), median(single), ratio);
      if (writers == 8) {
        std::printf("result\tcommits/s of 8 writers, grouped / one by one\t%.2f\t>=\t2\n", ratio);
      }
    }
  }
  std::filesystem::remove_all(folder);
}
