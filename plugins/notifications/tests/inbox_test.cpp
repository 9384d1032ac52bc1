// In the app: who sees what, marks, doubles, news of other plugins, what is old.
#include "notifications_fixture.hpp"
#include "text.hpp"

namespace notifications_test {
namespace {

TEST_F(Notifications, of_everybody_and_of_one_are_listed_newest_first) {
  notify({{"title", "For all"}, {"entity_type", "quote"}, {"entity_id", "QT-1"}});
  notify({{"title", "For bob"}, {"user_id", "bob"}});
  host.advance(hours(2));
  notify({{"title", "For alice"}, {"user_id", "alice"}, {"metadata", {{"a", 1}}}});
  EXPECT_THAT(titles(), ElementsAre("For alice", "For all"));
  const Json page = host.get(kPath + "?limit=1&offset=1").json();
  EXPECT_EQ(page["total"], 2);
  EXPECT_EQ(page["limit"], 1);
  EXPECT_EQ(page["offset"], 1);
  ASSERT_EQ(page["data"].size(), 1);
  const Json& one = page["data"][0];
  EXPECT_EQ(one["title"], "For all");
  EXPECT_EQ(one["type"], "system");
  EXPECT_EQ(one["entity_type"], "quote");
  EXPECT_EQ(one["entity_id"], "QT-1");
  EXPECT_EQ(one["read"], false);
  EXPECT_EQ(one["time_ago"], "2 hours ago");
  EXPECT_EQ(data(host.get(kPath))[0]["metadata"]["a"], 1);
  EXPECT_EQ(data(host.get(kPath))[0]["entity_id"], Json());
  be("bob");
  EXPECT_THAT(titles(), ElementsAre("For bob", "For all"));
  host.tenant("other");
  be("alice");
  EXPECT_THAT(titles(), IsEmpty());
  EXPECT_EQ(unread(), 0);
}

TEST_F(Notifications, are_read_by_one_user_at_a_time) {
  const auto all = notify({{"title", "For all"}});
  const auto bobs = notify({{"title", "For bob"}, {"user_id", "bob"}});
  EXPECT_EQ(unread(), 1);
  EXPECT_EQ(host.request("PATCH", kPath + "/" + bobs + "/read").status, 404) << "not hers";
  EXPECT_EQ(host.request("PATCH", kPath + "/nothing/read").status, 404);
  for (int i = 0; i < 2; ++i) {  // again is the same
    EXPECT_EQ(host.request("PATCH", kPath + "/" + all + "/read").status, 200);
    EXPECT_EQ(unread(), 0);
  }
  EXPECT_EQ(data(host.get(kPath))[0]["read"], true);
  EXPECT_THAT(titles("?unread_only=true"), IsEmpty());
  EXPECT_EQ(host.get(kPath + "?unread_only=true").json()["total"], 0);
  be("bob");
  EXPECT_EQ(unread(), 2);
  EXPECT_THAT(titles("?unread_only=true"), ElementsAre("For bob", "For all"));
  EXPECT_EQ(host.post(kPath + "/mark-all-read").status, 200);
  EXPECT_EQ(host.post(kPath + "/mark-all-read").status, 200);
  EXPECT_EQ(unread(), 0);
  EXPECT_EQ(count("reads"), 3);
  notify({{"title", "Later"}});
  EXPECT_EQ(unread(), 1);
  host.tenant("other");
  be("alice");
  EXPECT_EQ(host.request("PATCH", kPath + "/" + all + "/read").status, 404);
}

TEST_F(Notifications, cost_the_same_statements_however_many_there_are) {
  notify();
  const auto list = statements(kPath), number = statements(kPath + "/unread-count");
  EXPECT_EQ(list, 2) << "the page and its total";
  EXPECT_EQ(number, 1);
  for (int i = 0; i < 60; ++i) notify({{"user_id", i % 2 == 0 ? Json() : Json("alice")}});
  EXPECT_EQ(statements(kPath + "?limit=50"), list);
  EXPECT_EQ(statements(kPath + "/unread-count"), number);
  const auto before = host.sql_statements();
  host.post(kPath + "/mark-all-read");
  EXPECT_EQ(host.sql_statements() - before, 1);
  // From indexes alone, which is what keeps it cheap.
  const Json plan =
      host.sql("EXPLAIN QUERY PLAN SELECT count(*) FROM notifications_items WHERE user_id = 'a'");
  EXPECT_THAT(plan.dump(), HasSubstr("COVERING INDEX"));
}

TEST_F(Notifications, that_are_wrong_are_refused_and_too_long_ones_cut) {
  EXPECT_EQ(refused({{"type", "quote_sent"}}), "/type");
  EXPECT_EQ(refused({{"title", " \t"}}), "/title");
  EXPECT_EQ(refused({{"title", 1}}), "/title");
  EXPECT_EQ(refused({{"entity_id", std::string(101, 'x')}}), "/entity_id");
  EXPECT_EQ(refused({{"once_key", "a\nb"}}), "/once_key");
  EXPECT_EQ(refused({{"user_id", ""}}), "/user_id");
  EXPECT_EQ(refused({{"metadata", Json::array()}}), "/metadata");
  EXPECT_EQ(count("items"), 0);
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "ä";
  notify({{"title", "A\r\nB\x01" + umlauts}, {"message", "One\n\nTwo\r\n"}});
  const Json one = data(host.get(kPath))[0];
  const std::string title = one["title"];
  EXPECT_TRUE(title.starts_with("A B ä") && title.ends_with("ä…")) << title;
  EXPECT_EQ(title.size(), 4 + 250 * 2 + 3) << "255 characters";
  EXPECT_EQ(one["message"], "One\n\nTwo");
}

TEST_F(Notifications, are_written_once) {
  const Json keyed{{"once_key", "ticket-1"}, {"title", "Once"}};
  const auto id = notify(keyed);
  host.advance(days(30));
  EXPECT_EQ(notify(keyed), id);
  // Without a key: five minutes, by type, entity and reader.
  const Json quote{{"type", "quote_request"}, {"entity_type", "quote"}, {"entity_id", "QT-1"}};
  const auto first = notify(quote);
  host.advance(minutes(4));
  EXPECT_EQ(notify(quote), first);
  Json other = quote;
  other["user_id"] = "bob";
  EXPECT_NE(notify(other), first);
  other = quote;
  other["type"] = "mention";
  EXPECT_NE(notify(other), first);
  host.advance(minutes(1));
  const auto later = notify(quote);
  EXPECT_NE(later, first);
  EXPECT_EQ(notify(quote), later) << "the five minutes began anew";
  EXPECT_NE(notify(), notify()) << "about nothing in particular";
  host.tenant("other");
  be("alice");
  EXPECT_NE(notify(keyed), id);
}

TEST_F(Notifications, come_from_what_other_plugins_announce) {
  host.deliver_event("crm.client.added", {{"id", "1"},
                                          {"client_id", "CLI-1"},
                                          {"email", "anna@example.com"},
                                          {"name", "Anna"},
                                          {"source", "web"}});
  host.deliver_event("crm.clients.imported", {{"import_id", "i1"}, {"added", 3}, {"changed", 1}});
  host.deliver_event("crm.clients.imported", {{"import_id", "i2"}, {"added", 0}, {"changed", 1}});
  for (const char* stage : {"PAID", "BOOKED"})
    host.deliver_event(
        "crm.client.stage_changed",
        {{"id", "1"}, {"client_id", "CLI-1"}, {"name", "Anna"}, {"from", "QUOTED"}, {"to", stage}});
  for (const char* lost : {"mail.bounced", "mail.failed"})
    host.deliver_event(lost,
                       {{"message_id", lost}, {"to", "x@example.com"}, {"status", "bounced"}});
  EXPECT_THAT(titles(),
              UnorderedElementsAre("New client: Anna", "3 new clients", "Booking confirmed: Anna",
                                   "A mail did not arrive", "A mail did not arrive"));
  host.run_jobs();
  EXPECT_THAT(mailed(), UnorderedElementsAre("alice@acme.example: Booking confirmed: Anna",
                                             "bob@acme.example: Booking confirmed: Anna"))
      << "new clients are not mailed unless asked for, lost mails never";
  EXPECT_THROW(host.deliver_event("crm.client.added", {{"name", 1}}), Problem);
}

TEST_F(Notifications, are_kept_for_as_long_as_the_setting_says) {
  const auto old = notify({{"title", "Old"}, {"once_key", "old"}});
  host.request("PATCH", kPath + "/" + old + "/read");
  host.advance(days(89));
  notify({{"title", "New"}});
  host.run_job("remove_old");
  EXPECT_EQ(count("items"), 2);
  host.advance(days(2));
  host.run_job("remove_old");
  EXPECT_THAT(titles(), ElementsAre("New"));
  EXPECT_EQ(unread(), 1) << "its mark went with it";
  EXPECT_EQ(count("reads"), 0);
  EXPECT_EQ(count("claims"), 0);
  host.sql(
      "INSERT INTO notifications_items (id, user_id, type, title, message, metadata, created_at) "
      "SELECT lower(hex(randomblob(4)) || '-0000-7000-8000-' || hex(randomblob(6))), '', 'system', "
      "'x', '', '{}', created_at FROM notifications_items, "
      "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100) "
      "SELECT i FROM n)");
  EXPECT_EQ(count("items"), 1101);
  host.set_setting("retention", 1);
  host.advance(days(2));
  host.run_job("remove_old");
  EXPECT_EQ(count("items"), 0);
}

TEST(TimeAgo, is_told_in_the_largest_unit) {
  using notifications::time_ago;
  const std::string then = "2026-02-28T23:59:30.000000Z";
  const serai::Timestamp at = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);
  EXPECT_EQ(time_ago(then, at), "just now");
  EXPECT_EQ(time_ago(then, at + minutes(1)), "1 minute ago");
  EXPECT_EQ(time_ago(then, at + hours(5)), "5 hours ago");
  EXPECT_EQ(time_ago(then, at + days(1)), "1 day ago");
  EXPECT_EQ(time_ago(then, at + days(15)), "2 weeks ago");
  EXPECT_EQ(time_ago(then, at - hours(1)), "just now") << "a clock that was set back";
}

}  // namespace
}  // namespace notifications_test
