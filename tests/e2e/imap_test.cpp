// Tenants' mailboxes on a real mail server, read by the real host: what arrives becomes a ticket,
// once, whatever becomes of host, server and numbers.
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

// A server that takes connections and says nothing.
std::optional<std::string> silence(const std::string&) { return std::nullopt; }

std::string mail(const std::string& name) {
  return "From: " + name + " <" + name + "@example.org>\r\nMessage-ID: <" + name +
         "@example.org>\r\nSubject: Zanzibar\r\n\r\n2 adults, please quote.\r\n";
}

class Imap : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<ImapServer>();
    silent_ = std::make_unique<fakes::SmtpFake>(silence);
    RunningHost::Options options;
    options.plugins = {"inbound-email"};
    options.profile["jobs"]["lease"] = "2 s";
    options.profile["outbound"] = {{"allow_private_addresses", true},
                                   {"authorities", server_->authority()}};
    const auto at = [](int port) { return "localhost:" + std::to_string(port); };
    options.profile["plugins"]["enabled"] = {
        {{"id", "inbound-email"},
         {"settings",
          {{"imap_hosts", at(server_->port()) + ", " + at(server_->secure_port()) +
                              ", 127.0.0.1:" + std::to_string(silent_->port())}}}}};
    host_ = std::make_unique<RunningHost>(options);
  }
  static void TearDownTestSuite() {
    host_.reset();
    silent_.reset();
    server_.reset();
  }
  void SetUp() override {
    // A tenant and a mailbox of this test's own.
    name_ = testing::UnitTest::GetInstance()->current_test_info()->name();
    name_ = name_.substr(0, name_.find('_'));
    tenant_ = host_->make_tenant(name_);
  }

  HttpClient client() { return host_->client(tenant_); }
  static json body(const std::string& user, const std::string& from = "start") {
    return {{"host", "localhost"}, {"port", server_->port()},         {"security", "starttls"},
            {"user", user},        {"password", server_->password()}, {"from", from}};
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
    EXPECT_EQ(client().post(kMailboxes + "/" + id + "/check", json::object()).status, 202);
    EXPECT_TRUE(eventually([&] { return shown(id)["last_checked_at"] != before; }));
    EXPECT_EQ(tickets(), count);
    EXPECT_TRUE(client().get("/api/v1/inbound/refused").json()["data"].empty());
  }
  void come_back() {
    host_->start();
    host_->login(tenant_);
  }

  static std::unique_ptr<ImapServer> server_;
  static std::unique_ptr<fakes::SmtpFake> silent_;
  static std::unique_ptr<RunningHost> host_;
  std::string name_;
  Person tenant_;
};
std::unique_ptr<ImapServer> Imap::server_;
std::unique_ptr<fakes::SmtpFake> Imap::silent_;
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
    ASSERT_TRUE(eventually([&] { return shown(id)["last_uid"] >= enough; }));
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

// Three mailboxes at once: one server never says a word, one login is wrong.
TEST_F(Imap, hindered_by_nobody_are_mailboxes_side_by_side) {
  auto silent = body("anybody");
  silent["host"] = "127.0.0.1";
  silent["port"] = silent_->port();
  const auto waiting = add(silent);
  auto wrong = body("side");
  wrong["password"] = "another";
  wrong["folder"] = "Inbox";  // the same, under another name
  const auto refused = add(wrong);
  server_->append("side", mail("one"));
  const auto id = add(body("side"));
  ASSERT_TRUE(comes_to(id, 1));
  EXPECT_TRUE(shown(waiting)["last_checked_at"].is_null()) << "it waits still";
  ASSERT_TRUE(eventually([&] { return !shown(refused)["last_error"].is_null(); }));
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
