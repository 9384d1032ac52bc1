// Posts that the manifest wants signed, over HTTP: what passes with the tenant's key, and that
// nothing else leaves a trace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"
#include "fakes/post_signer.hpp"

namespace serai_test {
namespace {

using fakes::PostSigner;
using nlohmann::json;
using testing::HasSubstr;

const std::string kForm = "multipart/form-data; boundary=xYzZy";

// SendGrid's form of a mail of a customer of that name.
std::string form(const std::string& name, const std::string& attachment = "") {
  std::string body;
  const auto add = [&](const std::string& head, const std::string& value) {
    body += "--xYzZy\r\nContent-Disposition: form-data; name=" + head + "\r\n\r\n" + value + "\r\n";
  };
  add("\"headers\"", "From: " + name + " <" + name + "@example.org>\r\nMessage-ID: <" + name +
                         "@example.org>\r\nSubject: Zanzibar");
  add("\"from\"", name + " <" + name + "@example.org>");
  add("\"subject\"", "Zanzibar");
  add("\"text\"", "12 to 19 July, 2 adults, please quote.");
  if (!attachment.empty()) add("\"attachment1\"; filename=\"plan.pdf\"", attachment);
  return body + "--xYzZy--\r\n";
}

class SignedPosts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RunningHost::Options options;
    options.plugins = {"inbound-email", "mail"};
    options.profile["listen"]["url"] = "https://api.example.com";
    host_ = std::make_unique<RunningHost>(options);
    lagoon_ = host_->make_tenant("lagoon");
    savanna_ = host_->make_tenant("savanna");
  }
  static void TearDownTestSuite() { host_.reset(); }

