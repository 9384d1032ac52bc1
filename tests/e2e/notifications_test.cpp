// News in a travel agency through the real host: two colleagues with their own marks and wishes,
// mail at once and in a digest, a host that is killed on the way, and a neighbour who sees nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string kPath = "/api/v1/notifications";

class Notifications : public testing::Test {
 protected:
  static RunningHost::Options options() {
    RunningHost::Options out;
    out.plugins = {"crm", "mail", "notifications"};
    out.profile["jobs"] = {{"lease", "5 s"}};  // so long a killed host's jobs wait, on PostgreSQL
    out.profile["plugins"]["enabled"] = {
        {{"id", "crm"}},
        {{"id", "mail"},
         {"settings", {{"transport", "sink"}, {"from_email", "desk@lagoon.example"}}}},
        {{"id", "notifications"}, {"settings", {{"app_url", "https://app.lagoon.example"}}}}};
    return out;
  }

  static void SetUpTestSuite() {
    host_ = std::make_unique<RunningHost>(options());
    owner_ = host_->make_tenant("lagoon");
    carl_ = host_->invite(owner_, "carl@lagoon.example", "consultant");
    stranger_ = host_->make_tenant("reef");
  }
  static void TearDownTestSuite() { host_.reset(); }

  void add_client(const Person& by, const std::string& name, bool booked = false) {
    const auto made = host_->client(by).post(
        "/api/v1/crm/clients", {{"email", new_marker("guest") + "@example.com"}, {"name", name}});
    ASSERT_EQ(made.status, 201) << made.body;
    if (!booked) return;
    const std::string id = made.json()["data"]["client_id"];
    const auto moved =
        host_->client(by).patch("/api/v1/crm/clients/" + id + "/stage", {{"stage", "BOOKED"}});
    ASSERT_EQ(moved.status, 200) << moved.body;
  }
  json list(const Person& of, const std::string& query = "") {
    const auto answer = host_->client(of).get(kPath + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }
  std::int64_t unread(const Person& of) {
    const auto answer = host_->client(of).get(kPath + "/unread-count");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json()["unread_count"];
  }
  void prefer(const Person& who, const json& preferences) {
    const auto answer = host_->client(who).send("PUT", kPath + "/preferences", preferences.dump());
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  json mails(const Person& to) {
    return host_->client(owner_).get("/api/v1/mail/messages?to=" + to.email).json();
  }
  // Not `total`, which may be as old as a minute where a mail was handed over in another plugin's
  // transaction.
  int mailed(const Person& to) { return static_cast<int>(mails(to)["data"].size()); }
  bool is_mailed(const Person& to, int times) {
    return eventually([&] { return mailed(to) == times; });
  }

  static std::unique_ptr<RunningHost> host_;
  static Person owner_, carl_, stranger_;
};
std::unique_ptr<RunningHost> Notifications::host_;
Person Notifications::owner_, Notifications::carl_, Notifications::stranger_;

TEST_F(Notifications, are_each_users_own_in_the_app) {
  add_client(owner_, "Anna");
  add_client(owner_, "Bob", true);
  for (const auto& person : {owner_, carl_})
    ASSERT_TRUE(eventually([&] { return unread(person) == 3; })) << list(person);
  const json page = list(carl_, "?limit=2");
  EXPECT_EQ(page["total"], 3);
  EXPECT_EQ(page["count"], 2);
  const std::string id = page["data"][0]["id"];
  EXPECT_EQ(page["data"][0]["time_ago"], "just now");

  EXPECT_EQ(host_->client(carl_).patch(kPath + "/" + id + "/read", json::object()).status, 200);
  EXPECT_EQ(unread(carl_), 2);
  EXPECT_EQ(unread(owner_), 3) << "another's mark";
  EXPECT_EQ(list(carl_)["data"][0]["read"], true);
  EXPECT_EQ(list(owner_)["data"][0]["read"], false);
  EXPECT_EQ(host_->client(carl_).post(kPath + "/mark-all-read", json::object()).status, 200);
  EXPECT_EQ(unread(carl_), 0);
  EXPECT_EQ(list(carl_, "?unread_only=true")["total"], 0);
  EXPECT_EQ(unread(owner_), 3);

  EXPECT_EQ(unread(stranger_), 0);
  EXPECT_THAT(list(stranger_).dump(), Not(HasSubstr(id)));
  const auto foreign = host_->client(stranger_).patch(kPath + "/" + id + "/read", json::object());
  EXPECT_EQ(foreign.status, 404);
  EXPECT_EQ(host_->client(stranger_).post(kPath + "/mark-all-read", json::object()).status, 200);
  EXPECT_EQ(unread(owner_), 3);
  EXPECT_EQ(host_->client().get(kPath + "/unread-count").status, 401);
  for (const auto& person : {owner_, carl_}) EXPECT_TRUE(is_mailed(person, 1)) << "the booking";
}

TEST_F(Notifications, are_mailed_as_each_user_wants_once) {
  const int owners = mailed(owner_), carls = mailed(carl_);
  const auto unseen = unread(carl_);
  prefer(owner_, {{"email_client_added", true}});
  add_client(owner_, "Anna");
  host_->kill();
  host_->start();
  for (auto* person : {&owner_, &carl_, &stranger_}) host_->login(*person);
  ASSERT_TRUE(is_mailed(owner_, owners + 1));
  EXPECT_EQ(mails(owner_)["data"][0]["subject"], "New client: Anna");
  EXPECT_EQ(mailed(carl_), carls) << "off unless asked for, and queued with the other's";
  EXPECT_EQ(unread(carl_), unseen + 1);

  // Carl's mails tell that the same news waits for the owner's digest.
  prefer(owner_, {{"email_digest_enabled", true}, {"email_digest_frequency", "weekly"}});
  prefer(carl_, {{"email_client_added", true}});
  add_client(carl_, "Bob & Söhne", true);
  ASSERT_TRUE(is_mailed(carl_, carls + 2));
  EXPECT_EQ(mailed(owner_), owners + 1);
  prefer(owner_, {{"email_digest_enabled", false}});
  ASSERT_TRUE(is_mailed(owner_, owners + 2));
  const json digest = mails(owner_)["data"][0];
  EXPECT_EQ(digest["subject"], "2 notifications");
  const std::string id = digest["message_id"];
  const json letter = host_->client(owner_).get("/api/v1/mail/messages/" + id).json()["data"];
  EXPECT_THAT(letter["text"].get<std::string>(), HasSubstr("* New client: Bob & Söhne"));
  EXPECT_THAT(letter["text"].get<std::string>(), HasSubstr("https://app.lagoon.example"));
  EXPECT_THAT(letter["html"].get<std::string>(), HasSubstr("Booking confirmed: Bob &amp; Söhne"));

  prefer(owner_, {{"email_booking_confirmed", false}, {"email_client_added", false}});
  add_client(carl_, "Cas", true);
  ASSERT_TRUE(is_mailed(carl_, carls + 4));
  EXPECT_EQ(mailed(owner_), owners + 2);
  EXPECT_EQ(host_->client(stranger_).get("/api/v1/mail/messages").json()["total"], 0);
  const auto theirs = host_->client(stranger_).get(kPath + "/preferences").json()["data"];
  EXPECT_EQ(theirs["email_client_added"], false) << "the tenant's own";
}

}  // namespace
}  // namespace serai_test
