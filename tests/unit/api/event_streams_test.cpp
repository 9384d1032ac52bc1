// Event streams over sources and readers of the test's own, with a pool of its own.
#include "api/event_streams.hpp"

#include <atomic>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "http/worker_pool.hpp"
#include "tenancy/token_mint.hpp"

namespace {

using namespace host;
using namespace std::chrono_literals;
using api::EventStreams;
using testing::ElementsAre;

CallToken token(const std::string& tenant, const std::string& user) {
  return tenancy::TokenMint::for_user({tenant, user, "", "", "admin", "session",
                                       std::make_shared<std::set<std::string, std::less<>>>()},
                                      {"request", "", std::chrono::steady_clock::now() + 60s});
}

template <class Condition>
void await(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

// What the test's client sees, and what the source says; both outlive the stream.
struct World {
  std::mutex mutex;
  std::vector<std::string> events;
  std::size_t backlog_seen = 0;
  bool finished = false, cut = false;
  std::string state = "{\"n\":0}";
  std::atomic<int> refusal{0}, reads{0}, ended{0};
  std::atomic<bool> reading{true}, there{true};

  std::size_t heard() {
    const std::lock_guard lock(mutex);
    return events.size();
  }
  void say(std::string what) {
    const std::lock_guard lock(mutex);
    state = std::move(what);
  }
};

class Reader final : public http::Reply::Stream {
 public:
  explicit Reader(World& world) : world_(world) {}
  ~Reader() override {
    const std::lock_guard lock(world_.mutex);
    if (!world_.finished) world_.cut = true;
  }
  bool write(std::string_view) override { throw std::logic_error("this may block"); }
  void finish() override {
    const std::lock_guard lock(world_.mutex);
    world_.finished = true;
  }
  bool offer(std::string_view piece, std::size_t) override {
    const std::lock_guard lock(world_.mutex);
    if (!world_.there || (!piece.empty() && !world_.reading)) return false;
    if (!piece.empty()) world_.events.emplace_back(piece);
    return true;
  }

 private:
  World& world_;
};

class Source final : public api::EventSource {
 public:
  explicit Source(World& world) : world_(world) {}
  void check() override {
    if (const int status = world_.refusal) throw Problem(status, "refused", "Not now.");
  }
  std::string read() override {
    ++world_.reads;
    const std::lock_guard lock(world_.mutex);
    return world_.state;
  }
  void ended(std::uint64_t) noexcept override { ++world_.ended; }

 private:
  World& world_;
};

class EventStreamsTest : public testing::Test {
 protected:
  static api::EventStreamOptions options() {
    api::EventStreamOptions out;
    out.per_user = 2;
    out.per_tenant = 3;
    out.check = out.pause = 1ms;
    return out;
  }
  void begin(World& world, const std::string& tenant = "reef", const std::string& user = "ann") {
    streams.reserve(token(tenant, user), "news")
        ->begin(std::make_unique<Reader>(world), std::make_unique<Source>(world), "number",
                "{\"n\":0}");
  }
  http::WorkerPool pool{"test", 1, 10};
  EventStreams streams{options(), [this](auto task) { return pool.submit(std::move(task)); }};
};

TEST_F(EventStreamsTest, tell_what_has_changed_and_only_that) {
  World mine, others;
  begin(mine);
  begin(others, "atoll");
  others.say("{\"n\":9}");
  streams.changed("reef", "other");
  streams.changed("reef", "news");
  await([&] { return mine.reads == 1; });
  mine.say("{\"n\":1}");
  streams.changed("reef", "news");
  await([&] { return mine.heard() == 2; });
  EXPECT_THAT(mine.events, ElementsAre("event: number\ndata: {\"n\":0}\n\n",
                                       "event: number\ndata: {\"n\":1}\n\n"));
  EXPECT_EQ(mine.reads, 2);
  EXPECT_EQ(others.reads, 0) << "of another tenant";
  streams.changed("", "");
  await([&] { return others.heard() == 2; });
  streams.stop();
}

TEST_F(EventStreamsTest, end_with_a_refusal_but_not_with_a_moments_trouble) {
  World world;
  begin(world);
  world.refusal = 503;
  world.say("{\"n\":1}");
  streams.changed("reef", "news");
  std::atomic<bool> passed{false};
  EXPECT_TRUE(pool.submit([&] { passed = true; }));
  await([&] { return passed.load(); });
  world.refusal = 0;
  await([&] { return world.heard() == 2; });  // what it could not say then, it says now
  world.refusal = 401;
  await([&] { return world.ended == 1; });
  EXPECT_TRUE(world.finished);
}

TEST_F(EventStreamsTest, let_go_of_who_has_left_or_does_not_read) {
  World left, slow;
  begin(left);
  begin(slow);
  left.there = false;
  slow.reading = false;
  slow.say("{\"n\":1}");
  streams.changed("reef", "news");
  await([&] { return left.ended == 1 && slow.ended == 1; });
  EXPECT_TRUE(left.cut);
  EXPECT_TRUE(slow.cut) << "an end could be taken for a whole answer";
}

TEST_F(EventStreamsTest, are_so_many_for_each_user_and_tenant) {
  World worlds[3];
  begin(worlds[0]);
  begin(worlds[1]);
  EXPECT_THROW((void)streams.reserve(token("reef", "ann"), "news"), Problem);
  {
    const auto place = streams.reserve(token("reef", "bob"), "news");
    EXPECT_THROW((void)streams.reserve(token("reef", "cas"), "news"), Problem);
    EXPECT_NO_THROW((void)streams.reserve(token("atoll", "ann"), "news"));
  }
  begin(worlds[2], "reef", "bob");  // a place that was not used is free again
  worlds[0].there = false;
  await([&] { return worlds[0].ended == 1; });
  await([&] {
    try {
      (void)streams.reserve(token("reef", "ann"), "news");
      return true;
    } catch (const Problem&) {
      return false;
    }
  });
  streams.stop();
  for (auto& world : worlds) EXPECT_EQ(world.ended, 1);
  EXPECT_TRUE(worlds[1].finished);
  EXPECT_THROW((void)streams.reserve(token("reef", "ann"), "news"), Problem);
}

TEST(EventStream, has_the_answer_without_its_envelope_on_one_line) {
  EXPECT_EQ(api::stream_state("{\"success\": true,\n \"n\": 3}"), "{\"n\":3}");
  EXPECT_THROW((void)api::stream_state("[1]"), Problem);
  EXPECT_THROW((void)api::stream_state("no"), Problem);
}

TEST(EventStream, is_for_who_asks_for_it) {
  for (const char* accept :
       {"text/event-stream", "application/json, Text/Event-Stream;q=0.5", " text/event-stream "})
    EXPECT_TRUE(api::accepts_event_stream(accept)) << accept;
  for (const char* accept : {"", "*/*", "text/*", "application/json", "text/event-streams"})
    EXPECT_FALSE(api::accepts_event_stream(accept)) << accept;
}

}  // namespace
