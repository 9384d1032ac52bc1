// Mailboxes that are polled, in a fake host that holds them.
#include "inbound_fixture.hpp"

namespace inbound_test {
namespace {

using serai::testing::Mailbox;
using testing::IsEmpty;
using testing::Not;

const std::string kMailboxes = "/api/v1/inbound/mailboxes";

class Mailboxes : public InboundEmail {
 protected:
  Mailboxes() {
    host.set_setting("imap_hosts", "imap.example.com:993, mail.example.org:143");
    host.time_limit(std::chrono::minutes(5));
    host.on_mailbox([this](const serai::ImapRequest& request) {
      asked.push_back(request);
      if (!down.empty()) throw serai::Problem(503, "unreachable", down);
      return servers[request.user];
    });
  }
  static Json body(const std::string& user, const std::string& from = "start") {
    return {
        {"host", "IMAP.example.com"}, {"user", user}, {"password", "open sesame"}, {"from", from}};
  }
  // Its id.
  std::string add(const std::string& user, const std::string& from = "start") {
    const auto made = host.post(kMailboxes, body(user, from));
    EXPECT_EQ(made.status, 201) << made.body;
    return made.status == 201 ? made.json()["data"]["mailbox_id"] : "";
  }
  void arrives(const std::string& user, const std::string& raw) {
    auto& mailbox = servers[user];
    mailbox.messages.push_back({mailbox.uid_next++, raw});
  }
  void poll() {
    host.advance(std::chrono::minutes(1));
    host.run_job("poll");
    host.run_jobs();
  }
  Json only() { return host.get(kMailboxes).json()["data"][0]; }

