// @TITLE@ in the fake host: real SQL in memory, the manifest's routes, permissions and schemas.
#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace {

class Notes : public ::testing::Test {
 protected:
  Notes() { host.as_user("alice", {"@NAME@.read", "@NAME@.write"}); }
  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

TEST_F(Notes, a_note_that_was_added_is_listed_and_found) {
  const auto added = host.post("/api/v1/@NAME@/notes", {{"text", "Call the hotel"}});
  ASSERT_EQ(added.status, 201) << added.body;
  const auto id = added.json()["data"]["id"].get<std::string>();
  EXPECT_EQ(host.get("/api/v1/@NAME@/notes").json()["count"], 1);
  const auto found = host.get("/api/v1/@NAME@/notes/" + id).json();
  EXPECT_EQ(found["data"]["text"], "Call the hotel");
  EXPECT_EQ(found["data"]["author"], "alice");
}

TEST_F(Notes, an_empty_note_is_refused) {
  EXPECT_EQ(host.post("/api/v1/@NAME@/notes", {{"text", ""}}).status, 422);
}

TEST_F(Notes, a_note_of_another_tenant_is_not_there) {
  const auto added = host.post("/api/v1/@NAME@/notes", {{"text", "Ours"}});
  const auto id = added.json()["data"]["id"].get<std::string>();
  host.tenant("other");
  EXPECT_EQ(host.get("/api/v1/@NAME@/notes/" + id).status, 404);
}

TEST_F(Notes, writing_needs_the_permission) {
  host.as_user("bob", {"@NAME@.read"});
  EXPECT_EQ(host.post("/api/v1/@NAME@/notes", {{"text", "x"}}).status, 403);
}

}  // namespace
