// Tenants' mailboxes on a real mail server, read by the real host: what arrives becomes a ticket,
// once, whatever becomes of host, server and numbers.
#include <condition_variable>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "fakes/smtp_fake.hpp"
#include "support/imap_server.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string kTickets = "/api/v1/inbound/tickets";
const std::string kMailboxes = "/api/v1/inbound/mailboxes";

// Whoever is let in waits for another, and would for ever if one were let in after the other.
class Meeting {
 public:
  std::optional<std::string> operator()() {
    std::unique_lock lock(mutex_);
    if (++inside_ == 2) met_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(3), [&] { return met_; });
    --inside_;
    return "* BYE Not today\r\n";
  }
  bool was_held() {
    const std::lock_guard lock(mutex_);
    return met_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  bool met_ = false;
};

Meeting& meeting() {
  static Meeting one;
  return one;
}

std::string mail(const std::string& name) {
  return "From: " + name + " <" + name + "@example.org>\r\nMessage-ID: <" + name +
         "@example.org>\r\nSubject: Zanzibar\r\n\r\n2 adults, please quote.\r\n";
}

class Imap : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<ImapServer>();
    const auto greet = [](const std::string&) { return meeting()(); };
    left_ = std::make_unique<fakes::SmtpFake>(greet);
    right_ = std::make_unique<fakes::SmtpFake>(greet);
    RunningHost::Options options;
    options.plugins = {"inbound-email"};
    options.profile["jobs"] = {{"lease", "2 s"}, {"workers", 4}};
    options.profile["outbound"] = {{"allow_private_addresses", true},
                                   {"authorities", server_->authority()}};
    const auto at = [](int port) { return "localhost:" + std::to_string(port); };
    options.profile["plugins"]["enabled"] = {
        {{"id", "inbound-email"},
         {"settings",
          {{"imap_hosts", at(server_->port()) + ", " + at(server_->secure_port()) + ", " +
                              at(left_->port()) + ", " + at(right_->port())}}}}};
    host_ = std::make_unique<RunningHost>(options);
  }
  static void TearDownTestSuite() {
    host_.reset();
    left_.reset();
    right_.reset();
    server_.reset();
  }
  void SetUp() override {
    // A tenant and a mailbox of this test's own.
    name_ = testing::UnitTest::GetInstance()->current_test_info()->name();
    name_.resize(name_.find('_'));
    tenant_ = host_->make_tenant(name_);
  }

  HttpClient client() { return host_->client(tenant_); }
  static json body(const std::string& user, const std::string& from = "start") {
    return {{"host", "localhost"}, {"port", server_->port()},         {"security", "starttls"},
            {"user", user},        {"password", server_->password()}, {"from", from}};
  }
  static json body_of(const fakes::SmtpFake& fake) {
    auto made = body("anybody");
    made["port"] = fake.port();
    return made;
  }
  std::string add(const json& mailbox) {
    const auto made = client().post(kMailboxes, mailbox);
    EXPECT_EQ(made.status, 201) << made.body;
    return made.status == 201 ? made.json()["data"]["mailbox_id"] : "";
  }
  json shown(const std::string& id) {
    const auto answer = client().get(kMailboxes).json();
    for (const auto& one : answer["data"])
      if (one["mailbox_id"] == id) return one;
    return json::object();
  }
  std::size_t tickets() {
    const auto answer = client().get(kTickets);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().value("total", std::size_t{0});
  }
  // Looks in until there are so many.
  bool comes_to(const std::string& id, std::size_t count) {
    return eventually([&] {
      EXPECT_EQ(client().post(kMailboxes + "/" + id + "/check", json::object()).status, 202);
      return tickets() == count;
    });
  }
  // Is checked once more, to its end, and nothing came of it.
  void expect_no_more_than(const std::string& id, std::size_t count) {
    const auto before = shown(id)["last_checked_at"];
    // While the last check has noted its time and not ended yet, another is not queued.
    EXPECT_TRUE(eventually([&] {
      EXPECT_EQ(client().post(kMailboxes + "/" + id + "/check", json::object()).status, 202);
      return shown(id)["last_checked_at"] != before;
    }));
    EXPECT_EQ(tickets(), count);
    EXPECT_TRUE(client().get("/api/v1/inbound/refused").json()["data"].empty());
  }
  void come_back() {
    host_->start();
    host_->login(tenant_);
  }

  static std::unique_ptr<ImapServer> server_;
  static std::unique_ptr<fakes::SmtpFake> left_, right_;
  static std::unique_ptr<RunningHost> host_;
  std::string name_;
  Person tenant_;
};
std::unique_ptr<ImapServer> Imap::server_;
std::unique_ptr<fakes::SmtpFake> Imap::left_, Imap::right_;
std::unique_ptr<RunningHost> Imap::host_;