  std::map<std::string, Mailbox> servers;
  std::vector<serai::ImapRequest> asked;
  std::string down;
};

TEST_F(Mailboxes, give_each_mail_once) {
  arrives("sales", mail("1@x", "Zanzibar", "2 adults"));
  arrives("sales", mail("2@x", "Mauritius", "3 adults"));
  add("sales");
  host.run_jobs();
  EXPECT_EQ(tickets()["total"], 2);
  EXPECT_EQ(asked[0].url, "imaps://imap.example.com:993");
  EXPECT_EQ(asked[0].password, "open sesame");
  EXPECT_EQ(asked[0].mailbox, "INBOX");
  arrives("sales", mail("3@x", "Again", "2 adults"));
  arrives("sales", mail("1@x", "Zanzibar", "2 adults"));
  poll();
  poll();
  EXPECT_EQ(tickets()["total"], 3);
  EXPECT_EQ(asked.back().after_uid, 4u);
  EXPECT_EQ(host.metric("duplicates_total"), 1);
  const auto shown = only();
  EXPECT_EQ(shown["last_uid"], 4);
  EXPECT_EQ(shown["failures"], 0);
  EXPECT_TRUE(shown["last_error"].is_null());
  EXPECT_FALSE(shown["last_checked_at"].is_null());
}

// Each look queues the next while there is something to look at; others are not woken.
TEST_F(Mailboxes, are_looked_at_every_five_minutes_while_there_are_any) {
  const auto looks_waiting = [this] {
    int waiting = 0;
    for (const auto& job : host.jobs()) waiting += job.kind == "poll" && job.state == "queued";
    return waiting;
  };
  host.run_job("recover");
  EXPECT_EQ(looks_waiting(), 0) << "no mailbox, no look";
  add("sales");
  add("info");
  EXPECT_EQ(looks_waiting(), 1);
  host.run_jobs();
  EXPECT_EQ(asked.size(), 4u) << "each its numbers, then its messages";
  for (int turn = 0; turn < 4; ++turn) {
    arrives("sales", mail(std::to_string(turn) + "@x", "Hi", "2 adults"));
    host.advance(std::chrono::minutes(4));
    host.run_jobs();
    EXPECT_EQ(tickets()["total"], turn) << "not before its time";
    host.advance(std::chrono::minutes(1));
    host.run_jobs();
    EXPECT_EQ(tickets()["total"], turn + 1);
    EXPECT_EQ(looks_waiting(), 1);
  }
  host.run_job("recover");
  host.advance(std::chrono::minutes(5));
  host.run_jobs();
  EXPECT_EQ(looks_waiting(), 1) << "two chains become one";
  // Without mailboxes it ends, and a chain that broke is taken up by the schedule.
  host.sql("CREATE TABLE kept AS SELECT * FROM inbound_email_mailboxes");
  host.sql("DELETE FROM inbound_email_mailboxes");
  host.advance(std::chrono::minutes(5));
  host.run_jobs();
  EXPECT_EQ(looks_waiting(), 0);
  host.sql("INSERT INTO inbound_email_mailboxes SELECT * FROM kept");
  host.run_job("recover");
  EXPECT_EQ(looks_waiting(), 1);
}

TEST_F(Mailboxes, begin_with_what_comes_from_now_on) {
  arrives("sales", mail("1@x", "Old", "2 adults"));
  add("sales", "now");
  host.run_jobs();
  arrives("sales", mail("2@x", "New", "2 adults"));
  poll();
  ASSERT_EQ(tickets()["total"], 1);
  EXPECT_EQ(only_ticket()["subject"], "New");
}

TEST_F(Mailboxes, are_read_in_batches_until_there_is_no_more) {
  for (int i = 0; i < 120; ++i) arrives("sales", mail(std::to_string(i) + "@x", "Hi", "text"));
  add("sales");
  host.run_jobs();
  EXPECT_EQ(tickets()["total"], 120);
  EXPECT_EQ(asked.size(), 4u) << "its numbers, then 50, 50 and 20";
}

TEST_F(Mailboxes, that_number_anew_open_no_second_tickets) {
  arrives("sales", mail("1@x", "Zanzibar", "2 adults"));
  add("sales");
  host.run_jobs();
  servers["sales"].uid_validity = 2;
  arrives("sales", mail("2@x", "Mauritius", "2 adults"));
  poll();
  EXPECT_EQ(tickets()["total"], 2);
  EXPECT_EQ(only()["uid_validity"], 2);
  EXPECT_EQ(only()["last_uid"], 2);
}

// What was to be left alone gets new numbers as well.
TEST_F(Mailboxes, that_number_anew_leave_alone_what_was_there_before) {
  arrives("sales", mail("1@x", "Old", "x", "Date: Mon, 1 Dec 2025 10:00:00 +0000\r\n"));
  add("sales", "now");
  host.run_jobs();
  arrives("sales", mail("2@x", "Known", "x", "Date: Thu, 1 Jan 2026 10:00:00 +0000\r\n"));
  poll();
  servers["sales"].uid_validity = 2;
  arrives("sales", mail("3@x", "New", "x", "Date: Thu, 1 Jan 2026 10:00:00 +0000\r\n"));
  poll();
  // A sender whose clock is wrong, after the new numbers.
  arrives("sales", mail("4@x", "Newer", "x", "Date: Mon, 1 Dec 2025 10:00:00 +0000\r\n"));
  poll();
  std::vector<std::string> subjects;
  const auto all = tickets();
  for (const auto& ticket : all["data"]) subjects.push_back(ticket["subject"]);
  EXPECT_THAT(subjects, testing::UnorderedElementsAre("Known", "New", "Newer"));
}

TEST_F(Mailboxes, that_cannot_be_read_say_why_and_are_tried_less_and_less) {
  add("sales");
  down = "imap.example.com:993 did not answer in time.";
  host.run_jobs();
  EXPECT_EQ(only()["last_error"], down);
  for (int i = 0; i < 20; ++i) poll();
  EXPECT_EQ(asked.size(), 5u) << "at once, and after 1, 2, 4 and 8 minutes";
  EXPECT_EQ(only()["failures"], 5);
  arrives("sales", mail("1@x", "While it was down", "x"));
  down.clear();
  for (int i = 0; i < 16; ++i) poll();
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_EQ(only()["failures"], 0);
  EXPECT_TRUE(only()["last_error"].is_null());
}

TEST_F(Mailboxes, that_refuse_are_quoted_and_hinder_no_other) {
  servers["closed"].outcome = serai::ImapOutcome::login_refused;
  servers["closed"].reply = "NO [AUTHENTICATIONFAILED] Wrong.";
  servers["nowhere"].outcome = serai::ImapOutcome::mailbox_refused;
  servers["nowhere"].reply = "NO no such folder";
  arrives("open", mail("1@x", "Hi", "x"));
  add("closed");
  add("nowhere");
  add("open");
  auto other = body("other");
  other["host"] = "imap.example.net";
  ASSERT_EQ(host.post(kMailboxes, other).status, 201);
  host.run_jobs();
  EXPECT_EQ(tickets()["total"], 1);
  std::map<std::string, Json> errors;
  const auto listed = host.get(kMailboxes).json();
  for (const auto& one : listed["data"]) errors[one["user"]] = one["last_error"];
  EXPECT_EQ(errors["closed"], "The server refuses the login: NO [AUTHENTICATIONFAILED] Wrong.");
  EXPECT_EQ(errors["nowhere"], "The server refuses the folder INBOX: NO no such folder");
  EXPECT_TRUE(errors["open"].is_null());
  EXPECT_THAT(errors["other"].get<std::string>(), HasSubstr("`imap_hosts`"));
}

TEST_F(Mailboxes, never_give_their_password_out) {
  const auto id = add("sales");
  EXPECT_THAT(host.get(kMailboxes).body, Not(HasSubstr("sesame")));
  EXPECT_THAT(host.sql("SELECT * FROM inbound_email_mailboxes").dump(), Not(HasSubstr("sesame")));
  // Again: another password, the same mailbox.
  auto again = body("sales");
  again["password"] = "close sesame";
  EXPECT_EQ(host.post(kMailboxes, again).json()["data"]["mailbox_id"], id);
  host.run_jobs();
  EXPECT_EQ(asked.back().password, "close sesame");
  EXPECT_EQ(host.del(kMailboxes + "/" + id).status, 200);
  EXPECT_EQ(host.del(kMailboxes + "/" + id).status, 404);
  EXPECT_EQ(host.post(kMailboxes + "/" + id + "/check").status, 404);
  EXPECT_THAT(host.get(kMailboxes).json()["data"], IsEmpty());
  const auto times = asked.size();
  poll();
  EXPECT_EQ(asked.size(), times);
}

TEST_F(Mailboxes, are_looked_into_at_once_when_asked) {
  const auto id = add("sales");
  down = "down";
  host.run_jobs();
  down.clear();
  arrives("sales", mail("1@x", "Hi", "x"));
  EXPECT_EQ(host.post(kMailboxes + "/" + id + "/check").status, 202);
  host.run_jobs();
  EXPECT_EQ(tickets()["total"], 1);
}

TEST_F(Mailboxes, pass_over_what_cannot_be_taken_and_say_so) {
  arrives("sales", "");
  servers["sales"].messages.back().state = serai::ImapState::too_large;
  arrives("sales", "");
  servers["sales"].messages.back().state = serai::ImapState::withheld;
  arrives("sales", "From: a@b.example\r\n" + std::string(300 << 10, 'x'));  // refused by its shape
  arrives("sales", mail("1@x", "Hi", "x"));
  add("sales");
  host.run_jobs();
  EXPECT_EQ(tickets()["total"], 1);
  const auto all = refused();
  ASSERT_EQ(all.size(), 3u);
  std::string reasons;
  for (const auto& one : all) reasons += one["reason"].get<std::string>() + "\n";
  EXPECT_THAT(reasons, HasSubstr("Message 1 of INBOX of sales is too large"));
  EXPECT_THAT(reasons, HasSubstr("Message 2 of INBOX of sales is not given out"));
  // What lies elsewhere cannot be replayed, and says so.
  for (const auto& one : all)
    host.post("/api/v1/inbound/refused/" + one["mail_id"].get<std::string>() + "/replay");
  host.run_jobs();
  EXPECT_EQ(refused().size(), 3u);
  EXPECT_EQ(tickets()["total"], 1);
}

TEST_F(Mailboxes, pass_over_nothing_that_could_not_be_stored) {
  arrives("sales", mail("1@x", "Hi", "x"));
  arrives("sales", mail("2@x", "Hi again", "x"));
  add("sales");
  host.sql("ALTER TABLE inbound_email_mails RENAME TO inbound_email_elsewhere");
  host.run_jobs();
  EXPECT_EQ(only()["last_uid"], 0);
  host.sql("ALTER TABLE inbound_email_elsewhere RENAME TO inbound_email_mails");
  poll();
  EXPECT_EQ(tickets()["total"], 2);
  EXPECT_EQ(only()["last_uid"], 2);
}

// A mail that ends the host whenever it is looked at: kept unread after eight times.
TEST_F(Mailboxes, are_not_held_up_by_a_mail_that_ends_the_host) {
  arrives("sales", mail("1@x", "Deadly", "x"));
  arrives("sales", mail("2@x", "Hi", "x"));
  add("sales");
  host.sql("UPDATE inbound_email_mailboxes SET runs = 8");
  host.run_jobs();
  poll();
  ASSERT_EQ(tickets()["total"], 1);
  EXPECT_EQ(only_ticket()["subject"], "Hi");
  ASSERT_EQ(refused().size(), 1u);
  EXPECT_THAT(refused()[0]["reason"].get<std::string>(), HasSubstr("eight times"));
  host.post("/api/v1/inbound/refused/" + refused()[0]["mail_id"].get<std::string>() + "/replay");
  host.run_jobs();
  EXPECT_EQ(tickets()["total"], 2);
}

TEST_F(Mailboxes, are_of_one_tenant) {
  const auto id = add("sales");
  host.tenant("other");
  EXPECT_THAT(host.get(kMailboxes).json()["data"], IsEmpty());
  EXPECT_EQ(host.del(kMailboxes + "/" + id).status, 404);
  EXPECT_EQ(host.post(kMailboxes + "/" + id + "/check").status, 404);
}

TEST_F(Mailboxes, have_hosts_and_logins_that_are_some) {
  for (const auto& [name, value] : std::map<std::string, Json>{{"host", "imap.example.com/INBOX"},
                                                               {"host", "a b"},
                                                               {"user", "a\r\nb"},
                                                               {"folder", "a\nb"},
                                                               {"password", "a\nb"},
                                                               {"from", "never"},
                                                               {"port", 0}}) {
    auto wrong = body("sales");
    wrong[name] = value;
    const auto status = host.post(kMailboxes, wrong).status;
    EXPECT_THAT(status, testing::AnyOf(400, 422)) << name << " " << value;
  }
}

}  // namespace
}  // namespace inbound_test
