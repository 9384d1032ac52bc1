// Mail that arrives at the host itself: handed over by other people's clients over LMTP and SMTP,
// it becomes a ticket of the tenant that the envelope names, once, and of nobody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "e2e/running_host.hpp"
#include "fakes/post_signer.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kTickets = "/api/v1/inbound/tickets";
const std::string kAdmin = "/api/v1/admin/mail-in";

// An enquiry of a customer of that name.
std::string enquiry(const std::string& name, const std::string& more = "") {
  return "From: " + name + " <" + name + "@example.org>\r\nMessage-ID: <" + name +
         "@example.org>\r\nSubject: Zanzibar\r\n" + more +
         "\r\n12 to 19 July, 2 adults, please quote.\r\n.\r\nRegards\r\n";
}

class MailIn : public testing::Test {
 protected:
  static json profile_of(const std::string& listen, const std::string& protocol) {
    json profile = test_profile();
    profile["mail_in"] = {{"listen", listen},
                          {"protocol", protocol},
                          {"domains", {"mail.serai.example"}},
                          {"message_size", "1 MiB"},
                          {"inbox_messages", 5}};
    profile["jobs"]["lease"] = "2 s";
    profile["plugins"]["enabled"] = {
        {{"id", "inbound-email"}, {"settings", {{"destinations", "Zanzibar = Stone Town"}}}}};
    return profile;
  }
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryDirectory>();
    socket_ = (folder_->path() / "mail.sock").string();
    RunningHost::Options options;
    options.plugins = {"inbound-email"};
    options.profile = profile_of("unix:" + socket_, "lmtp");
    host_ = std::make_unique<RunningHost>(options);
    lagoon_ = host_->make_tenant("lagoon");
    savanna_ = host_->make_tenant("savanna");
  }
  static void TearDownTestSuite() {
    host_.reset();
    folder_.reset();
  }

  // Null: the connection broke.
  static json send(const std::string& message, const std::vector<std::string>& recipients,
                   const std::string& protocol = "lmtp", const std::string& where = socket_) {
    const auto file = folder_->path() / "message";
    write_file(file, message);
    std::string command = "python3 " SERAI_SOURCE_DIRECTORY "/tests/e2e/mail_in_send.py " +
                          protocol + " " + where + " customer@example.org";
    for (const auto& recipient : recipients) command += " '" + recipient + "'";
    // The shell closes what is read: the file comes behind.
    const auto result = shell("sh -c \"exec " + command + " < " + file.string() + "\"");
    if (result.status == 3) return nullptr;
    EXPECT_EQ(result.status, 0) << result.output;
    return json::parse(result.output);
  }
  static int code(const json& said) { return said["data"].at(0).at(0); }

  static json list(const Person& person, const std::string& path) {
    const auto answer = host_->client(person).get(path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? answer.json()["data"] : json::array();
  }
  static json tickets_of(const Person& person, const std::string& name) {
    json found = json::array();
    for (const auto& ticket : list(person, kTickets))
      if (ticket["customer_email"] == name + "@example.org") found.push_back(ticket);
    return found;
  }
  static void expect_one_ticket(const Person& person, const std::string& name) {
    EXPECT_TRUE(eventually([&] { return tickets_of(person, name).size() == 1; })) << name;
  }
  static json admin(const std::string& path) {
    const auto answer = host_->admin().get(kAdmin + path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json()["data"];
  }
  static void come_back() {
    host_->start();
    host_->login(lagoon_);
    host_->login(savanna_);
  }

  static std::unique_ptr<TemporaryDirectory> folder_;
  static std::unique_ptr<RunningHost> host_;
  static Person lagoon_, savanna_;
  static std::string socket_;
};
std::unique_ptr<TemporaryDirectory> MailIn::folder_;
std::unique_ptr<RunningHost> MailIn::host_;
Person MailIn::lagoon_, MailIn::savanna_;
std::string MailIn::socket_;

TEST_F(MailIn, becomes_a_ticket_of_the_tenant_it_was_sent_to_and_of_no_other) {
  const auto said = send(enquiry("anna"), {"sales+lagoon@mail.serai.example"});
  EXPECT_EQ(code(said), 250) << said;
  expect_one_ticket(lagoon_, "anna");
  const auto ticket = tickets_of(lagoon_, "anna").at(0);
  EXPECT_EQ(ticket["metadata"]["parsed_details"]["destination"], "Zanzibar");
  EXPECT_THAT(ticket["message"].get<std::string>(), HasSubstr("please quote.\n.\nRegards"));
  EXPECT_EQ(tickets_of(savanna_, "anna").size(), 0);
  // The same mail again is acknowledged, and is one ticket.
  EXPECT_EQ(code(send(enquiry("anna"), {"lagoon@mail.serai.example"})), 250);
  // Both of them get one that is for both.
  const auto both = send(enquiry("beth"), {"lagoon@mail.serai.example", "elsewhere@example.org",
                                           "SAVANNA@mail.serai.example"});
  EXPECT_EQ(both["to"]["elsewhere@example.org"].at(0), 550);
  ASSERT_EQ(both["data"].size(), 2);
  EXPECT_EQ(both["data"].at(1).at(0), 250);
  expect_one_ticket(lagoon_, "beth");
  expect_one_ticket(savanna_, "beth");
  EXPECT_EQ(tickets_of(lagoon_, "anna").size(), 1);
}

TEST_F(MailIn, for_nobody_goes_to_the_platforms_inbox_and_from_there_where_it_belongs) {
  const auto before = admin("/inbox").size();
  // Whoever asks learns nothing: an id that nobody has is answered like one's own.
  const auto nobody = send(enquiry("carl"), {"nobody@mail.serai.example"});
  const auto somebody = send(enquiry("carl2"), {"savanna@mail.serai.example"});
  EXPECT_EQ(nobody["to"]["nobody@mail.serai.example"],
            somebody["to"]["savanna@mail.serai.example"]);
  EXPECT_EQ(code(nobody), 250);
  const auto inbox = admin("/inbox");
  ASSERT_EQ(inbox.size(), before + 1);
  EXPECT_EQ(inbox.at(0)["to"], json::array({"nobody@mail.serai.example"}));
  EXPECT_EQ(inbox.at(0)["subject"], "Zanzibar");
  const std::string path = "/inbox/" + inbox.at(0)["id"].get<std::string>();
  EXPECT_THAT(admin(path)["content"].get<std::string>(), HasSubstr("carl@example.org"));
  for (const auto& route :
       {std::string("/inbox"), path, std::string("/status"),
        std::string("/lookup?address=a@b.example"), std::string("/addresses")}) {
    EXPECT_EQ(host_->client(lagoon_).get(kAdmin + route).status, 401) << route;
    EXPECT_EQ(host_->client().get(kAdmin + route).status, 401) << route;
  }
  EXPECT_EQ(
      host_->client(lagoon_).post(kAdmin + path + "/deliver", {{"tenant_id", "lagoon"}}).status,
      401);
  EXPECT_EQ(host_->admin().post(kAdmin + path + "/deliver", {{"tenant_id", "nobody"}}).status, 404);
  const auto given = host_->admin().post(kAdmin + path + "/deliver", {{"tenant_id", "lagoon"}});
  EXPECT_EQ(given.status, 200) << given.body;
  EXPECT_EQ(given.json()["data"]["result"], "stored");
  expect_one_ticket(lagoon_, "carl");
  EXPECT_EQ(tickets_of(savanna_, "carl").size(), 0);
  EXPECT_EQ(host_->admin().get(kAdmin + path).status, 404);
  EXPECT_EQ(admin("/inbox").size(), before);
}

TEST_F(MailIn, comes_to_an_address_of_the_tenants_own_that_the_administrator_gave_it) {
  EXPECT_EQ(send(enquiry("dora"), {"desk@lagoon.example"})["to"]["desk@lagoon.example"].at(0), 550);
  const auto assign = [](const std::string& tenant) {
    return host_->admin()
        .send("PUT", kAdmin + "/addresses/Desk@lagoon.example", json{{"tenant_id", tenant}}.dump())
        .status;
  };
  EXPECT_EQ(assign("nobody"), 404);
  EXPECT_EQ(assign("lagoon"), 201);
  EXPECT_EQ(assign("lagoon"), 200);
  EXPECT_EQ(assign("savanna"), 409);
  EXPECT_EQ(code(send(enquiry("dora"), {"desk@lagoon.example"})), 250);
  expect_one_ticket(lagoon_, "dora");
  const auto found = admin("/lookup?address=desk%40lagoon.example");
  EXPECT_EQ(found["tenant_id"], "lagoon");
  EXPECT_EQ(found["strategy"], "address");
  EXPECT_EQ(admin("/addresses").at(0)["address"], "desk@lagoon.example");
  EXPECT_EQ(host_->admin().send("DELETE", kAdmin + "/addresses/desk@lagoon.example", "").status,
            200);
  EXPECT_EQ(send(enquiry("dora"), {"desk@lagoon.example"})["to"]["desk@lagoon.example"].at(0), 550);
  const auto audit = host_->admin().get("/api/v1/admin/audit?limit=50").body;
  for (const auto* action : {"mail_in.address.assign", "mail_in.address.remove"})
    EXPECT_THAT(audit, HasSubstr(action));
}

TEST_F(MailIn, is_refused_for_now_or_for_good_as_the_case_is) {
  const auto to = [](const json& said) { return said["to"].begin().value().at(0); };
  // A tenant that is suspended, or has the plugin off.
  ASSERT_EQ(host_->admin()
                .post("/api/v1/admin/tenants/savanna/suspend", {{"reason", "unpaid bills"}})
                .status,
            200);
  EXPECT_EQ(to(send(enquiry("emil"), {"savanna@mail.serai.example"})), 450);
  EXPECT_EQ(host_->admin().post("/api/v1/admin/tenants/savanna/activate", json::object()).status,
            200);
  ASSERT_EQ(
      host_->admin().post("/api/v1/admin/plugins/inbound-email/disable", json::object()).status,
      200);
  EXPECT_EQ(code(send(enquiry("emil"), {"savanna@mail.serai.example"})), 451);
  ASSERT_EQ(
      host_->admin().post("/api/v1/admin/plugins/inbound-email/enable", json::object()).status,
      200);
  EXPECT_EQ(code(send(enquiry("emil"), {"savanna@mail.serai.example"})), 250);
  expect_one_ticket(savanna_, "emil");
  // Too large, said before and found out.
  EXPECT_EQ(code(send(enquiry("fred") + std::string(2 << 20, 'x'), {"lagoon@mail.serai.example"})),
            552);
  EXPECT_EQ(tickets_of(lagoon_, "fred").size(), 0);
  // An inbox that is full loses nothing.
  int last = 250;
  for (int i = 0; last == 250 && i < 10; ++i)
    last = code(send(enquiry("full" + std::to_string(i)), {"nobody@mail.serai.example"}));
  EXPECT_EQ(last, 452);
  EXPECT_EQ(admin("/status")["inbox"]["messages"], 5);
  for (const auto& entry : admin("/inbox"))
    EXPECT_EQ(host_->admin()
                  .send("DELETE", kAdmin + "/inbox/" + entry["id"].get<std::string>(), "")
                  .status,
              200);
  EXPECT_EQ(code(send(enquiry("full0"), {"nobody@mail.serai.example"})), 250);
  EXPECT_THAT(host_->management().get("/metrics").body,
              testing::AllOf(HasSubstr("serai_mail_in_total{result=\"stored\"}"),
                             HasSubstr("serai_mail_in_total{result=\"not_ours\"}"),
                             HasSubstr("serai_mail_in_total{result=\"full\"}")));
}

// The client has said everything and hears nothing: the host died after it had stored the mail.
TEST_F(MailIn, that_was_stored_but_not_acknowledged_is_one_ticket_when_it_comes_again) {
  const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  std::string text = enquiry("gina");
  text.replace(text.find("\r\n.\r\n"), 5, "\r\n..\r\n");
  const std::string all =
      "LHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<lagoon@mail.serai.example>\r\n"
      "DATA\r\n" +
      text + ".\r\n";
  ASSERT_EQ(::send(client, all.data(), all.size(), MSG_NOSIGNAL), static_cast<ssize_t>(all.size()));
  expect_one_ticket(lagoon_, "gina");
  host_->kill();
  ::close(client);
  EXPECT_EQ(send(enquiry("gina"), {"lagoon@mail.serai.example"}, "lmtp"), nullptr);
  come_back();
  EXPECT_EQ(code(send(enquiry("gina"), {"lagoon@mail.serai.example"})), 250);
  EXPECT_EQ(code(send(enquiry("hans"), {"lagoon@mail.serai.example"})), 250);
  expect_one_ticket(lagoon_, "hans");
  EXPECT_EQ(tickets_of(lagoon_, "gina").size(), 1);
}

TEST_F(MailIn, that_a_provider_posts_for_the_platform_goes_where_its_envelope_says) {
  RunningHost::Options options;
  options.plugins = {"inbound-email"};
  options.profile = profile_of("", "lmtp");
  options.profile["mail_in"]["webhook"] = true;
  const auto secret = new_password() + new_password();
  options.environment = {{"SERAI_MAIL_IN_SECRET", secret}};
  RunningHost host(options);
  const auto reef = host.make_tenant("reef"), dune = host.make_tenant("dune");
  const auto post = [&](const std::string& fields, const std::string& password,
                        const std::string& path = "/webhooks/email/inbound") {
    const auto result = shell("curl -sS -w '\n%{http_code}' -u mail:" + password + " " + fields +
                              " " + host.client().base_url() + path);
    const auto end = result.output.rfind('\n');
    return Answer{std::stoi(result.output.substr(end + 1)), {}, result.output.substr(0, end)};
  };
  const auto envelope = [](const std::string& to) {
    return "-F 'envelope={\"from\":\"kate@example.org\",\"to\":[\"" + to +
           "\"]}' -F to=dune@mail.serai.example ";
  };
  const std::string fields =
      "-F 'from=Kate <kate@example.org>' -F subject=Zanzibar -F 'text=2 adults, 12 to 19 July' ";
  for (const auto& wrong : {std::string("wrong"), std::string(), secret + "x"})
    EXPECT_EQ(post(envelope("reef@mail.serai.example") + fields, wrong).status, 401);
  const auto stored = post(envelope("reef@mail.serai.example") + fields, secret);
  ASSERT_EQ(stored.status, 200) << stored.body;
  EXPECT_EQ(stored.json()["success"], true);
  EXPECT_EQ(stored.json()["tenant_id"], "reef");
  EXPECT_EQ(stored.json()["resolution_strategy"], "local_part");
  EXPECT_TRUE(eventually([&] { return host.client(reef).get(kTickets).json()["total"] == 1; }));
  const auto file = host.directory() / "message";
  write_file(file, enquiry("lars"));
  const auto raw =
      post("-F 'email=<" + file.string() + "' --form-string 'to=\"x\" <a+dune@mail.serai.example>'",
           secret, "/api/webhooks/sendgrid-inbound");
  EXPECT_EQ(raw.json()["tenant_id"], "dune");
  EXPECT_TRUE(eventually([&] { return host.client(dune).get(kTickets).json()["total"] == 1; }));
  // Nobody's: acknowledged, kept as it came, and a ticket when somebody is found.
  const auto unknown = post(envelope("who@mail.serai.example") + fields, secret);
  EXPECT_EQ(unknown.status, 200);
  EXPECT_EQ(unknown.json()["success"], false);
  EXPECT_FALSE(unknown.json().contains("tenant_id"));
  const auto kept = host.admin().get(kAdmin + "/inbox").json()["data"];
  ASSERT_EQ(kept.size(), 1);
  EXPECT_EQ(kept.at(0)["to"], json::array({"who@mail.serai.example"}));
  EXPECT_EQ(host.admin()
                .post(kAdmin + "/inbox/" + kept.at(0)["id"].get<std::string>() + "/deliver",
                      {{"tenant_id", "dune"}})
                .status,
            200);
  EXPECT_TRUE(eventually([&] { return host.client(dune).get(kTickets).json()["total"] == 2; }));
  EXPECT_EQ(host.client(reef).get(kTickets).json()["total"], 1);
  EXPECT_EQ(post("-F text=x", secret).status, 422);
  // Not stored: to be posted again.
  ASSERT_EQ(host.admin().post("/api/v1/admin/plugins/inbound-email/disable", json::object()).status,
            200);
  EXPECT_EQ(post(envelope("reef@mail.serai.example") + fields, secret).status, 503);
  // Where the profile does not want it, nobody is there.
  EXPECT_EQ(host_->client().send("POST", "/webhooks/email/inbound", "x").status, 404);
}

// The travel contract's paths for the administrator.
TEST_F(MailIn, that_does_not_arrive_is_explained_to_the_administrator_alone) {
  const std::string contract = "/webhooks/email";
  const auto told = [&](const std::string& path) {
    const auto answer = host_->admin().get(contract + path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  };
  const auto status = told("/status");
  EXPECT_EQ(status["success"], true);
  EXPECT_EQ(status["known_tenants"], 2);
  EXPECT_EQ(status["domains"], json::array({"mail.serai.example"}));
  EXPECT_EQ(status["strategies"], json::array({"address", "local_part", "plus"}));
  EXPECT_EQ(status["inbox"], admin("/status")["inbox"]);
  EXPECT_EQ(status["endpoints"], json::array());

  const auto found = told("/lookup/Savanna@mail.serai.example");
  EXPECT_EQ(found["found"], true);
  EXPECT_EQ(found["tenant_id"], "savanna");
  EXPECT_EQ(found["strategy"], "local_part");
  EXPECT_EQ(found["matched_email"], "savanna@mail.serai.example");
  EXPECT_EQ(found["suggestion"], nullptr);
  EXPECT_EQ(admin("/lookup?address=savanna@mail.serai.example")["tenant_id"], "savanna");
  const auto unknown = told("/lookup/who%40mail.serai.example");
  EXPECT_EQ(unknown["found"], false);
  EXPECT_FALSE(unknown.contains("tenant_id"));
  EXPECT_THAT(unknown["suggestion"].get<std::string>(), HasSubstr("who@mail.serai.example"));
  EXPECT_EQ(host_->admin().get(contract + "/lookup/nothing").status, 422);

  const auto before = admin("/status");
  ASSERT_EQ(host_->admin()
                .send("PUT", kAdmin + "/addresses/desk@savanna.example",
                      json{{"tenant_id", "savanna"}}.dump())
                .status,
            201);
  ASSERT_EQ(host_->admin()
                .post("/api/v1/admin/tenants/savanna/suspend", {{"reason", "unpaid bills"}})
                .status,
            200);
  const auto diagnosis = told("/diagnose");
  EXPECT_EQ(diagnosis["total"], 2);
  EXPECT_EQ(diagnosis["next"], nullptr);
  EXPECT_EQ(diagnosis["plugin"], "inbound-email");
  EXPECT_THAT(diagnosis["listening"].get<std::string>(), StartsWith("lmtp unix:"));
  EXPECT_EQ(diagnosis["webhook"], json({{"on", false}, {"secret", false}, {"key", false}}));
  for (const auto* fact : {"domains", "strategies", "unknown", "listening", "webhook"})
    EXPECT_EQ(diagnosis.at(fact), status.at(fact)) << fact;
  EXPECT_EQ(diagnosis["faults"], json::array());
  EXPECT_EQ(diagnosis["tenants"][0]["tenant_id"], "lagoon");
  EXPECT_EQ(diagnosis["tenants"][0]["faults"], json::array());
  EXPECT_EQ(diagnosis["tenants"][1]["addresses"], json::array({"desk@savanna.example"}));
  EXPECT_EQ(diagnosis["tenants"][1]["status"], "suspended");
  EXPECT_THAT(diagnosis["tenants"][1]["faults"].dump(), HasSubstr("desk@savanna.example"));
  const auto first = told("/diagnose?limit=1");
  EXPECT_EQ(first["count"], 1);
  EXPECT_EQ(first["next"], "lagoon");
  EXPECT_EQ(told("/diagnose?limit=1&after=lagoon")["tenants"][0]["tenant_id"], "savanna");
  EXPECT_EQ(host_->admin().get(kAdmin + "/diagnose?limit=1").json(), first);

  // What a provider would post: nothing of it stays.
  const std::string form =
      "--xYzZy\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\nPeggy <p@example.org>\r\n"
      "--xYzZy\r\nContent-Disposition: form-data; name=\"envelope\"\r\n\r\n"
      R"({"from": "p@example.org", "to": ["lagoon@mail.serai.example", "desk@savanna.example",)"
      R"( "who@mail.serai.example"]})"
      "\r\n--xYzZy\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nOf the customer's own."
      "\r\n--xYzZy--\r\n";
  const HttpClient::Headers type = {{"Content-Type", "multipart/form-data; boundary=xYzZy"}};
  const auto debugged = host_->admin().send("POST", contract + "/debug", form, type);
  ASSERT_EQ(debugged.status, 200) << debugged.body;
  const auto seen = debugged.json();
  EXPECT_EQ(seen["fields"].size(), 3);
  EXPECT_EQ(seen["fields"][0]["value"], "Peggy <p@example.org>");
  EXPECT_EQ(seen["fields"][2]["size"], 22);
  EXPECT_EQ(debugged.body.find("customer's own"), std::string::npos);
  EXPECT_EQ(seen["recipients"][0]["fate"], "tenant");
  EXPECT_EQ(seen["recipients"][0]["tenant_id"], "lagoon");
  EXPECT_EQ(seen["recipients"][1]["fate"], "later");
  EXPECT_EQ(seen["recipients"][1]["strategy"], "address");
  EXPECT_EQ(seen["recipients"][2]["fate"], "inbox");
  const auto no_mail = host_->admin().send(
      "POST", contract + "/debug",
      "--xYzZy\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nx\r\n--xYzZy--\r\n", type);
  EXPECT_EQ(no_mail.status, 200) << no_mail.body;
  EXPECT_THAT(no_mail.json()["faults"].dump(), HasSubstr("/from"));
  EXPECT_EQ(host_->admin().post(contract + "/debug", json::object()).status, 415);
  EXPECT_EQ(admin("/status")["inbox"], before["inbox"]);
  EXPECT_EQ(host_->admin().post("/api/v1/admin/tenants/savanna/activate", json::object()).status,
            200);
  EXPECT_EQ(tickets_of(lagoon_, "p").size(), 0);
  EXPECT_EQ(list(lagoon_, "/api/v1/inbound/refused").dump().find("p@example.org"),
            std::string::npos);
  EXPECT_EQ(host_->admin().send("DELETE", kAdmin + "/addresses/desk@savanna.example", "").status,
            200);

  for (const auto& path :
       {"/status", "/lookup/a@b.example", "/diagnose", "/lookup/savanna@mail.serai.example"})
    for (const auto& client : {host_->client(), host_->client(lagoon_)})
      EXPECT_EQ(client.get(contract + path).status, 401) << path;
  for (const auto& client : {host_->client(), host_->client(lagoon_)})
    EXPECT_EQ(client.send("POST", contract + "/debug", form, type).status, 401);
  const auto audit = host_->admin().get("/api/v1/admin/audit?limit=50").body;
  for (const auto* action : {"mail_in.diagnose", "mail_in.debug"})
    EXPECT_THAT(audit, HasSubstr(action));
}

TEST_F(MailIn, that_a_provider_signs_needs_no_password) {
  const fakes::PostSigner provider, stranger;
  RunningHost::Options options;
  options.plugins = {"inbound-email"};
  options.profile = profile_of("", "lmtp");
  options.profile["mail_in"]["webhook"] = true;
  options.profile["mail_in"]["webhook_key"] = provider.public_key();
  const std::string type = "multipart/form-data; boundary=xYzZy";
  const auto form = [](const std::string& name) {
    std::string body;
    for (const auto& [field, value] :
         {std::pair<std::string, std::string>{"to", "reef@mail.serai.example"},
          {"from", name + "@example.org"},
          {"subject", "Zanzibar"},
          {"text", "2 adults, 12 to 19 July"}})
      body += "--xYzZy\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + value +
              "\r\n";
    return body + "--xYzZy--\r\n";
  };
  const auto post = [&](RunningHost& host, const std::string& body, const json& more,
                        const std::string& path = "/webhooks/email/inbound") {
    HttpClient::Headers headers = {{"Content-Type", type}};
    for (const auto& [name, value] : more.items()) headers.emplace_back(name, value);
    const auto answer = host.client().send("POST", path, body, headers);
    return answer.status == 200
               ? answer.json()["tenant_id"].get<std::string>()
               : std::to_string(answer.status) + " " + answer.json()["code"].get<std::string>();
  };
  const auto signed_by = [&](const fakes::PostSigner& signer, const std::string& body) {
    json headers = json::object();
    for (const auto& [name, value] : signer.headers(body, type))
      if (name != "Content-Type") headers[name] = value;
    return headers;
  };
  const auto body = form("nora");
  {
    RunningHost host(options);
    const auto reef = host.make_tenant("reef");
    const auto checked = host.run({"check"});
    EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
    EXPECT_EQ(post(host, body, json::object()), "401 bad_signature");
    EXPECT_EQ(post(host, body, signed_by(stranger, body)), "401 bad_signature");
    EXPECT_EQ(post(host, form("olga"), signed_by(provider, body)), "401 bad_signature");
    EXPECT_EQ(host.client(reef).get(kTickets).json()["total"], 0);
    EXPECT_EQ(host.admin().get(kAdmin + "/status").json()["data"]["inbox"]["messages"], 0);
    EXPECT_EQ(post(host, body, signed_by(provider, body)), "reef");
    EXPECT_EQ(post(host, body, signed_by(provider, body), "/api/webhooks/sendgrid-inbound"),
              "reef");
    EXPECT_TRUE(eventually([&] { return host.client(reef).get(kTickets).json()["total"] == 1; }));
  }
  // With both, both are needed.
  const auto secret = new_password() + new_password();
  options.environment = {{"SERAI_MAIL_IN_SECRET", secret}};
  RunningHost host(options);
  host.make_tenant("reef");
  const auto plain = host.directory() / "plain";
  write_file(plain, "mail:" + secret);
  auto with_password = signed_by(provider, body);
  auto encoded = shell("base64 -w0 " + plain.string()).output;
  with_password["Authorization"] = "Basic " + encoded;
  EXPECT_EQ(post(host, body, signed_by(provider, body)), "401 wrong_secret");
  EXPECT_EQ(post(host, body, {{"Authorization", "Basic " + encoded}}), "401 bad_signature");
  EXPECT_EQ(post(host, body, with_password), "reef");
  // What is no such key is said before anything starts.
  auto profile = json::parse(read_file(host.profile()));
  profile["mail_in"]["webhook_key"] = fakes::PostSigner("RSA").public_key();
  write_file(host.profile(), profile.dump());
  const auto checked = host.run({"check"});
  EXPECT_EQ(checked.status, 1);
  EXPECT_THAT(checked.out + checked.err, HasSubstr("mail_in.webhook_key"));
}

TEST_F(MailIn, comes_over_smtp_from_curl_and_from_python) {
  RunningHost::Options options;
  options.plugins = {"inbound-email"};
  options.profile = profile_of("127.0.0.1:0", "smtp");
  RunningHost host(options);
  const auto reef = host.make_tenant("reef");
  const std::string url =
      json::parse(read_file(host.data() / "serve.json")).at("mail_url").get<std::string>();
  ASSERT_THAT(url, StartsWith("smtp://127.0.0.1:"));
  const auto file = host.directory() / "message";
  write_file(file, enquiry("ines", "X-Padding: " + std::string(900, 'x') + "\r\n"));
  const auto curl = shell("curl -sS " + url + " --mail-from ines@example.org --mail-rcpt " +
                          "reef@mail.serai.example --upload-file " + file.string());
  EXPECT_EQ(curl.status, 0) << curl.output;
  const auto relayed = shell("curl -sS " + url + " --mail-from ines@example.org --mail-rcpt " +
                             "someone@example.com --upload-file " + file.string());
  EXPECT_EQ(relayed.status, 55) << relayed.output;  // the server did not take it
  EXPECT_THAT(relayed.output, HasSubstr("550"));
  const auto said = send(enquiry("jean"), {"a+reef@mail.serai.example"}, "smtp",
                         url.substr(std::string("smtp://").size()));
  EXPECT_EQ(code(said), 250);
  EXPECT_TRUE(eventually([&] { return host.client(reef).get(kTickets).json()["total"] == 2; }));
  const auto checked = host.run({"check"});
  EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
}

}  // namespace
}  // namespace serai_test
