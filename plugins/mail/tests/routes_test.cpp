// Lists, the sink's page, and who may use any of it.
#include "mail_fixture.hpp"

namespace mail_test {
namespace {

TEST_F(Mail, is_listed_newest_first_and_by_status_and_address) {
  std::vector<std::string> ids;
  for (const char* to : {"a@x.example", "b@x.example", "a@x.example"}) {
    ids.push_back(send(letter({{"to", to}})));
    host.advance(std::chrono::seconds(1));
  }
  host.run_job("deliver", {{"message_id", ids[0]}});
  auto list = host.get("/api/v1/mail/messages?limit=2").json();
  EXPECT_EQ(list["count"], 2);
  EXPECT_EQ(list["total"], 3);
  EXPECT_EQ(list["data"][0]["message_id"], ids[2]);
  EXPECT_FALSE(list["data"][0].contains("content"));
  EXPECT_EQ(host.get("/api/v1/mail/messages?limit=2&offset=2").json()["data"][0]["message_id"],
            ids[0]);
  EXPECT_EQ(host.get("/api/v1/mail/messages?status=sent").json()["total"], 1);
  EXPECT_EQ(host.get("/api/v1/mail/messages?to=A@x.example").json()["total"], 2);
  EXPECT_EQ(host.get("/api/v1/mail/messages?to=A@x.example&status=sent").json()["total"], 1);
  EXPECT_EQ(host.get("/api/v1/mail/messages?status=nonsense").status, 422);
  host.tenant("other");
  EXPECT_EQ(host.get("/api/v1/mail/messages").json()["total"], 0);
  EXPECT_EQ(host.get("/api/v1/mail/messages/" + ids[0]).status, 404);
}

TEST_F(Mail, lists_ask_for_a_page_of_rows_however_many_there_are) {
  for (int i = 0; i < 30; ++i) {
    send(letter());
    host.post("/api/v1/mail/suppressions", {{"address", "x" + std::to_string(i) + "@y.example"}});
  }
  for (const char* path :
       {"/api/v1/mail/messages?limit=10", "/api/v1/mail/suppressions?limit=10"}) {
    const auto before = host.sql_rows();
    EXPECT_EQ(host.get(path).json()["count"], 10);
    EXPECT_LE(host.sql_rows() - before, 11) << path;  // and the total
  }
}

TEST_F(Mail, suppressions_are_seen_added_and_lifted) {
  EXPECT_EQ(host.post("/api/v1/mail/suppressions",
                      {{"address", "No.More@Example.com"}, {"detail", "asked"}})
                .status,
            201);
  const auto list = host.get("/api/v1/mail/suppressions").json();
  EXPECT_EQ(list["data"][0]["address"], "no.more@example.com");
  EXPECT_EQ(list["data"][0]["reason"], "manual");
  EXPECT_EQ(host.post("/api/v1/mail/suppressions", {{"address", "nobody"}}).status, 422);
  host.tenant("other");
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["total"], 0);
  EXPECT_EQ(host.del("/api/v1/mail/suppressions/no.more@example.com").status, 404);
  host.tenant("acme");
  EXPECT_EQ(host.del("/api/v1/mail/suppressions/No.More@example.com").status, 204);
  EXPECT_EQ(host.get("/api/v1/mail/suppressions").json()["total"], 0);
}

TEST_F(Mail, of_the_sink_is_shown_to_who_has_the_link) {
  host.set_setting("transport", "sink");
  const auto id =
      send(letter({{"subject", "<b>Bold</b>"}, {"html", "<p>Hi</p><script>x()</script>"}}));
  host.run_jobs();
  const std::string path = host.post("/api/v1/mail/sink").json()["data"]["url"];
  host.as_nobody().tenant("other");  // the link says whose mails
  const auto list = host.get(path);
  ASSERT_EQ(list.status, 200) << list.body;
  EXPECT_NE(list.body.find("&lt;b&gt;Bold&lt;/b&gt;"), std::string::npos) << list.body;
  EXPECT_NE(list.body.find("href=\"?message=" + id + "\""), std::string::npos);
  const auto page = host.get(path + "?message=" + id);
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_NE(page.body.find("<iframe sandbox title=\"The mail\" srcdoc=\"&lt;!DOCTYPE"),
            std::string::npos);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(host.get(path + "?message=unknown").status, 404);
  EXPECT_EQ(host.get("/api/v1/mail/sink/abc").status, 404);
  host.advance(std::chrono::hours(25));
  EXPECT_EQ(host.get(path).status, 410);
}

TEST_F(Mail, that_went_to_people_is_on_no_page) {
  const auto id = send(letter());
  host.run_jobs();
  const std::string path = host.post("/api/v1/mail/sink").json()["data"]["url"];
  EXPECT_EQ(host.get(path).body.find(id), std::string::npos);
  EXPECT_EQ(host.get(path + "?message=" + id).status, 404);
}

TEST_F(Mail, every_route_needs_its_permission) {
  const std::string id = send(letter());
  for (const Json& route : host.manifest()["routes"]) {
    if (route.contains("access")) continue;
    std::string path = route["path"];
    for (const char* name : {"{message_id}", "{address}", "{name}"})
      if (const auto at = path.find(name); at != std::string::npos)
        path.replace(at, std::string(name).size(), "x");
    const std::string method = route["method"];
    host.as_nobody();
    EXPECT_EQ(host.request(method, path, "{}").status, 401) << path;
    host.as_user("bob", {route["permission"] == "mail.read" ? "mail.manage" : "mail.read"});
    EXPECT_EQ(host.request(method, path, "{}").status, 403) << path;
  }
}

TEST_F(Mail, can_be_sent_by_an_administrator) {
  const auto reply = host.post("/api/v1/mail/messages", letter());
  ASSERT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(reply.json()["data"]["status"], "queued");
  EXPECT_EQ(host.call_service("mail.get/1",
                              {{"message_id", reply.json()["data"]["message_id"]}})["subject"],
            "Hello");
}

}  // namespace
}  // namespace mail_test
