#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace {

class Todo : public ::testing::Test {
 protected:
  Todo() { host.as_user("alice", {"todo.read", "todo.write"}); }

  std::string add(const serai::Json& item) {
    const auto added = host.post("/api/v1/todo/items", item);
    EXPECT_EQ(added.status, 201) << added.body;
    return added.json()["data"]["id"];
  }
  serai::Json items(const std::string& state = "open") {
    return host.get("/api/v1/todo/items?state=" + state).json()["data"];
  }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

TEST_F(Todo, lists_what_is_open_the_most_urgent_first) {
  add({{"title", "Some day"}});
  add({{"title", "Soon"}, {"due", "2026-03-01"}});
  const auto done = add({{"title", "Now"}, {"due", "2026-01-01"}});
  EXPECT_EQ(host.post("/api/v1/todo/items/" + done + "/done").status, 204);
  ASSERT_EQ(items().size(), 2);
  EXPECT_EQ(items()[0]["title"], "Soon");
  EXPECT_EQ(items()[1]["due"], nullptr);
  EXPECT_EQ(items("done")[0]["title"], "Now");
}

TEST_F(Todo, removes_an_item_once) {
  const auto path = "/api/v1/todo/items/" + add({{"title", "Mistake"}});
  EXPECT_EQ(host.del(path).status, 204);
  EXPECT_EQ(host.del(path).status, 404);
  EXPECT_EQ(host.post(path + "/done").status, 404);
}

TEST_F(Todo, takes_no_more_than_the_setting_allows) {
  host.set_setting("max_open", 1);
  add({{"title", "One"}});
  EXPECT_EQ(host.post("/api/v1/todo/items", {{"title", "Two"}}).code(), "list_full");
}

TEST_F(Todo, refuses_what_is_no_item_and_who_may_only_read) {
  EXPECT_EQ(host.post("/api/v1/todo/items", {{"title", ""}}).status, 422);
  EXPECT_EQ(host.post("/api/v1/todo/items", {{"title", "x"}, {"due", "soon"}}).status, 422);
  host.as_user("bob", {"todo.read"});
  EXPECT_EQ(host.post("/api/v1/todo/items", {{"title", "x"}}).status, 403);
}

TEST_F(Todo, keeps_a_list_for_each_tenant) {
  const auto ours = add({{"title", "Ours"}});
  host.tenant("other");
  EXPECT_EQ(items().size(), 0);
  EXPECT_EQ(host.del("/api/v1/todo/items/" + ours).status, 404);
}

}  // namespace
