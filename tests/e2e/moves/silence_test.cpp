// serai tenant move when the other house falls silent, and when somebody presses Ctrl-C: the tenant
// is whole, and open in one house at most.
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/moves/gate.hpp"
#include "e2e/moves/two_houses.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;

struct Moment {
  const char* name;
  const char* request;  // of those to the other house
  int count;
};
// Nobody writes: the first changes are none, the second are the last ones, in the pause.
constexpr Moment kMoments[] = {{"copy", "PUT /api/v1/admin/imports", 1},
                               {"comparison", "/compare", 1},
                               {"catching up", "/changes", 1},
                               {"pause", "/changes", 2}};

class Halfway : public testing::TestWithParam<Engine> {
 protected:
  static constexpr int kPatience = 1;
  Halfway() {
    tenant_.owner = from_.make_tenant("lagoon");
    EXPECT_EQ(add_note(from_, tenant_.owner, "the first").status, 201);
  }
  // The tenant goes on here and not there, and can leave after all.
  void expect_whole() {
    EXPECT_TRUE(serves(from_, tenant_));
    EXPECT_THAT(notes_of(from_, tenant_.owner), HasSubstr("the first"));
    EXPECT_NE(status_of(to_, "lagoon"), "active");
  }
  void expect_next_try_succeeds() {
    const auto moved = move(from_, to_, "lagoon");
    ASSERT_EQ(moved.status, 0) << moved.err;
    EXPECT_EQ(status_of(from_, "lagoon"), "suspended");
    to_.login(tenant_.owner);
    EXPECT_THAT(notes_of(to_, tenant_.owner), HasSubstr("the first"));
  }
  static Engine other() { return GetParam() == Engine::sqlite ? Engine::postgres : Engine::sqlite; }

  RunningHost from_{house_on(GetParam(), {"probe"})}, to_{house_on(other(), {"probe"})};
  Tenant tenant_;
};

TEST_P(Halfway, ctrl_c_leaves_the_tenant_where_it_is) {
  for (const auto& moment : kMoments) {
    SCOPED_TRACE(moment.name);
    Gate gate(to_, moment.request, moment.count, Gate::Then::interrupt);
    const auto result = move(from_, to_, "lagoon", gate.address());
    EXPECT_TRUE(gate.reached());
    EXPECT_GT(result.status, 0) << "it must clean up, and not just die";
    EXPECT_THAT(result.err, HasSubstr("interrupted"));
    EXPECT_EQ(status_of(to_, "lagoon"), "none");
    expect_whole();
  }
  expect_next_try_succeeds();
}
TEST_P(Halfway, a_house_that_falls_silent_is_given_up_and_the_tenant_goes_on) {
  // Before the pause the source does not know of it, whatever its engine.
  for (const auto& moment : std::span(kMoments).subspan(GetParam() == Engine::sqlite ? 0 : 3)) {
    SCOPED_TRACE(moment.name);
    Gate gate(to_, moment.request, moment.count, Gate::Then::silence);
    const auto result = move(from_, to_, "lagoon", gate.address(), kPatience);
    EXPECT_TRUE(gate.reached());
    EXPECT_NE(result.status, 0);
    EXPECT_THAT(result.err, HasSubstr("no answer from the host"));
    EXPECT_THAT(result.err, HasSubstr("the next try removes it"));
    expect_whole();
  }
  expect_next_try_succeeds();
}

INSTANTIATE_TEST_SUITE_P(From, Halfway, testing::Values(Engine::sqlite, Engine::postgres));

// It may have let the tenant in, or not: nobody here can know.
TEST(Move, whose_last_answer_is_lost_never_opens_the_tenant_twice) {
  RunningHost from(house_on(Engine::sqlite, {"probe"})), to(house_on(Engine::sqlite, {"probe"}));
  Tenant tenant;
  tenant.owner = from.make_tenant("lagoon");
  for (const auto then : {Gate::Then::silence, Gate::Then::lost_answer}) {
    Gate gate(to, "/finish", 1, then);
    const auto result = move(from, to, "lagoon", gate.address(), 1);
    EXPECT_TRUE(gate.reached());
    EXPECT_NE(result.status, 0);
    EXPECT_THAT(result.err, HasSubstr("open on neither, unless"));
    EXPECT_EQ(status_of(from, "lagoon"), "suspended");
    if (then == Gate::Then::silence) {
      EXPECT_EQ(status_of(to, "lagoon"), "suspended");
      ASSERT_EQ(from.admin().post("/api/v1/admin/tenants/lagoon/activate", {}).status, 200);
      EXPECT_TRUE(serves(from, tenant));
    } else {
      EXPECT_TRUE(eventually([&] { return status_of(to, "lagoon") == "active"; }));
      EXPECT_TRUE(serves(to, tenant));
    }
  }
}

// Ctrl-C while the last order is under way: it cannot be taken back any more, and is not.
TEST(Move, is_not_interrupted_between_the_two_houses) {
  RunningHost from(house_on(Engine::sqlite, {"probe"})), to(house_on(Engine::sqlite, {"probe"}));
  Tenant tenant;
  tenant.owner = from.make_tenant("lagoon");
  Gate gate(to, "/finish", 1, Gate::Then::interrupt);
  const auto result = move(from, to, "lagoon", gate.address());
  EXPECT_TRUE(gate.reached());
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(status_of(from, "lagoon"), "suspended");
  EXPECT_EQ(status_of(to, "lagoon"), "active");
  EXPECT_TRUE(serves(to, tenant));
}

}  // namespace
}  // namespace serai_test
