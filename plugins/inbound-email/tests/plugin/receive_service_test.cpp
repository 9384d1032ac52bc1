// Mail that came to the host itself and is handed over by it.
#include "inbound_fixture.hpp"

namespace inbound_test {
namespace {

class FromHost : public InboundEmail {
 protected:
  Json receive(const std::string& raw) {
    host.as_nobody();
    auto answer = host.call_service("inbound.receive/1",
                                    {{"blob", host.bring_blob(raw)},
                                     {"content_type", "message/rfc822"},
                                     {"size", raw.size()},
                                     {"sender", "anna@example.org"},
                                     {"recipients", Json::array({"tenant@mail.example"})},
                                     {"via", "lmtp"}});
    sign_in();
    return answer;
  }
};

TEST_F(FromHost, mail_is_kept_before_it_is_acknowledged_and_becomes_a_ticket) {
  EXPECT_EQ(receive(mail("1@x", "Zanzibar", "2 adults, 12 to 19 July")),
            (Json{{"result", "stored"}}));
  EXPECT_EQ(host.blob_count(), 1);
  const auto rows = host.sql("SELECT source, state FROM inbound_email_mails");
  EXPECT_EQ(rows, Json::array({{{"source", "lmtp"}, {"state", "received"}}}));
  EXPECT_EQ(tickets()["total"], 0);
  host.run_jobs();
  EXPECT_EQ(only_ticket()["metadata"]["parsed_details"]["destination"], "Zanzibar");
}

TEST_F(FromHost, the_same_mail_again_or_by_another_way_is_one) {
  const auto raw = mail("1@x", "Zanzibar", "2 adults");
  receive(raw);
  EXPECT_EQ(receive(raw), (Json{{"result", "duplicate"}}));
  EXPECT_EQ(receive("Received: by another way\r\n" + raw), (Json{{"result", "duplicate"}}));
  EXPECT_EQ(host.blob_count(), 1);  // what came again is not kept
  EXPECT_EQ(deliver(raw)["duplicate"], true);
  EXPECT_EQ(tickets()["total"], 1);
  EXPECT_EQ(host.metric("duplicates_total"), 3);
}

TEST_F(FromHost, mail_that_nobody_can_read_is_kept_with_its_reason) {
  std::string groups;
  for (int i = 0; i < 200; ++i) groups += "g:";
  EXPECT_EQ(receive("From: a@b.example\r\nTo: " + groups + "\r\n\r\nx"),
            (Json{{"result", "stored"}}));
  ASSERT_EQ(refused().size(), 1);
  EXPECT_THAT(refused()[0]["reason"].get<std::string>(), HasSubstr("groups"));
  EXPECT_EQ(host.blob_count(), 1);
}

TEST_F(FromHost, a_providers_form_is_a_mail) {
  const Json posted{
      {{"name", "headers"},
       {"data", "From: Bob <bob@example.org>\nMessage-ID: <b@x>\nSubject: Hello\n"}},
      {{"name", "text"}, {"blob", host.bring_blob("caf\xE9 for 2 adults")}, {"size", 18}},
      {{"name", "charsets"}, {"data", R"({"text":"iso-8859-1"})"}},
      {{"name", "attachments"}, {"data", "1"}},
      {{"name", "attachment1"},
       {"file_name", "passport.pdf"},
       {"content_type", "image/png"},
       {"blob", host.bring_blob("%PDF-1.7")},
       {"size", 8}}};
  host.as_nobody();
  EXPECT_EQ(host.call_service("inbound.receive/1", {{"form", posted}, {"via", "webhook"}}),
            (Json{{"result", "stored"}}));
  host.run_jobs();
  sign_in();
  const auto ticket = only_ticket();
  EXPECT_EQ(ticket["customer_email"], "bob@example.org");
  EXPECT_EQ(ticket["message"], "café for 2 adults");
  ASSERT_EQ(ticket["conversation"][0]["attachments"].size(), 1);
  EXPECT_EQ(ticket["conversation"][0]["attachments"][0]["name"], "passport.pdf");
}

TEST_F(FromHost, nothing_is_acknowledged_that_is_not_there) {
  EXPECT_THROW(host.call_service("inbound.receive/1", Json::object()), serai::Problem);
  EXPECT_THROW(
      host.call_service("inbound.receive/1", {{"blob", "blob-of-nobody"}, {"via", "lmtp"}}),
      serai::Problem);
  EXPECT_EQ(host.sql("SELECT 1 AS one FROM inbound_email_mails"), Json::array());
}

}  // namespace
}  // namespace inbound_test
