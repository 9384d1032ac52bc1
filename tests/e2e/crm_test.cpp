// A travel agent's morning with the CRM through the real host: clients, stages, search, a file in
// and out, and a neighbour who sees none of it.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kClients = "/api/v1/crm/clients";

Answer import(const HttpClient& client, const std::string& csv) {
  return client.upload("/api/v1/crm/imports", {"file", "clients.csv", "text/csv", csv},
                       {{"update", "true"}});
}

class Crm : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"crm"};
    host_ = std::make_unique<RunningHost>(options);
    agent_ = host_->make_tenant("agency");
    neighbour_ = host_->make_tenant("neighbour");
  }
  static void TearDownTestSuite() { host_.reset(); }
  static HttpClient agent() { return host_->client(agent_); }

  static std::unique_ptr<RunningHost> host_;
  static Person agent_, neighbour_;
};
std::unique_ptr<RunningHost> Crm::host_;
Person Crm::agent_, Crm::neighbour_;

TEST_F(Crm, a_client_is_added_found_moved_and_merged) {
  const auto made = agent().post(
      kClients,
      {{"email", "jose@example.com"}, {"name", "José Núñez"}, {"phone", "+27 82 555 0101"}});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string id = made.json()["data"]["client_id"];
  EXPECT_EQ(agent().post(kClients, {{"email", "JOSE@example.com"}, {"name", "J"}}).status, 422);
  const auto again = agent().post(kClients, {{"email", "JOSE@example.com"}, {"name", "Jo"}});
  EXPECT_EQ(again.json()["created"], false) << again.body;
  for (const char* query : {"nunez", "jose%40example.com", "082%20555"}) {
    const auto found = agent().get(std::string(kClients) + "?query=" + query);
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(found.json()["count"], 1) << query;
  }
  const auto path = std::string(kClients) + "/" + id;
  EXPECT_EQ(agent().patch(path + "/stage", {{"stage", "BOOKED"}}).status, 200);
  EXPECT_EQ(agent().get("/api/v1/crm/pipeline").json()["data"]["BOOKED"]["count"], 1);
  const auto note =
      agent().post(path + "/activities", {{"activity_type", "call"}, {"description", "Rang"}});
  EXPECT_EQ(note.status, 201) << note.body;
  const auto activities = agent().get(path + "/activities").json();
  EXPECT_EQ(activities["count"], 2);

  const auto other =
      agent().post(kClients, {{"email", "nunez@work.example"}, {"name", "Nunez Jose"}});
  ASSERT_EQ(other.status, 201) << other.body;
  const auto groups = agent().get("/api/v1/crm/duplicates");
  ASSERT_EQ(groups.status, 200) << groups.body;
  EXPECT_EQ(groups.json()["data"][0]["count"], 2);
  const auto merged =
      agent().post(path + "/merge", {{"client_id", other.json()["data"]["client_id"]}});
  ASSERT_EQ(merged.status, 200) << merged.body;
  const auto shown = agent().get(std::string(kClients) + "/nunez%40work.example");
  EXPECT_EQ(shown.json()["data"]["client_id"], id) << shown.body;
  EXPECT_EQ(agent().get(path + "/history").json()["count"], 4) << "both are made";

  const auto neighbour = host_->client(neighbour_);
  EXPECT_EQ(neighbour.get(path).status, 404);
  EXPECT_EQ(neighbour.remove(path).status, 404);
  EXPECT_THAT(neighbour.get(kClients).body, Not(HasSubstr(id)));
  EXPECT_THAT(neighbour.get("/api/v1/crm/export").body, Not(HasSubstr(id)));
  EXPECT_EQ(agent().remove(path).status, 200);
  EXPECT_EQ(agent().get(path).status, 404);
}

TEST_F(Crm, a_file_comes_in_whole_or_not_at_all_and_goes_out_again) {
  std::string csv = "email,name,phone,pipeline_stage\n";
  for (int i = 0; i < 1500; ++i)
    csv += "guest" + std::to_string(i) + "@example.com,Guest " + std::to_string(i) + ",,PAID\n";
  const auto refused = import(agent(), csv + "nobody,Nobody,,\n");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("/line/1502/email"));
  EXPECT_EQ(agent().get("/api/v1/crm/stats").json()["data"]["by_stage"]["PAID"], 0);

  const auto accepted = import(agent(), csv);
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  const auto path = "/api/v1/crm/imports/" + accepted.json()["data"]["id"].get<std::string>();
  ASSERT_TRUE(eventually([&] { return agent().get(path).json()["data"]["state"] == "done"; }));
  EXPECT_EQ(agent().get(path).json()["data"]["added"], 1500);
  EXPECT_EQ(host_->client(neighbour_).get(path).status, 404);
  const auto page = agent().get(std::string(kClients) + "?query=guest&limit=10&offset=1495").json();
  EXPECT_EQ(page["count"], 5);
  EXPECT_EQ(page["total"], 1500);
  const auto file = agent().get("/api/v1/crm/export");
  ASSERT_EQ(file.status, 200);
  EXPECT_EQ(std::count(file.body.begin(), file.body.end(), '\n'), 1501);
  EXPECT_THAT(file.body, HasSubstr("guest1499@example.com,Guest 1499"));

  const auto once_more = import(agent(), file.body);
  ASSERT_EQ(once_more.status, 202) << once_more.body;
  const auto second = "/api/v1/crm/imports/" + once_more.json()["data"]["id"].get<std::string>();
  ASSERT_TRUE(eventually([&] { return agent().get(second).json()["data"]["state"] == "done"; }));
  EXPECT_EQ(agent().get(second).json()["data"]["unchanged"], 1500);
}

}  // namespace
}  // namespace serai_test
