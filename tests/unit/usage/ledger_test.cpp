// What threads record reaches the database once, whatever happens in between.
#include "usage/ledger.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "observe/metrics.hpp"
#include "unit/usage/world.hpp"

namespace host::usage {
namespace {

using std::chrono::hours;
using testing::World;

TEST(UsageLedger, adds_up_what_threads_record_while_it_gathers_and_after_they_have_ended) {
  World world;
  constexpr int kThreads = 4, kCalls = 5000;
  std::atomic<int> running{kThreads};
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i)
        world.ledger->record(i % 2 ? "lagoon" : "reef", t % 2 ? "crm" : "ai", World::calls(1));
      --running;
    });
  while (running > 0) world.ledger->write();
  threads.clear();
  world.ledger->write();
  EXPECT_EQ(world.written(), kThreads * kCalls);
  EXPECT_EQ(world.written("lagoon"), kThreads * kCalls / 2);
  Query by_plugin;
  by_plugin.by_plugin = true;
  by_plugin.to = world.clock.load() + hours(1);
  const auto lines = world.ledger->lines(by_plugin);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].plugin, "ai");
  EXPECT_EQ(lines[0].amount, kThreads * kCalls / 2);
}

TEST(UsageLedger, keeps_hours_apart_and_adds_to_the_same_one) {
  World world;
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.ledger->write();
  world.ledger->record("lagoon", "crm", World::calls(2));
  world.ledger->write();
  world.clock = world.clock.load() + hours(1);
  world.ledger->record("lagoon", "crm", World::calls(4));
  world.ledger->write();
  Query query;
  query.step = Step::hour;
  query.to = world.clock.load() + hours(1);
  const auto lines = world.ledger->lines(query);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].time, "2026-11-21T16");
  EXPECT_EQ(lines[0].amount, 4);
  EXPECT_EQ(lines[1].time, "2026-11-21T15");
  EXPECT_EQ(lines[1].amount, 3);
  query.from = world.clock.load();
  EXPECT_EQ(world.ledger->lines(query).size(), 1u);
}

TEST(UsageLedger, pages_and_filters) {
  World world;
  for (const char* plugin : {"ai", "crm", "mail"}) {
    world.ledger->record("lagoon", plugin, World::calls(1));
    world.ledger->record("reef", plugin, World::calls(10));
  }
  world.ledger->write();
  Query query;
  query.by_tenant = query.by_plugin = true;
  query.to = world.clock.load() + hours(1);
  query.limit = 4;
  EXPECT_EQ(world.ledger->lines(query).size(), 5u) << "one more says that there is more";
  query.offset = 4;
  EXPECT_EQ(world.ledger->lines(query).size(), 2u);
  query.offset = 0;
  query.tenant = "reef";
  query.plugin = "ai";
  query.unit = "calls";
  const auto lines = world.ledger->lines(query);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].amount, 10);
  query.tenant = "";
  query.any_tenant = false;
  EXPECT_TRUE(world.ledger->lines(query).empty());
}

TEST(UsageLedger, keeps_what_it_could_not_write_and_writes_it_once) {
  World world;
  world.ledger->record("lagoon", "crm", World::calls(3));
  world.store->broken = true;
  EXPECT_THROW(world.ledger->write(), Problem);
  world.ledger->record("lagoon", "crm", World::calls(4));
  EXPECT_THROW(world.ledger->write(), Problem);
  world.store->broken = false;
  world.ledger->write();
  world.ledger->write();
  EXPECT_EQ(world.written(), 7);
}

TEST(UsageLedger, writes_everything_when_it_stops) {
  World world;
  world.ledger->start();
  world.ledger->record("lagoon", "crm", World::calls(3));
  std::jthread([&] { world.ledger->record("lagoon", "crm", World::calls(4)); }).join();
  world.restart();
  EXPECT_EQ(world.written(), 7);
}

TEST(UsageLedger, knows_what_was_used_whether_written_or_not) {
  World world;
  const AccountView account{"lagoon", "crm"};
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.restart();
  world.ledger->record("lagoon", "crm", World::calls(2));
  world.ledger->gather();
  world.ledger->record("lagoon", "crm", World::calls(4));
  world.ledger->record("reef", "crm", World::calls(100));
  world.ledger->record("lagoon", "ai", World::calls(100));
  EXPECT_EQ(world.ledger->used(account, "calls", world.clock), 7);
  EXPECT_EQ(world.ledger->used(account, "sql_rows", world.clock), 0);
  world.clock = world.clock.load() + hours(1);
  EXPECT_EQ(world.ledger->used(account, "calls", world.clock), 0);
  EXPECT_EQ(world.ledger->used(account, "calls", world.clock.load() - hours(1)), 7);
}

TEST(UsageLedger, forgets_a_tenant_and_what_its_last_calls_still_record) {
  World world;
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.ledger->record("reef", "crm", World::calls(1));
  world.ledger->write();
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.tenants_active = false;
  world.ledger->forget(World::token("lagoon"));
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.ledger->write();
  EXPECT_EQ(world.written("lagoon"), 0);
  EXPECT_EQ(world.written("reef"), 1);
  world.tenants_active = true;  // made anew
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.ledger->write();
  EXPECT_EQ(world.written("lagoon"), 1);
}

TEST(UsageLedger, drops_hours_that_are_older_than_it_keeps) {
  World world;
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.ledger->write();
  world.clock = world.clock.load() + hours(24 * 399);
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.ledger->write();
  EXPECT_EQ(world.written(), 2);
  world.clock = world.clock.load() + hours(48);
  world.ledger->record("lagoon", "crm", World::calls(1));
  world.ledger->write();
  EXPECT_EQ(world.written(), 2);
}

TEST(UsageLedger, bounds_the_units_a_plugin_may_invent) {
  World world;
  Amounts many;
  for (int i = 0; i < 100; ++i) many.meter("flood" + std::to_string(i), 1);
  world.ledger->record("lagoon", "flooding", many);
  world.ledger->write();
  Query query;
  query.to = world.clock.load() + hours(1);
  EXPECT_EQ(world.ledger->lines(query).size(), 33u);
  EXPECT_EQ(world.written("", "other"), 68);
  const auto text = observe::metrics().exposition();
  EXPECT_NE(text.find("serai_usage_total{plugin=\"flooding\",unit=\"other\"} 68"), text.npos);
  EXPECT_EQ(text.find("lagoon"), text.npos) << "no tenant in a label";
}

}  // namespace
}  // namespace host::usage
