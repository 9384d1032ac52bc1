// Several nodes on one PostgreSQL: three stores and queues of their own in one process.
#include <array>
#include <atomic>

#include <gtest/gtest.h>

#include "jobs/job_table.hpp"
#include "support/postgres_server.hpp"
#include "unit/jobs/world.hpp"

namespace host::jobs::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNodes = 3;

class Nodes : public ::testing::Test {
 protected:
  struct Node {
    std::unique_ptr<storage::Store> store;
    std::unique_ptr<Queue> queue;
  };

  void SetUp() override {
    if (!serai_test::on_postgres()) GTEST_SKIP() << "SQLite has one process";
    std::filesystem::create_directories(path_);
    options_.workers = 3;
    options_.sweep = 200ms;
    for (auto& node : nodes_) {
      node.store = storage::make_postgres_store(serai_test::postgres_options(path_));
      QueueTenants tenants;
      tenants.token_for = [](const std::string& tenant, const Job& job, Deadline deadline) {
        return tenancy::TokenMint::for_job(tenant, job.user, job.request_id, deadline);
      };
      tenants.active = [this] { return tenants_; };
      node.queue = make_queue(*node.store, std::move(tenants), options_);
    }
  }
  void TearDown() override {
    for (auto& node : nodes_) {
      if (!node.store) continue;
      if (auto* changes = node.store->changes()) changes->stop();
      node.queue.reset();
      node.store.reset();
    }
    std::filesystem::remove_all(path_);
  }
  CallToken make(const std::string& tenant) {
    nodes_[0].store->create(token(tenant));
    tenants_.push_back(tenant);
    return token(tenant);
  }
  // While this lives, handlers run. What they refer to must be declared before it.
  class [[nodiscard]] Running {
   public:
    explicit Running(std::array<Node, kNodes>& nodes) : nodes_(nodes) {}
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
      for (auto& node : nodes_) node.queue->stop(1min);
    }

   private:
    std::array<Node, kNodes>& nodes_;
  };
  Running start(const JobHandler& handler, const std::vector<Schedule>& schedules = {}) {
    for (auto& node : nodes_) {
      node.queue->set_plugin("crm", handler, schedules, {});
      node.store->changes()->start();
      node.queue->start();
    }
    return Running(nodes_);
  }
  std::string sql(const std::string& text) const {
    return serai_test::PostgresServer::shared().sql(serai_test::database_of(path_), text);
  }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("serai-test-" + random_hex(8));
  QueueOptions options_;
  std::vector<std::string> tenants_;  // before start()
  std::array<Node, kNodes> nodes_;
};

TEST_F(Nodes, run_each_job_once_and_share_the_work) {
  const auto acme = make("acme");
  std::mutex mutex;
  std::map<std::string, int> runs;
  {
    const auto session = nodes_[0].store->tenant(acme);
    storage::Transaction transaction(*session);
    for (int i = 0; i < 300; ++i) nodes_[0].queue->enqueue(acme, *session, job("count"));
    transaction.commit();
  }
  const auto running = start([&](const CallToken&, const Job& job) {
    const std::lock_guard lock(mutex);
    ++runs[job.id];
  });
  nodes_[0].queue->committed(acme);
  EXPECT_TRUE(nodes_[2].queue->drain(acme, in(2min)));
  EXPECT_EQ(runs.size(), 300U);
  for (const auto& [id, count] : runs) EXPECT_EQ(count, 1) << id;
  // The claim begins with its runner's id.
  EXPECT_GT(std::stoi(sql("SELECT count(DISTINCT split_part(claim, '/', 1)) FROM "
                          "serai_tenants.serai_jobs")),
            1);
}

TEST_F(Nodes, hear_of_work_that_another_took_in) {
  const auto acme = make("acme");
  Diary diary;
  const auto running = start([&](const CallToken&, const Job&) { diary.write("ran"); });
  nodes_[0].queue->stop(10s);  // takes requests, runs nothing
  const auto session = nodes_[0].store->tenant(acme);
  nodes_[0].queue->enqueue(acme, *session, job("mark"));
  EXPECT_TRUE(diary.wait_for_lines(1));
}

// No leader: whoever comes first takes the slot, in the transaction that queues its job.
TEST_F(Nodes, take_each_slot_of_a_schedule_once) {
  make("acme");
  Diary diary;
  const auto running =
      start([&](const CallToken&, const Job&) { diary.write("ran"); }, {{"crm", "tick", 1s}});
  EXPECT_TRUE(diary.wait_for_lines(4));
  for (auto& node : nodes_) node.queue->stop(10s);
  const auto jobs = std::stoll(sql("SELECT count(*) FROM serai_tenants.serai_jobs"));
  const auto seconds = std::stoll(
      sql("SELECT ceil(extract(epoch FROM max(run_at::timestamptz) - min(run_at::timestamptz))) "
          "FROM serai_tenants.serai_jobs"));
  EXPECT_GE(jobs, 4);
  EXPECT_LE(jobs, seconds + 1) << "of slots one second long";
}

// What a neighbour waits for is the turn of those who came before, not the end of 100,000 jobs.
TEST_F(Nodes, are_fair_to_a_tenant_whose_neighbour_has_a_hundred_thousand_jobs) {
  make("huge");
  const auto small = make("small");
  sql("INSERT INTO serai_tenants.serai_jobs (tenant_id, id, plugin, kind, payload, unique_key, "
      "state, run_at, attempt, max_attempts, timeout_ms, user_id, request_id, claim, last_error) "
      "SELECT 'huge', gen_random_uuid(), 'crm', 'many', '{}', '', 'queued', "
      "'2026-01-01T00:00:00.000000Z', 0, 8, 300000, '', '', '', '' FROM generate_series(1, "
      "100000)");
  sql("ANALYZE serai_tenants.serai_jobs");
  std::atomic<std::int64_t> of_huge{0}, of_huge_after{0};
  Diary diary;
  const auto running = start([&](const CallToken& token, const Job&) {
    if (token.tenant() == "huge") {
      ++of_huge;
      return;
    }
    of_huge_after = of_huge.load();
    diary.write("small");
  });
  while (of_huge < 50) std::this_thread::yield();
  std::vector<std::int64_t> before_it;
  for (int i = 1; i <= 9; ++i) {
    const auto session = nodes_[0].store->tenant(small);
    nodes_[0].queue->enqueue(small, *session, job("few"));
    nodes_[0].queue->committed(small);
    const auto known = of_huge.load();
    ASSERT_TRUE(diary.wait_for_lines(static_cast<std::size_t>(i)));
    before_it.push_back(of_huge_after - known);
    RecordProperty("jobs_before_it_" + std::to_string(i), std::to_string(before_it.back()));
  }
  std::sort(before_it.begin(), before_it.end());
  // Those under way, and a few turns of each worker while the word of it travels. The machine may
  // hold up the one worker that has it and none of the others: that is once, and no backlog.
  EXPECT_LE(before_it[before_it.size() / 2], 100);
  EXPECT_LE(before_it.back(), 1'000);
  EXPECT_LT(of_huge, 100'000) << "the neighbour was done before";
}

}  // namespace
}  // namespace host::jobs::testing
