// What of a tenant lies elsewhere than in its tables, on a move: files in S3, sessions of people.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/moves/two_houses.hpp"
#include "support/s3_server.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;

RunningHost::Options with_files_in(const S3Server& store, RunningHost::Options options) {
  options.profile["storage"]["blobs"] = {{"engine", "s3"},
                                         {"endpoint", store.endpoint()},
                                         {"bucket", S3Server::kBucket},
                                         {"request_time", "10 s"},
                                         {"total_time", "30 s"}};
  options.environment["SERAI_S3_ACCESS_KEY"] = store.access_key();
  options.environment["SERAI_S3_SECRET_KEY"] = store.secret_key();
  return options;
}

TEST(Files, go_from_a_folder_into_s3_and_back) {
  const S3Server store;
  RunningHost small(house_on(Engine::sqlite));
  RunningHost large(with_files_in(store, house_on(Engine::postgres)));
  auto tenant = furnish(small, "lagoon");
  const auto there = move(small, large, "lagoon");
  ASSERT_EQ(there.status, 0) << there.err << large.process().log();
  EXPECT_GT(store.objects("serai/lagoon/"), 0U);
  expect_everything(large, tenant);
  ASSERT_EQ(small.admin().remove("/api/v1/admin/tenants/lagoon?confirm=true").status, 200);
  const auto back = move(large, small, "lagoon");
  ASSERT_EQ(back.status, 0) << back.err << small.process().log();
  expect_everything(small, tenant);
  ASSERT_EQ(large.admin().remove("/api/v1/admin/tenants/lagoon?confirm=true").status, 200);
  EXPECT_EQ(store.objects("serai/lagoon/"), 0U);
  expect_everything(small, tenant);
}

TEST(Sessions, of_one_person_outlive_a_move_that_is_given_up_and_end_with_one_that_is_not) {
  RunningHost from(house_on(Engine::sqlite, {"probe"})), to(house_on(Engine::postgres, {"probe"}));
  Tenant tenant;
  tenant.owner = from.make_tenant("lagoon");
  std::vector<Person> devices(25, tenant.owner);
  for (auto& device : devices) from.login(device);
  const auto admitted = [&](const RunningHost& host) {
    return std::count_if(devices.begin(), devices.end(), [&](const Person& device) {
      return host.client(device).get("/api/v1/auth/me").status == 200;
    });
  };
  const auto refreshed = [&](const RunningHost& host, const Person& device) {
    return host.client().post("/api/v1/auth/refresh", {{"refresh_token", device.refresh}}).status;
  };
  const auto refused = to.make_tenant("lagoon");  // the other house has one of this name
  EXPECT_THAT(move(from, to, "lagoon").err, HasSubstr("already"));
  EXPECT_EQ(admitted(from), 25);
  ASSERT_EQ(to.admin().remove("/api/v1/admin/tenants/lagoon?confirm=true").status, 200);

  const auto moved = move(from, to, "lagoon");
  ASSERT_EQ(moved.status, 0) << moved.err;
  EXPECT_EQ(admitted(from), 0);
  EXPECT_EQ(admitted(to), 0);
  EXPECT_GE(refreshed(from, devices.front()), 400);
  EXPECT_GE(refreshed(to, devices.back()), 400);
  to.login(tenant.owner);
  const auto sessions = to.client(tenant.owner).get("/api/v1/auth/sessions").json();
  EXPECT_EQ(sessions["data"].size(), 1U) << sessions.dump();
}

}  // namespace
}  // namespace serai_test
