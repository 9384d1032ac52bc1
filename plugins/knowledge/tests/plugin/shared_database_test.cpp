// The database is the truth: what another process or a restored backup puts there is found, and
// what a rollback takes away is not.
#include "knowledge_fixture.hpp"

namespace knowledge_test {
namespace {

class SharedDatabase : public Knowledge {
 protected:
  // The plugin's tables as they are now, and back again, behind the plugin's back.
  void remember() {
    for (const std::string& table : tables()) {
      host.sql("CREATE TABLE saved_" + table + " AS SELECT * FROM " + table);
    }
  }
  void restore() {
    for (const std::string& table : tables()) {
      host.sql("DELETE FROM " + table);
      host.sql("INSERT INTO " + table + " SELECT * FROM saved_" + table);
    }
  }
};

TEST_F(SharedDatabase, an_earlier_state_put_back_is_what_is_searched) {
  const std::string birds = add("birds.txt", "The flamingo lagoon opens in June.");
  remember();
  const std::string boats = add("boats.txt", "The ferry leaves at noon.");
  EXPECT_EQ(found("ferry"), Ids{boats});
  restore();
  EXPECT_EQ(found("ferry"), Ids{});
  EXPECT_EQ(found("flamingo"), Ids{birds});
  const std::string trains = add("trains.txt", "The train waits.");
  EXPECT_EQ(found("train"), Ids{trains});
  EXPECT_EQ(found("ferry"), Ids{});
}

TEST_F(SharedDatabase, a_change_that_cannot_be_stored_is_not_in_memory_either) {
  const std::string birds = add("birds.txt", "The flamingo lagoon opens in June.");
  EXPECT_EQ(found("flamingo"), Ids{birds});
  host.sql(
      "CREATE TRIGGER knowledge_stop BEFORE UPDATE OF change ON knowledge_state BEGIN SELECT "
      "RAISE(ABORT, 'stopped'); END");
  EXPECT_GE(host.del(kDocuments + "/" + birds).status, 400);
  EXPECT_GE(host.patch(kDocuments + "/" + birds, {{"category", "policies"}}).status, 400);
  EXPECT_EQ(found("flamingo"), Ids{birds});
  EXPECT_EQ(found("flamingo", {{"category", "policies"}}), Ids{});
  host.sql("DROP TRIGGER knowledge_stop");
  EXPECT_EQ(host.del(kDocuments + "/" + birds).status, 200);
  EXPECT_EQ(found("flamingo"), Ids{});
}

TEST_F(SharedDatabase, an_indexing_that_fails_is_tried_again_and_leaves_nothing_twice) {
  host.sql(
      "CREATE TRIGGER knowledge_stop BEFORE UPDATE OF change ON knowledge_state BEGIN SELECT "
      "RAISE(ABORT, 'stopped'); END");
  const Reply reply = upload("birds.txt", "The flamingo lagoon opens in June.");
  const std::string id = reply.json()["data"]["document_id"];
  host.run_jobs();
  EXPECT_EQ(show(id)["status"], "pending");
  EXPECT_EQ(count("knowledge_chunks"), 0);
  EXPECT_EQ(found("flamingo"), Ids{});
  host.sql("DROP TRIGGER knowledge_stop");
  host.advance(std::chrono::hours(1));
  host.run_jobs();
  EXPECT_EQ(show(id)["status"], "indexed");
  EXPECT_EQ(count("knowledge_chunks"), 1);
  EXPECT_EQ(found("flamingo"), Ids{id});
}

TEST_F(SharedDatabase, an_indexing_that_never_succeeds_ends_with_a_sentence) {
  host.sql(
      "CREATE TRIGGER knowledge_stop BEFORE UPDATE OF change ON knowledge_state BEGIN SELECT "
      "RAISE(ABORT, 'stopped'); END");
  const Reply reply = upload("birds.txt", "The flamingo lagoon opens in June.");
  for (int i = 0; i < 10; ++i) {
    host.run_jobs();
    host.advance(std::chrono::hours(2));
  }
  const Json document = show(reply.json()["data"]["document_id"]);
  EXPECT_EQ(document["status"], "failed");
  EXPECT_TRUE(document["error"].is_string());
  EXPECT_EQ(host.jobs().front().state, "dead");
}

TEST_F(SharedDatabase, with_no_memory_to_keep_indexes_every_tenant_is_still_answered) {
  Ids ids;
  for (const char* tenant : {"acme", "other", "third"}) {
    host.tenant(tenant);
    host.set_setting("index_memory", 0);
    ids.push_back(add("birds.txt", std::string("The flamingo lagoon of ") + tenant + "."));
  }
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 3; ++i) {
      host.tenant(std::vector{"acme", "other", "third"}[i]);
      EXPECT_EQ(found("flamingo"), Ids{ids[i]});
    }
  }
}

}  // namespace
}  // namespace knowledge_test
