// By mail: what is wanted, at once or in digests, once.
#include "due.hpp"
#include "notifications_fixture.hpp"

namespace notifications_test {
namespace {

TEST_F(Notifications, have_preferences_with_the_contracts_names) {
  const Json defaults = data(host.get(kPath + "/preferences"));
  EXPECT_EQ(defaults.size(), 11);
  EXPECT_EQ(defaults["email_client_added"], false);
  EXPECT_EQ(defaults["email_email_received"], true);
  EXPECT_EQ(defaults["email_digest_enabled"], false);
  EXPECT_EQ(defaults["email_digest_frequency"], "daily");
  const auto reply =
      host.put(kPath + "/preferences",
               {{"email_mention", false}, {"email_digest_frequency", "weekly"}, {"theme", "dark"}});
  EXPECT_EQ(reply.json()["message"], "Preferences updated") << reply.body;
  EXPECT_EQ(data(reply)["email_mention"], false);
  EXPECT_EQ(data(host.get(kPath + "/preferences")), data(reply));
  EXPECT_EQ(data(reply)["email_system"], true) << "what was not named";
  EXPECT_EQ(host.put(kPath + "/preferences", Json::object()).status, 400);
  EXPECT_EQ(host.put(kPath + "/preferences", {{"theme", "dark"}}).status, 400);
  EXPECT_EQ(host.put(kPath + "/preferences", {{"email_mention", "no"}}).status, 422);
  EXPECT_EQ(host.put(kPath + "/preferences", {{"email_digest_frequency", "yearly"}}).status, 422);
  be("bob");
  EXPECT_EQ(data(host.get(kPath + "/preferences")), defaults);
  host.tenant("other");
  be("alice");
  EXPECT_EQ(data(host.get(kPath + "/preferences")), defaults);
}

TEST_F(Notifications, are_mailed_to_whoever_wants_them) {
  host.set_setting("app_url", "https://app.acme.example");
  prefer({{"email_mention", false}});
  notify({{"type", "mention"}, {"title", "A"}});
  notify({{"type", "system"}, {"title", "B"}, {"user_id", "alice"}});
  notify({{"type", "client_added"}, {"title", "C"}});
  notify({{"title", "D"}, {"user_id", "somebody-who-left"}});
  host.run_jobs();
  EXPECT_THAT(mailed(), UnorderedElementsAre("bob@acme.example: A", "alice@acme.example: B"));
  const Json mail = mails.begin()->second;
  EXPECT_EQ(mail["data"]["link"], "https://app.acme.example");
  EXPECT_EQ(mail["template"]["name"], "notifications.one");
  EXPECT_EQ(host.metric("mails_total"), 2);
}

TEST_F(Notifications, are_mailed_once_whatever_fails_on_the_way) {
  refusals.emplace("bob@acme.example", Problem(503, "unavailable", "Not now."));
  notify({{"title", "A"}});
  host.run_jobs();
  EXPECT_EQ(host.jobs().back().state, "queued");
  EXPECT_EQ(host.sql("SELECT mailed_at FROM notifications_items")[0]["mailed_at"], Json());
  refusals.clear();
  host.advance(hours(1));
  host.run_jobs();
  EXPECT_THAT(mailed(), UnorderedElementsAre("alice@acme.example: A", "bob@acme.example: A"));
  mails.clear();
  host.run_job("mail", {{"notification", host.jobs().back().payload["notification"]}});
  EXPECT_THAT(mails, IsEmpty()) << "the same job once more";
}

TEST_F(Notifications, outlive_an_address_that_takes_no_mail_and_a_tenant_without_mail) {
  refusals.emplace("alice@acme.example", Problem(422, "invalid", "This is no address."));
  notify({{"title", "A"}});
  host.run_jobs();
  EXPECT_THAT(mailed(), ElementsAre("bob@acme.example: A"));
  refusals.emplace("bob@acme.example", Problem(503, "mail_not_configured", "No mail."));
  notify({{"title", "B"}});
  host.run_jobs();
  EXPECT_EQ(host.jobs().back().state, "done");
  EXPECT_EQ(unread(), 2);
}

TEST(NotificationsAlone, are_in_the_app) {
  FakeHost host{serai_plugin_entry_v1};  // without mail and without users
  host.as_user("alice", {"notifications.read"});
  host.call_service("notifications.notify/1", {{"type", "system"}, {"title", "A"}});
  EXPECT_EQ(host.get(kPath + "/unread-count").json()["unread_count"], 1);
  EXPECT_THAT(host.jobs(), IsEmpty());
  host.run_job("gather_digests");
}

TEST_F(Notifications, wait_for_the_days_digest) {
  prefer({{"email_digest_enabled", true}});
  be("bob");
  prefer({{"email_system", false}});
  be("alice");
  host.advance(hours(3));  // it is three in the morning
  const auto read = notify({{"title", "A"}});
  notify({{"title", "B"}});
  notify({{"type", "mention"}, {"title", "C"}, {"user_id", "alice"}});
  host.run_jobs();
  EXPECT_EQ(count("waiting"), 3);
  host.run_job("gather_digests");
  host.run_jobs();
  EXPECT_THAT(mails, IsEmpty()) << "before six";
  host.request("PATCH", kPath + "/" + read + "/read");
  host.advance(hours(3));
  for (int i = 0; i < 2; ++i) {
    host.run_job("gather_digests");
    host.run_jobs();
    EXPECT_THAT(mailed(), ElementsAre("alice@acme.example: 2 notifications"));
  }
  const Json mail = mails.begin()->second;
  EXPECT_EQ(mail["data"]["items"][0]["title"], "C");
  EXPECT_EQ(mail["data"]["items"][1]["title"], "B") << "A was read";
  EXPECT_EQ(count("waiting"), 0);
  // What comes after six is tomorrow's.
  mails.clear();
  notify({{"title", "D"}});
  host.run_jobs();
  host.run_job("gather_digests");
  host.run_jobs();
  EXPECT_THAT(mails, IsEmpty());
  host.advance(hours(24));
  host.run_job("gather_digests");
  host.run_jobs();
  EXPECT_THAT(mailed(), ElementsAre("alice@acme.example: 1 notification"));
}

TEST_F(Notifications, that_wait_are_mailed_when_digests_are_turned_off) {
  prefer({{"email_digest_enabled", true}, {"email_digest_frequency", "weekly"}});
  notify({{"title", "A"}, {"user_id", "alice"}});
  notify({{"type", "mention"}, {"title", "B"}, {"user_id", "alice"}});
  host.run_jobs();
  EXPECT_THAT(mails, IsEmpty());
  refusals.emplace("alice@acme.example", Problem(503, "unavailable", "Not now."));
  prefer({{"email_digest_enabled", false}, {"email_mention", false}});
  host.run_jobs();
  EXPECT_EQ(count("waiting"), 2) << "nothing is lost with a mail that was not taken over";
  refusals.clear();
  host.advance(hours(1));
  host.run_jobs();
  EXPECT_THAT(mailed(), ElementsAre("alice@acme.example: 1 notification"));
  EXPECT_EQ(mails.begin()->second["data"]["items"][0]["title"], "A") << "B is no longer wanted";
  mails.clear();
  notify({{"title", "C"}, {"user_id", "alice"}});
  host.run_jobs();
  EXPECT_THAT(mailed(), ElementsAre("alice@acme.example: C")) << "at once from now on";
}

TEST_F(Notifications, digest_lists_fifty_and_forgets_whoever_left) {
  prefer({{"email_digest_enabled", true}, {"email_digest_frequency", "hourly"}});
  be("bob");
  prefer({{"email_digest_enabled", true}, {"email_digest_frequency", "hourly"}});
  for (int i = 0; i < 53; ++i) notify({{"title", std::to_string(i)}});
  host.run_jobs();
  users.erase(1);  // bob
  host.run_job("gather_digests");
  host.run_jobs();
  EXPECT_THAT(mailed(), ElementsAre("alice@acme.example: 53 notifications"));
  EXPECT_EQ(mails.begin()->second["data"]["items"].size(), 50);
  EXPECT_EQ(mails.begin()->second["data"]["more"], "3");
  EXPECT_EQ(count("waiting"), 0);
}

TEST(Due, is_the_latest_hour_of_the_day_or_week) {
  using notifications::Frequency;
  using notifications::last_due;
  const auto text = [](Frequency frequency, std::chrono::sys_days day, int hour, unsigned weekday) {
    return serai::to_text(last_due(frequency, day + hours(hour), 6, weekday)).substr(0, 13);
  };
  const std::chrono::sys_days sunday = std::chrono::year(2026) / 11 / 22;
  EXPECT_EQ(text(Frequency::hourly, sunday, 5, 1), "2026-11-22T05");
  EXPECT_EQ(text(Frequency::daily, sunday, 5, 1), "2026-11-21T06");
  EXPECT_EQ(text(Frequency::daily, sunday, 6, 1), "2026-11-22T06");
  EXPECT_EQ(text(Frequency::weekly, sunday, 7, 7), "2026-11-22T06");
  EXPECT_EQ(text(Frequency::weekly, sunday, 5, 7), "2026-11-15T06");
  EXPECT_EQ(text(Frequency::weekly, sunday, 7, 1), "2026-11-16T06");
  EXPECT_EQ(notifications::weekday_of("sunday"), 7);
}

}  // namespace
}  // namespace notifications_test
