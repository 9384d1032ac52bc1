// serai tenant move between two running houses: while people write, when one of the two dies at any
// step, when the other refuses.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/moves/two_houses.hpp"
#include "moves/sealed_stream.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Writes notes until it is refused for good; remembers what was acknowledged.
class Writer {
 public:
  Writer(const RunningHost& host, const Person& person)
      : thread_([this, &host, person] {
          for (int i = 0; !stop_; ++i) {
            const std::string text = "while moving " + std::to_string(i) + ";";
            const auto answer = add_note(host, person, text);
            if (answer.status == 201) written_.push_back(text);
            if (answer.status == 503) {
              ++paused_;
              EXPECT_TRUE(answer.headers.contains("retry-after")) << answer.body;
            }
            if (answer.status == 403) break;  // it is elsewhere
            count_ = written_.size();
          }
        }) {}
  ~Writer() { stop(); }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::size_t count() const { return count_; }
  // After stop().
  const std::vector<std::string>& written() const { return written_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> count_{0}, paused_{0};
  std::vector<std::string> written_;
  std::thread thread_;  // the last: it uses the others
};

void move_while_writing(RunningHost& from, RunningHost& to, Tenant& tenant) {
  const std::string id = tenant.owner.tenant;
  Writer writer(from, tenant.owner);
  ASSERT_TRUE(eventually([&] { return writer.count() > 5; }));
  const auto moved = move(from, to, id);
  ASSERT_EQ(moved.status, 0) << moved.err << from.process().log() << to.process().log();
  EXPECT_THAT(moved.out, HasSubstr("writes paused for"));
  std::cout << moved.out;
  writer.stop();
  EXPECT_EQ(status_of(from, id), "suspended");
  EXPECT_EQ(status_of(to, id), "active");
  EXPECT_EQ(add_note(from, tenant.owner, "late").status, 403);
  expect_everything(to, tenant);
  const auto notes = notes_of(to, tenant.owner);
  for (const auto& text : writer.written()) EXPECT_THAT(notes, HasSubstr(text));
  EXPECT_GT(writer.written().size(), 5U);
  // What was queued there and had not run yet runs here.
  EXPECT_TRUE(eventually([&] { return all_jobs_ran(to, tenant.owner); }));
  // Nothing has happened here since it left; there, people have logged in and jobs have run.
  auto here = fingerprint(from, id), there = fingerprint(to, id);
  for (const char* quiet :
       {"auth_api_keys", "auth_roles", "auth_invitations", "knowledge_documents",
        "knowledge_chunks", "serai_secrets", "plugins_blob_keepers"})
    if (here.contains(quiet)) {
      EXPECT_EQ(here[quiet], there[quiet]) << quiet;
    }
  EXPECT_EQ(here["probe_notes"][0], there["probe_notes"][0]);
}

TEST(Move, from_sqlite_to_postgres_and_back_loses_no_write_that_was_acknowledged) {
  RunningHost small(house_on(Engine::sqlite)), large(house_on(Engine::postgres));
  auto tenant = furnish(small, "lagoon");
  auto neighbour = furnish(large, "savanna");
  move_while_writing(small, large, tenant);
  ASSERT_EQ(small.admin().remove("/api/v1/admin/tenants/lagoon?confirm=true").status, 200);
  move_while_writing(large, small, tenant);
  ASSERT_EQ(large.admin().remove("/api/v1/admin/tenants/lagoon?confirm=true").status, 200);
  expect_everything(large, neighbour);
  EXPECT_EQ(add_note(large, neighbour.owner, "still here").status, 201);
}

// One move, step by step, as the command does it.
class Steps {
 public:
  Steps(const RunningHost& from, const RunningHost& to, const std::string& tenant)
      : from_(from), to_(to), source_("/api/v1/admin/tenants/" + tenant + "/move") {}

