#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace {

class Notebook : public ::testing::Test {
 protected:
  Notebook() { host.as_user("alice", {"notebook.read", "notebook.write"}); }

  std::string add(const std::string& title) {
    const auto added =
        host.post("/api/v1/notebook/pages", {{"title", title}, {"lines", {"a", "b"}}});
    EXPECT_EQ(added.status, 201) << added.body;
    return added.json()["data"]["id"];
  }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

TEST_F(Notebook, lists_a_page_that_was_added) {
  host.set_setting("page_limit", 1);
  add("Rome");
  add("Romania");
  const auto found = host.get("/api/v1/notebook/pages?q=Rom").json();
  EXPECT_EQ(found["count"], 1);
  EXPECT_EQ(found["data"][0]["title"], "Rome");
}

TEST_F(Notebook, indexes_it_in_a_job_and_tells_others) {
  add("Rome");
  EXPECT_EQ(host.events().at(0).type, "notebook.page.added");
  EXPECT_EQ(host.run_jobs(), 1);
  EXPECT_EQ(host.blob_count(), 1);
  EXPECT_EQ(host.metric("pages_total"), 1);
  EXPECT_EQ(host.call_service("notebook.count/1", {})["pages"], 1);
}

TEST_F(Notebook, locks_a_page_once) {
  const auto path = "/api/v1/notebook/pages/" + add("Rome") + "/lock";
  EXPECT_EQ(host.post(path).status, 204);
  EXPECT_EQ(host.post(path).code(), "already_locked");
  EXPECT_EQ(host.post("/api/v1/notebook/pages/none/lock").status, 404);
}

TEST_F(Notebook, shares_a_page_for_a_week_with_whoever_has_the_address) {
  const auto id = add("Rome");
  const std::string url =
      host.post("/api/v1/notebook/pages/" + id + "/share").json()["data"]["url"];
  host.as_nobody();
  EXPECT_EQ(host.get(url).json()["data"]["title"], "Rome");
  EXPECT_EQ(host.get("/api/v1/notebook/shared/" + id).code(), "link_invalid");
  host.tenant("other");
  EXPECT_EQ(host.get(url).json()["data"]["title"], "Rome") << "the address says whose it is";
  host.advance(std::chrono::hours(24 * 8));
  EXPECT_EQ(host.get(url).code(), "link_expired");
}

TEST_F(Notebook, translates_once) {
  host.set_secret("api_key", "of-the-test");
  host.next_http({.body = R"({"text": "Rom"})"});
  for (int i = 0; i < 2; ++i) {
    const auto reply = host.post("/api/v1/notebook/translations", {{"text", "Rome"}});
    EXPECT_EQ(reply.json()["text"], "Rom") << reply.body;
  }
  EXPECT_EQ(host.http_requests().size(), 1);
  EXPECT_EQ(host.metered("notebook.translations"), 1);
}

TEST_F(Notebook, keeps_pictures_only) {
  const auto send = [&](const std::string& type) {
    return host.post_form("/api/v1/notebook/pictures", {{"file", "bytes", "rome.bin", type}});
  };
  EXPECT_EQ(send("image/png").status, 201);
  EXPECT_EQ(send("text/plain").status, 422);
  EXPECT_EQ(host.blob_count(), 1);
}

TEST_F(Notebook, asks_another_plugin_that_the_test_plays) {
  host.on_service("knowledge.search/1", [](const serai::Json&) {
    return serai::Json{{"hits", {{{"text", "Rome"}}}}};
  });
  const auto related = host.get("/api/v1/notebook/related").json();
  EXPECT_EQ(related["data"][0]["page"], 1);
  EXPECT_EQ(related["data"][1]["text"], "Rome");
}

TEST_F(Notebook, knows_who_asks) {
  host.as_user("bob", {"notebook.read"});
  EXPECT_EQ(host.get("/api/v1/notebook/whoami").json()["may_write"], false);
  host.deliver_event("tenant.renamed", {{"name", "New name"}});
  EXPECT_EQ(host.logs().back().message, "The tenant has a new name");
}

}  // namespace
