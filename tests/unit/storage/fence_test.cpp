// What somebody else has taken over commits nothing any more.
#include "storage/fence.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "unit/storage/world.hpp"

namespace host::storage::testing {
namespace {

class Holding final : public Fence {
 public:
  bool hold(Session&) const override {
    ++asked;
    return holds;
  }
  bool holds = true;
  mutable int asked = 0;
};

class StoreFence : public ::testing::Test {
 protected:
  std::int64_t clients() { return count(*world.store->tenant(acme)); }
  static std::int64_t count(Session& session) {
    return session.query("SELECT count(*) AS n FROM crm_clients").integer(0, "n");
  }
  std::unique_ptr<Session> open() {
    auto session = fenced(world.store->tenant(acme), fence);
    session->confine("crm_");
    return session;
  }
  static void add(Session& session) {
    session.execute("INSERT INTO crm_clients (id, email) VALUES ($1, $2)", {uuid_v7(), uuid_v7()});
  }

  World world;
  CallToken acme = world.make("acme");
  Holding fence;
};

TEST_F(StoreFence, is_asked_once_for_each_commit_and_not_for_reading) {
  const auto session = open();
  EXPECT_EQ(count(*session), 0);
  EXPECT_EQ(fence.asked, 0);
  add(*session);
  EXPECT_EQ(fence.asked, 1);
  Transaction outer(*session);
  add(*session);
  {
    Transaction inner(*session);
    add(*session);
    inner.commit();
  }
  EXPECT_EQ(fence.asked, 1);
  outer.commit();
  EXPECT_EQ(fence.asked, 2);
  EXPECT_EQ(clients(), 3);
}

TEST_F(StoreFence, that_does_not_hold_lets_nothing_through) {
  fence.holds = false;
  const auto session = open();
  EXPECT_THROW(add(*session), Problem);
  EXPECT_THROW(session->query("INSERT INTO crm_clients (id, email) VALUES ($1, $2) RETURNING id",
                              {uuid_v7(), uuid_v7()}),
               Problem);
  {
    Transaction transaction(*session);
    add(*session);
    EXPECT_THROW(transaction.commit(), Problem);
  }
  EXPECT_FALSE(session->in_transaction());
  EXPECT_EQ(clients(), 0);
  fence.holds = true;
  add(*session);
  EXPECT_EQ(clients(), 1);
}

TEST_F(StoreFence, leaves_the_session_confined_as_it_was) {
  const auto session = open();
  add(*session);
  EXPECT_EQ(session->confined_to(), "crm_");
  EXPECT_THROW(session->query("SELECT * FROM serai_secrets"), SqlError);
}

TEST(FenceScopes, nest) {
  const Holding outer, inner;
  EXPECT_EQ(FenceScope::of_this_thread(), nullptr);
  {
    const FenceScope first(outer);
    {
      const FenceScope second(inner);
      EXPECT_EQ(FenceScope::of_this_thread(), &inner);
    }
    EXPECT_EQ(FenceScope::of_this_thread(), &outer);
  }
  EXPECT_EQ(FenceScope::of_this_thread(), nullptr);
}

}  // namespace
}  // namespace host::storage::testing
