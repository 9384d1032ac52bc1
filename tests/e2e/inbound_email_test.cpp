// Customers' mail through the real host: a provider posts it to the tenant's address; a ticket, a
// client and a quote come out, once, and what is answered is really mailed. The host is killed
// after each step on the way.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "support/smtp_server.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kTickets = "/api/v1/inbound/tickets";

// An enquiry of a customer of that name.
std::string enquiry(const std::string& name) {
  return "From: " + name + " <" + name + "@example.org>\r\nMessage-ID: <" + name +
         "@example.org>\r\nSubject: Zanzibar\r\n\r\n12 to 19 July, 2 adults and 2 kids (4 and 9), "
         "please quote.\r\n";
}

class InboundMail : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    relay_ = std::make_unique<SmtpServer>();
    fuse_ = std::make_unique<TemporaryDirectory>();
    RunningHost::Options options;
    options.plugins = {"crm", "mail", "desk", "inbound-email"};
    options.profile["listen"]["url"] = "https://api.example.com";
    options.profile["jobs"]["lease"] = "2 s";
    options.profile["outbound"] = {{"allow_private_addresses", true},
                                   {"authorities", relay_->authority()}};
    options.profile["plugins"]["enabled"] = {
        {{"id", "crm"}},
        {{"id", "mail"},
         {"settings",
          {{"transport", "smtp"},
           {"smtp_url", relay_->url()},
           {"smtp_user", relay_->user()},
           {"from_email", "desk@lagoon.example"}}}},
        {{"id", "desk"},
         {"placement", "in-process"},  // it ends the process it runs in: the host
         {"settings", {{"fuse", fuse_->path().string()}}}},
        {{"id", "inbound-email"},
         {"settings",
          {{"destinations", "Zanzibar = Stone Town"},
           {"understanding", "provider"},
           {"auto_quote", "draft"}}}}};
    host_ = std::make_unique<RunningHost>(options);
    lagoon_ = host_->make_tenant("lagoon");
    savanna_ = host_->make_tenant("savanna");
    const auto key = host_->admin().send(
        "PUT", "/api/v1/admin/tenants/lagoon/plugins/mail/secrets/smtp_password",
        json{{"value", relay_->password()}}.dump());
    ASSERT_LT(key.status, 300) << key.body;
    const auto made = host_->client(lagoon_).post("/api/v1/inbound/address", json::object());
    ASSERT_EQ(made.status, 201) << made.body;
    const auto path = [&](const char* name) {
      const std::string url = made.json()["data"][name];
      return url.substr(std::string("https://api.example.com").size());
    };
    mime_ = path("mime");
    form_ = path("form");
  }
  static void TearDownTestSuite() {
    host_.reset();
    fuse_.reset();
    relay_.reset();
  }

  static HttpClient lagoon() { return host_->client(lagoon_); }
  static json list(const std::string& path) {
    const auto answer = lagoon().get(path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? answer.json()["data"] : json::array();
  }
  // The tickets of that customer.
  static json tickets_of(const std::string& name) {
    json found = json::array();
    for (const auto& ticket : list(kTickets))
      if (ticket["customer_email"] == name + "@example.org") found.push_back(ticket);
    return found;
  }
  static Answer deliver(const std::string& raw) {
    return host_->client().send("POST", mime_, raw, {{"Content-Type", "message/rfc822"}});
  }
  static void come_back() {
    host_->start();
    host_->login(lagoon_);
  }

  static void expect_done_once(const std::string& name) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(eventually([&] { return tickets_of(name).size() == 1; }));
    EXPECT_EQ(lagoon().get("/api/v1/crm/clients?query=" + name).json()["total"], 1);
    EXPECT_EQ(deliver(enquiry(name)).json()["duplicate"], true);
  }

  static std::unique_ptr<SmtpServer> relay_;
  static std::unique_ptr<TemporaryDirectory> fuse_;
  static std::unique_ptr<RunningHost> host_;
  static Person lagoon_, savanna_;
  static std::string mime_, form_;
};
std::unique_ptr<SmtpServer> InboundMail::relay_;
std::unique_ptr<TemporaryDirectory> InboundMail::fuse_;
std::unique_ptr<RunningHost> InboundMail::host_;
Person InboundMail::lagoon_, InboundMail::savanna_;
std::string InboundMail::mime_, InboundMail::form_;