  static std::string path_of(const std::string& url) {
    return url.substr(std::string("https://api.example.com").size());
  }
  static json address(const Person& person) {
    return host_->client(person).post("/api/v1/inbound/address", json::object()).json()["data"];
  }
  static void set(const std::string& tenant, const std::string& plugin, const json& settings) {
    const auto answer =
        host_->admin().send("PUT", "/api/v1/admin/tenants/" + tenant + "/plugins/" + plugin,
                            json{{"settings", settings}}.dump());
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  static void set_key(const std::string& tenant, const std::string& key) {
    set(tenant, "inbound-email", {{"sendgrid_inbound_key", key}});
  }
  static Answer post(const std::string& path, const std::string& body,
                     const PostSigner::Headers& headers) {
    return host_->client().send("POST", path, body, headers);
  }
  static std::string outcome(const std::string& path, const std::string& body,
                             const PostSigner::Headers& headers) {
    const auto answer = post(path, body, headers);
    return answer.status < 300
               ? "taken"
               : std::to_string(answer.status) + " " + answer.json()["code"].get<std::string>();
  }
  // How many mails the tenant has or had, and how many were refused.
  static int stored(const Person& person) {
    const auto client = host_->client(person);
    return client.get("/api/v1/inbound/tickets").json()["total"].get<int>() +
           static_cast<int>(client.get("/api/v1/inbound/refused").json()["data"].size());
  }
  static bool has_ticket_of(const Person& person, const std::string& name) {
    const auto tickets = host_->client(person).get("/api/v1/inbound/tickets?limit=100").json();
    for (const auto& ticket : tickets["data"])
      if (ticket["customer_email"] == name + "@example.org") return true;
    return false;
  }

  static std::unique_ptr<RunningHost> host_;
  static Person lagoon_, savanna_;
};
std::unique_ptr<RunningHost> SignedPosts::host_;
Person SignedPosts::lagoon_, SignedPosts::savanna_;

TEST_F(SignedPosts, of_mail_pass_with_the_tenants_key_alone) {
  const PostSigner ours, stranger;
  const auto path = path_of(address(lagoon_)["form"]), theirs = path_of(address(savanna_)["form"]);
  EXPECT_EQ(outcome(path, form("anna"), {{"Content-Type", kForm}}), "taken") << "no key: the link";
  EXPECT_TRUE(eventually([] { return has_ticket_of(lagoon_, "anna"); }));
  set_key("lagoon", ours.public_key());
  const int before = stored(lagoon_);
  const auto body = form("beth");
  const auto good = ours.headers(body, kForm);
  EXPECT_EQ(outcome(path, body, {{"Content-Type", kForm}}), "401 bad_signature");
  auto changed = body;
  changed[changed.find("2 adults")] = '3';
  EXPECT_EQ(outcome(path, changed, good), "401 bad_signature");
  EXPECT_EQ(outcome(path, body + "\r\n", good), "401 bad_signature");
  auto later = good;
  later[2].second = "1700000001";
  EXPECT_EQ(outcome(path, body, later), "401 bad_signature");
  EXPECT_EQ(outcome(path, body, {good[0], good[1]}), "401 bad_signature") << "no timestamp";
  EXPECT_EQ(outcome(path, body, stranger.headers(body, kForm)), "401 bad_signature");
  EXPECT_EQ(outcome(path, body, PostSigner("RSA").headers(body, kForm)), "401 bad_signature");
  // Another tenant's provider, and another tenant's link.
  set_key("savanna", stranger.public_key());
  EXPECT_EQ(outcome(theirs, body, good), "401 bad_signature");
  EXPECT_EQ(outcome(theirs, body, stranger.headers(body, kForm)), "taken");
  EXPECT_EQ(outcome(path, body, good), "taken");
  EXPECT_EQ(post(path, body, good).json()["duplicate"], true) << "sent once more, it is the same";
  EXPECT_TRUE(eventually([] { return has_ticket_of(lagoon_, "beth"); }));
  EXPECT_EQ(stored(lagoon_), before + 1) << "nothing that was refused";
  EXPECT_TRUE(eventually([] { return has_ticket_of(savanna_, "beth"); }));
  EXPECT_EQ(stored(savanna_), 1);
  EXPECT_THAT(host_->management().get("/metrics").body,
              HasSubstr("serai_http_bad_signatures_total{operation=\"inbound-email.receive_form\"} "
                        "8"));
  EXPECT_TRUE(eventually([] {
    return host_->process().log().find("A post was refused for its signature.") !=
           std::string::npos;
  }));
  set_key("lagoon", "");
  set_key("savanna", "");
}

// A body that the host keeps in a file.
TEST_F(SignedPosts, of_megabytes_are_checked_to_the_last_byte) {
  const PostSigner ours;
  set_key("lagoon", ours.public_key());
  const auto path = path_of(address(lagoon_)["form"]);
  const auto body = form("carl", std::string(5'000'000, 'p'));
  const auto good = ours.headers(body, kForm);
  for (const std::size_t at : {body.size() / 2, body.size() - 1}) {
    auto changed = body;
    changed[at] = 'q';
    EXPECT_EQ(outcome(path, changed, good), "401 bad_signature") << at;
  }
  EXPECT_FALSE(has_ticket_of(lagoon_, "carl"));
  EXPECT_EQ(outcome(path, body, good), "taken");
  EXPECT_TRUE(eventually([] { return has_ticket_of(lagoon_, "carl"); }));
  set_key("lagoon", "");
}

TEST_F(SignedPosts, wait_while_the_key_in_the_settings_is_none) {
  const PostSigner ours, rsa("RSA");
  const auto path = path_of(address(lagoon_)["form"]);
  const auto body = form("dora");
  for (const auto& [key, headers] : {std::pair{rsa.public_key(), rsa.headers(body, kForm)},
                                     std::pair{std::string("none"), ours.headers(body, kForm)}}) {
    set_key("lagoon", key);
    EXPECT_EQ(outcome(path, body, headers), "503 signature_key_unusable") << key;
  }
  EXPECT_FALSE(has_ticket_of(lagoon_, "dora"));
  set_key("lagoon", ours.public_key());
  EXPECT_EQ(outcome(path, body, ours.headers(body, kForm)), "taken");
  EXPECT_TRUE(eventually([] { return has_ticket_of(lagoon_, "dora"); }));
  set_key("lagoon", "");
}

TEST_F(SignedPosts, of_reports_are_believed_with_a_key_only) {
  const PostSigner ours, stranger;
  const std::string url =
      host_->client(lagoon_).post("/api/v1/mail/webhook", json::object()).json()["data"]["url"];
  const auto path = path_of(url);
  const auto body = json::array({{{"event", "delivered"}, {"sg_event_id", "e1"}}}).dump();
  const auto send = [&](const std::string& text, const PostSigner::Headers& headers) {
    return outcome(path, text, headers);
  };
  EXPECT_EQ(send(body, ours.headers(body, "application/json")), "401 bad_signature") << "no key";
  set("lagoon", "mail", {{"sendgrid_webhook_key", ours.public_key()}});
  EXPECT_EQ(send(body, {{"Content-Type", "application/json"}}), "401 bad_signature");
  EXPECT_EQ(send("rubbish", {{"Content-Type", "application/json"}}), "401 bad_signature")
      << "what is not signed is not read";
  EXPECT_EQ(send(body + " ", ours.headers(body, "application/json")), "401 bad_signature");
  EXPECT_EQ(send(body, stranger.headers(body, "application/json")), "401 bad_signature");
  EXPECT_EQ(send(body, ours.headers(body, "application/json")), "taken");
  EXPECT_EQ(send("{}", ours.headers("{}", "application/json")), "422 validation_failed");
  // A look whether somebody is here.
  EXPECT_EQ(post(path, "", {}).status, 204);
  EXPECT_EQ(post(path.substr(0, path.size() - 4) + "AAAA", "", {}).status, 404);
  set("lagoon", "mail", {{"sendgrid_webhook_key", PostSigner("P-384").public_key()}});
  EXPECT_EQ(send(body, ours.headers(body, "application/json")), "503 signature_key_unusable");
}

TEST_F(SignedPosts, are_described_to_those_who_write_clients) {
  const auto paths = host_->client().get("/openapi.json").json()["paths"];
  const auto& described = paths["/webhooks/email/inbound/{link}"]["post"];
  EXPECT_EQ(described["x-signature"], "sendgrid");
  EXPECT_TRUE(described["responses"].contains("401"));
  EXPECT_FALSE(paths["/webhooks/email/mime/{link}"]["post"].contains("x-signature"));
}

// The administrator's paths beside the plugin's are the host's: here no mail comes to it.
TEST_F(SignedPosts, are_all_there_is_where_no_mail_comes_to_the_host) {
  for (const auto* path : {"/status", "/lookup/a@b.example", "/diagnose"})
    EXPECT_EQ(host_->admin().get(std::string("/webhooks/email") + path).status, 404) << path;
  EXPECT_EQ(host_->admin().send("POST", "/webhooks/email/debug", "x").status, 404);
}

}  // namespace
}  // namespace serai_test