  static constexpr int kCount = 7;
  // Steps 0 to `last`.
  void run(int last) {
    using Step = void (Steps::*)();
    static constexpr Step kSteps[kCount] = {&Steps::begin,    &Steps::copy,  &Steps::compare,
                                            &Steps::catch_up, &Steps::pause, &Steps::cross,
                                            &Steps::leave};
    for (int i = 0; i <= last; ++i) (this->*kSteps[i])();
  }
  Answer finish() const {
    return to_.admin().post("/api/v1/admin/imports/" + import_ + "/finish", {{"from", "a test"}});
  }
  Answer abort() const { return from_.admin().remove(source_ + "/" + move_); }

  void begin() {
    move_ = checked(from_.admin().send("POST", source_, "")).json()["data"]["move"];
    import_ = checked(to_.admin().send("POST", "/api/v1/admin/imports", "", key_))
                  .json()["data"]["import"];
  }
  void copy() {
    const auto stream =
        checked(from_.admin().send("POST", source_ + "/" + move_ + "/copy", "", key_));
    checked(to_.admin().send("PUT", "/api/v1/admin/imports/" + import_ + "?offset=0", stream.body,
                             binary_));
  }
  void compare() {
    checked(to_.admin().send("POST", "/api/v1/admin/imports/" + import_ + "/compare", ""));
  }
  void catch_up() { changes(false); }
  void pause() { checked(from_.admin().send("POST", source_ + "/" + move_ + "/pause", "")); }
  void cross() { changes(true); }
  void leave() {
    checked(from_.admin().post(source_ + "/" + move_ + "/leave", {{"to", "elsewhere"}}));
  }
  Answer changes_stream(bool final) const {
    return from_.admin().send(
        "POST", source_ + "/" + move_ + "/changes?final=" + (final ? "true" : "false"), "", key_);
  }
  Answer take_changes(const std::string& stream) const {
    auto headers = key_;
    headers.insert(headers.end(), binary_.begin(), binary_.end());
    return to_.admin().send("POST", "/api/v1/admin/imports/" + import_ + "/changes", stream,
                            headers);
  }

 private:
  static Answer checked(Answer answer) {
    if (answer.status < 200 || answer.status > 299)
      throw std::runtime_error(std::to_string(answer.status) + " " + answer.body);
    return answer;
  }
  void changes(bool final) { checked(take_changes(checked(changes_stream(final)).body)); }

  const RunningHost& from_;
  const RunningHost& to_;
  const std::string source_;
  const HttpClient::Headers key_{{"X-Archive-Key", host::moves::StreamKey::random().hex()}};
  const HttpClient::Headers binary_{{"Content-Type", "application/octet-stream"}};
  std::string move_, import_;
};

class Killed : public testing::TestWithParam<Engine> {};

TEST_P(Killed, at_any_step_the_tenant_stays_whole_and_the_next_try_succeeds) {
  const Engine other = GetParam() == Engine::sqlite ? Engine::postgres : Engine::sqlite;
  RunningHost from(house_on(GetParam(), {"probe"})), to(house_on(other, {"probe"}));
  Tenant tenant;
  tenant.owner = from.make_tenant("lagoon");
  ASSERT_EQ(add_note(from, tenant.owner, "the first").status, 201);
  for (int step = 0; step < Steps::kCount - 1; ++step) {
    for (RunningHost* victim : {&to, &from}) {
      SCOPED_TRACE("step " + std::to_string(step) + (victim == &to ? ", target" : ", source"));
      Steps steps(from, to, "lagoon");
      steps.run(step);
      EXPECT_THAT(notes_of(from, tenant.owner), HasSubstr("the first"));  // reads go on
      victim->kill();
      victim->start();
      if (victim == &to) steps.abort();
      ASSERT_TRUE(serves(from, tenant));
      EXPECT_NE(status_of(to, "lagoon"), "active");
    }
  }
  const auto notes = notes_of(from, tenant.owner);
  const auto moved = move(from, to, "lagoon");
  ASSERT_EQ(moved.status, 0) << moved.err;
  to.login(tenant.owner);
  EXPECT_THAT(notes_of(to, tenant.owner), HasSubstr("the first"));
  EXPECT_EQ(json::parse(notes_of(to, tenant.owner))["data"].size(),
            json::parse(notes)["data"].size());
}
INSTANTIATE_TEST_SUITE_P(From, Killed, testing::Values(Engine::sqlite, Engine::postgres));

TEST(Move, that_is_given_up_after_the_source_was_closed_opens_it_again) {
  RunningHost from(house_on(Engine::sqlite, {"probe"})), to(house_on(Engine::sqlite, {"probe"}));
  Tenant tenant;
  tenant.owner = from.make_tenant("lagoon");
  Steps steps(from, to, "lagoon");
  steps.run(Steps::kCount - 1);
  EXPECT_EQ(add_note(from, tenant.owner, "closed").status, 403);
  ASSERT_EQ(steps.abort().status, 200);
  EXPECT_TRUE(serves(from, tenant));
}

TEST(Move, pauses_writes_and_nothing_else) {
  RunningHost from(house_on(Engine::sqlite, {"probe"})), to(house_on(Engine::postgres, {"probe"}));
  Tenant tenant, neighbour;
  tenant.owner = from.make_tenant("lagoon");
  neighbour.owner = from.make_tenant("savanna");
  Steps steps(from, to, "lagoon");
  steps.run(4);
  const auto refused = add_note(from, tenant.owner, "now");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.json()["code"], "tenant_moving");
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  EXPECT_EQ(from.client(tenant.owner).get("/api/v1/probe/notes").status, 200);
  EXPECT_EQ(add_note(from, neighbour.owner, "now").status, 201);
  ASSERT_EQ(steps.abort().status, 200);
  EXPECT_EQ(add_note(from, tenant.owner, "now").status, 201);
}