TEST_F(InboundMail, becomes_one_ticket_of_the_tenant_whose_address_it_was_sent_to) {
  const auto first = deliver(enquiry("anna"));
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(deliver(enquiry("anna")).json()["duplicate"], true);
  ASSERT_TRUE(eventually([] { return tickets_of("anna").size() == 1; }));
  const auto ticket = tickets_of("anna")[0];
  EXPECT_EQ(ticket["metadata"]["parsed_details"]["destination"], "Zanzibar");
  EXPECT_EQ(ticket["metadata"]["parsed_details"]["children_ages"], json::array({4, 9}));
  EXPECT_EQ(ticket["metadata"]["auto_quote"]["quote_number"], "QT-20260101-A1B2C3");
  const auto client = lagoon().get("/api/v1/crm/clients/anna@example.org");
  EXPECT_EQ(client.json()["data"]["client_id"], ticket["metadata"]["client"]["client_id"]);

  const std::string path = kTickets + "/" + ticket["ticket_id"].get<std::string>();
  EXPECT_EQ(host_->client(savanna_).get(kTickets).json()["total"], 0);
  EXPECT_EQ(host_->client(savanna_).get(path).status, 404);
  EXPECT_EQ(host_->client(savanna_).post(path + "/reply", {{"message", "x"}}).status, 404);
  EXPECT_EQ(host_->client().get(kTickets).status, 401);

  const auto reply = lagoon().post(path + "/reply", {{"message", "Good day Anna"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["data"]["status"], "in_progress");
  const auto sent = relay_->next();
  EXPECT_EQ(sent["to"], json::array({"anna@example.org"}));
  write_file(fuse_->path() / "sent", sent["data"].get<std::string>());
  const auto data = shell("base64 -d " + (fuse_->path() / "sent").string()).output;
  EXPECT_THAT(data, HasSubstr("In-Reply-To: <anna@example.org>"));
  EXPECT_THAT(data, HasSubstr("Re: Zanzibar [" + ticket["ticket_id"].get<std::string>() + "]"));
}

TEST_F(InboundMail, of_many_attachments_or_large_comes_in_as_a_providers_form) {
  const std::string boundary = "form-4f1c";
  const auto field = [&](const std::string& name, const std::string& value,
                         const std::string& more = "") {
    return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more +
           "\r\n\r\n" + value + "\r\n";
  };
  const auto post = [&](const std::string& body) {
    return host_->client().send("POST", form_, body + "--" + boundary + "--\r\n",
                                {{"Content-Type", "multipart/form-data; boundary=" + boundary}});
  };
  std::string many = field("from", "Bob <bob@example.org>") + field("subject", "Passports");
  for (int i = 1; i <= 200; ++i)
    many += field("attachment" + std::to_string(i), "%PDF-1.7 " + std::to_string(i),
                  "; filename=\"p" + std::to_string(i) + ".pdf\"\r\nContent-Type: application/pdf");
  ASSERT_EQ(post(many).status, 200);
  const auto raw =
      "From: carl@example.org\r\nSubject: Large\r\nContent-Type: multipart/mixed; "
      "boundary=m\r\n\r\n--m\r\n\r\nhello\r\n--m\r\nContent-Type: image/png; name=a"
      "\r\n\r\n" +
      std::string(2 << 20, 'x') + "\r\n--m--\r\n";
  const auto large = post(field("email", raw));
  ASSERT_EQ(large.status, 200) << large.body;
  ASSERT_TRUE(
      eventually([] { return tickets_of("bob").size() == 1 && tickets_of("carl").size() == 1; }));
  const auto show = [](const std::string& name) {
    const std::string id = tickets_of(name)[0]["ticket_id"];
    return lagoon().get(kTickets + "/" + id).json()["data"]["conversation"][0]["attachments"];
  };
  EXPECT_EQ(show("bob").size(), 200);
  EXPECT_EQ(show("carl")[0]["size"], 2 << 20);
}

TEST_F(InboundMail, that_was_acknowledged_survives_a_host_that_dies_at_once) {
  ASSERT_EQ(deliver(enquiry("stored")).status, 200);
  host_->kill();
  come_back();
  expect_done_once("stored");
}

// Whatever step the host dies after: one ticket, one client, one quote, one notification.
TEST_F(InboundMail, survives_a_host_that_dies_after_any_step) {
  const auto before = list("/api/v1/desk/calls").size();
  const std::vector<std::string> steps{"understood", "quoted", "notified", "opened"};
  for (const auto& step : steps) {
    SCOPED_TRACE(step);
    write_file(fuse_->path() / step, "");
    // The job may be so quick that the host dies before its answer is out: then there is none.
    EXPECT_THAT(deliver(enquiry(step)).status, testing::AnyOf(200, 0));
    EXPECT_EQ(host_->process().wait(), -SIGKILL);
    EXPECT_FALSE(std::filesystem::exists(fuse_->path() / step));
    come_back();
  }
  for (const auto& step : steps) expect_done_once(step);
  EXPECT_EQ(list("/api/v1/desk/calls").size(), before + 2 * steps.size());
  EXPECT_TRUE(list("/api/v1/inbound/refused").empty());
}

}  // namespace
}  // namespace serai_test