TEST_F(Imap, arrivals_become_tickets_of_the_tenant_once) {
  server_->append("anna", mail("one"));
  server_->command("anna", "STORE 1 -FLAGS.SILENT (\\Seen)");
  auto first = body("anna");
  first["port"] = server_->secure_port();
  first["security"] = "tls";
  const auto id = add(first);
  ASSERT_TRUE(comes_to(id, 1));
  const auto ticket = client().get(kTickets).json()["data"][0];
  EXPECT_EQ(ticket["customer_email"], "one@example.org");
  EXPECT_THAT(server_->command("anna", "SEARCH UNSEEN"), HasSubstr("SEARCH 1"));
  server_->append("anna", mail("two"));
  server_->append("anna", mail("one"));
  ASSERT_TRUE(comes_to(id, 2));
  expect_no_more_than(id, 2);
  EXPECT_EQ(shown(id)["last_uid"], 3);

  const auto other = host_->make_tenant("stranger");
  const auto stranger = host_->client(other);
  EXPECT_TRUE(stranger.get(kMailboxes).json()["data"].empty());
  EXPECT_EQ(stranger.get(kTickets).json()["total"], 0);
  EXPECT_EQ(stranger.post(kMailboxes + "/" + id + "/check", json::object()).status, 404);
  EXPECT_EQ(stranger.send("DELETE", kMailboxes + "/" + id, "").status, 404);
  EXPECT_EQ(host_->client().get(kMailboxes).status, 401);
  EXPECT_THAT(client().get(kMailboxes).body, Not(HasSubstr(server_->password())));
  EXPECT_EQ(client().send("DELETE", kMailboxes + "/" + id, "").status, 200);
  EXPECT_EQ(tickets(), 2u);
}

TEST_F(Imap, killed_in_the_middle_the_host_takes_in_every_mail_once) {
  constexpr std::size_t kMails = 120;
  for (std::size_t i = 0; i < kMails; ++i) server_->append("killed", mail("m" + std::to_string(i)));
  const auto id = add(body("killed"));
  for (const std::size_t enough : {1, 30, 60}) {
    ASSERT_TRUE(eventually([&] {
      client().post(kMailboxes + "/" + id + "/check", json::object());
      return shown(id)["last_uid"] >= enough;
    }));
    host_->kill();
    come_back();
  }
  ASSERT_TRUE(comes_to(id, kMails));
  expect_no_more_than(id, kMails);
}

TEST_F(Imap, numbered_anew_no_mail_is_a_second_ticket) {
  server_->append("renumbered", mail("one"));
  server_->append("renumbered", mail("two"));
  const auto id = add(body("renumbered"));
  ASSERT_TRUE(comes_to(id, 2));
  const auto before = shown(id)["uid_validity"];
  server_->renumber("renumbered");
  server_->append("renumbered", mail("three"));
  ASSERT_TRUE(comes_to(id, 3));
  EXPECT_NE(shown(id)["uid_validity"], before);
  expect_no_more_than(id, 3);
}

TEST_F(Imap, parallel_are_two_mailboxes_read) {
  const auto one = add(body_of(*left_)), other = add(body_of(*right_));
  EXPECT_TRUE(eventually([&] {
    for (const auto& id : {one, other})
      client().post(kMailboxes + "/" + id + "/check", json::object());
    return meeting().was_held();
  }));
}

// A server that says nothing of use, and a login that is wrong.
TEST_F(Imap, hindered_by_nobody_is_a_mailbox) {
  const auto useless = add(body_of(*left_));
  auto wrong = body("side");
  wrong["password"] = "another";
  wrong["folder"] = "Inbox";  // the same, under another name
  const auto refused = add(wrong);
  server_->append("side", mail("one"));
  const auto id = add(body("side"));
  ASSERT_TRUE(comes_to(id, 1));
  for (const auto& failing : {useless, refused})
    ASSERT_TRUE(eventually([&] { return !shown(failing)["last_error"].is_null(); }));
  EXPECT_THAT(shown(refused)["last_error"].get<std::string>(), HasSubstr("refuses the login"));
  EXPECT_THAT(shown(refused)["last_error"].get<std::string>(), Not(HasSubstr("another")));
  EXPECT_TRUE(shown(id)["last_error"].is_null());
  server_->append("side", mail("two"));
  EXPECT_TRUE(comes_to(id, 2));
}

TEST_F(Imap, backfill_comes_after_an_outage_of_either) {
  server_->append("outage", mail("old"));
  const auto id = add(body("outage", "now"));
  ASSERT_TRUE(eventually([&] { return shown(id)["last_uid"] == 1; }));
  host_->stop();
  for (const char* name : {"one", "two", "three"}) server_->append("outage", mail(name));
  come_back();
  ASSERT_TRUE(comes_to(id, 3));

  server_->append("outage", mail("four"));
  server_->stop();
  ASSERT_EQ(client().post(kMailboxes + "/" + id + "/check", json::object()).status, 202);
  ASSERT_TRUE(eventually([&] { return !shown(id)["last_error"].is_null(); }));
  EXPECT_THAT(shown(id)["last_error"].get<std::string>(), HasSubstr("cannot be used"));
  server_->start();
  server_->append("outage", mail("five"));
  ASSERT_TRUE(comes_to(id, 5));
  EXPECT_TRUE(eventually([&] { return shown(id)["last_error"].is_null(); }));
  expect_no_more_than(id, 5);
}

TEST_F(Imap, elsewhere_than_the_operator_allows_is_not_read) {
  auto elsewhere = body("anna");
  elsewhere["host"] = "imap.example.com";
  const auto id = add(elsewhere);
  ASSERT_TRUE(eventually([&] { return !shown(id)["last_error"].is_null(); }));
  EXPECT_THAT(shown(id)["last_error"].get<std::string>(), HasSubstr("`imap_hosts`"));
}

}  // namespace
}  // namespace serai_test