TEST(Move, is_not_let_in_before_the_last_changes_are_there_and_alike) {
  RunningHost from(house_on(Engine::sqlite, {"probe"})), to(house_on(Engine::postgres, {"probe"}));
  Tenant tenant;
  tenant.owner = from.make_tenant("lagoon");
  Steps steps(from, to, "lagoon");
  steps.run(2);
  EXPECT_EQ(steps.finish().json()["code"], "not_complete");
  EXPECT_EQ(to.admin()
                .send("POST", "/api/v1/admin/tenants/lagoon/export", "",
                      {{"X-Archive-Key", host::moves::StreamKey::random().hex()}})
                .json()["code"],
            "tenant_incomplete");
  ASSERT_EQ(add_note(from, tenant.owner, "in between").status, 201);
  steps.pause();
  auto stream = steps.changes_stream(true).body;
  stream[stream.size() / 2] = static_cast<char>(stream[stream.size() / 2] ^ 1);
  EXPECT_EQ(steps.take_changes(stream).status, 422);
  EXPECT_EQ(steps.finish().status, 409);
  EXPECT_EQ(status_of(to, "lagoon"), "suspended");
  ASSERT_EQ(steps.abort().status, 200);
  EXPECT_TRUE(serves(from, tenant));
  EXPECT_EQ(move(from, to, "lagoon").status, 0);
}

TEST(Move, to_a_house_that_refuses_leaves_the_tenant_where_it_was) {
  RunningHost from(house_on(Engine::sqlite, {"probe"})), to(house_on(Engine::sqlite, {"hello"}));
  Tenant tenant;
  tenant.owner = from.make_tenant("lagoon");
  const auto unfit = move(from, to, "lagoon");
  EXPECT_NE(unfit.status, 0);
  EXPECT_THAT(unfit.err, HasSubstr("probe is not here"));
  EXPECT_EQ(status_of(to, "lagoon"), "none");
  EXPECT_TRUE(serves(from, tenant));
  const auto stranger = to.make_tenant("lagoon");
  EXPECT_THAT(move(from, to, "lagoon").err, HasSubstr("already"));
  EXPECT_EQ(status_of(to, "lagoon"), "active");
  EXPECT_TRUE(serves(from, tenant));
}

}  // namespace
}  // namespace serai_test
