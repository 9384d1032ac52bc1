// Commits a second when several threads write to one tenant's database, each a transaction of three
// rows, against the same on the platform's database, which syncs every commit by itself. Both are
// asked in turn, several rounds; the medians count. On a disk whose sync costs nothing the two are
// alike: the line that says what a sync costs tells which it was.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
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

storage::MigrationSet tables(const std::string& owner) {
  return {owner,
          {{1, "create_rows",
            "CREATE TABLE " + owner + "_rows (id text PRIMARY KEY, body text NOT NULL);",
            "DROP TABLE " + owner + "_rows;"}}};
}

using Open = std::function<std::unique_ptr<storage::Session>()>;

double commits_per_second(const Open& open, const std::string& table, int writers) {
  const std::string sql = "INSERT INTO " + table + " (id, body) VALUES ($1, $2)";
  const std::string body(200, 'x');
  std::vector<long> counts(static_cast<std::size_t>(writers));
  std::latch start(writers);
  std::vector<std::jthread> threads;
  for (long& count : counts) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      const auto end = Clock::now() + kTime;
      while (Clock::now() < end) {
        const auto session = open();
        storage::Transaction transaction(*session);
        for (int row = 0; row < 3; ++row) session->execute(sql, {uuid_v7(), body});
        transaction.commit();
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
    store->register_tenant(tables("bench"));
    store->register_platform(tables("bench"));
    store->migrate_platform();
    store->create(token());
    std::printf("one fdatasync: %.2f ms\n", sync_milliseconds(folder));
    std::printf("%8s %18s %18s %8s\n", "writers", "grouped, 1/s", "one by one, 1/s", "ratio");
    for (const int writers : {1, 2, 4, 8, 16}) {
      std::vector<double> grouped, single;
      for (int round = 0; round < kRounds; ++round) {
        grouped.push_back(
            commits_per_second([&] { return store->tenant(token()); }, "bench_rows", writers));
        single.push_back(
            commits_per_second([&] { return store->platform(); }, "bench_rows", writers));
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
