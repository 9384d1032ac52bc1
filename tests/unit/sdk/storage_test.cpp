// SQL, key and value, blobs and vectors through the wrapper.
#include <gtest/gtest.h>

#include <serai/total.hpp>

#include "serai/testing/fake_host.hpp"

namespace {

using serai::Json;
using serai::testing::FakeHost;
using serai::testing::Reply;

class Storage : public ::testing::Test {
 protected:
  Reply sql(const std::string& what, const Json& body = Json::object()) {
    return host.post("/api/v1/probe/sql/" + what, body);
  }
  Json titles() { return host.sql("SELECT title FROM sdk_probe_items ORDER BY id"); }
  FakeHost host{serai_plugin_entry_v1};
};

TEST_F(Storage, values_of_every_type_come_back_as_they_went) {
  EXPECT_EQ(sql("insert", {{"id", 1}, {"title", "a'b"}}).json()["changed"], 1);
  EXPECT_EQ(sql("insert", {{"id", 2}, {"title", ""}, {"note", "n"}}).status, 200);
  const Json json = sql("read").json();
  EXPECT_EQ(json["count"], 2);
  EXPECT_EQ(json["data"][0], (Json{{"id", 1},
                                   {"title", "a'b"},
                                   {"note", "none"},
                                   {"price", 1.5},
                                   {"done", true},
                                   {"bytes", 2},
                                   {"second", "a'b"}}));
  EXPECT_EQ(json["data"][1]["note"], "n");
}

TEST_F(Storage, statements_are_counted_and_a_batch_is_one) {
  sql("insert", {{"id", 1}, {"title", "a"}});
  sql("read");
  EXPECT_EQ(host.sql_statements(), 2);
  sql("many");
  EXPECT_EQ(host.sql_statements(), 3);
  titles();  // the test's own
  EXPECT_EQ(host.sql_statements(), 3);
}

TEST_F(Storage, rows_become_json) {
  sql("insert", {{"id", 1}, {"title", "a"}});
  EXPECT_EQ(sql("as_json").json()["data"],
            Json::array({{{"id", 1}, {"title", "a"}, {"note", nullptr}}}));
}

TEST_F(Storage, constraints_have_the_hosts_statuses_and_codes) {
  sql("insert", {{"id", 1}, {"title", "a"}});
  EXPECT_EQ(sql("insert", {{"id", 2}, {"title", "a"}}).status, 409);
  EXPECT_EQ(sql("insert", {{"id", 2}, {"title", "a"}}).code(), "unique");
  EXPECT_EQ(sql("null_title").status, 422);
  EXPECT_EQ(sql("null_title").code(), "not_null");
}

TEST_F(Storage, reading_what_is_not_there_is_the_plugins_fault) {
  for (const char* what : {"missing_column", "wrong_type", "null_text", "ragged"}) {
    EXPECT_EQ(sql(what).status, 500) << what;
  }
}

TEST_F(Storage, a_required_row_that_is_missing_is_404) {
  const Reply reply = sql("no_row");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.json()["detail"], "The item was not found.");
}

TEST_F(Storage, more_rows_than_wanted_are_413) {
  sql("many");
  EXPECT_EQ(sql("too_many").status, 413);
}

TEST_F(Storage, the_plugin_reaches_only_its_own_tables_and_plain_statements) {
  host.sql("CREATE TABLE other_table (id bigint)");
  for (const char* what : {"foreign", "schema", "pragma", "begin_text"}) {
    EXPECT_EQ(sql(what).status, 403) << what;
  }
}

TEST_F(Storage, one_statement_at_a_time_with_every_placeholder_bound) {
  EXPECT_EQ(sql("two").status, 400);
  EXPECT_EQ(sql("unbound").status, 400);
}

TEST_F(Storage, a_batch_runs_once_for_every_row_and_all_or_nothing) {
  EXPECT_EQ(sql("many").json()["changed"], 5);
  EXPECT_EQ(sql("many").status, 409);
  EXPECT_EQ(titles().size(), 5U);
}

TEST_F(Storage, a_committed_transaction_lasts_with_its_jobs_and_events) {
  EXPECT_EQ(sql("commit").status, 200);
  EXPECT_EQ(titles().size(), 1U);
  EXPECT_EQ(host.jobs().size(), 1U);
  EXPECT_EQ(host.events().size(), 1U);
}

TEST_F(Storage, an_exception_rolls_back_rows_jobs_and_events) {
  EXPECT_EQ(sql("throw").code(), "on_purpose");
  EXPECT_EQ(titles().size(), 0U);
  EXPECT_TRUE(host.jobs().empty());
  EXPECT_TRUE(host.events().empty());
}

TEST_F(Storage, a_transaction_without_commit_is_rolled_back) {
  EXPECT_EQ(sql("forgotten").status, 200);
  EXPECT_EQ(titles().size(), 0U);
  EXPECT_TRUE(host.jobs().empty());
}

TEST_F(Storage, transactions_nest_by_savepoints) {
  EXPECT_EQ(sql("nested").status, 200);
  EXPECT_EQ(titles(), Json::array({{{"title", "outer"}}, {{"title", "after"}}}));
}

TEST_F(Storage, tenants_do_not_see_each_other) {
  sql("insert", {{"id", 1}, {"title", "a"}});
  host.request("POST", "/api/v1/probe/kv/put", "v");
  host.tenant("other");
  EXPECT_EQ(sql("read").json()["count"], 0);
  EXPECT_EQ(host.request("POST", "/api/v1/probe/kv/get").json()["value"], nullptr);
}

TEST_F(Storage, keys_are_put_got_erased_and_forgotten_after_their_time) {
  EXPECT_EQ(host.request("POST", "/api/v1/probe/kv/put", "v").json()["value"], "v");
  host.advance(std::chrono::seconds(9));
  EXPECT_EQ(host.request("POST", "/api/v1/probe/kv/get").json()["value"], "v");
  host.advance(std::chrono::seconds(1));
  EXPECT_EQ(host.request("POST", "/api/v1/probe/kv/get").json()["value"], nullptr);
  host.request("POST", "/api/v1/probe/kv/put", "w");
  EXPECT_EQ(host.request("POST", "/api/v1/probe/kv/erase").json()["value"], nullptr);
}

TEST_F(Storage, a_total_is_counted_once_until_something_changes_or_its_time_is_over) {
  const auto ask = [&](const std::string& filter, int there) {
    auto said = host.request("POST", "/api/v1/probe/total/" + filter, Json(there).dump()).json();
    said.erase("success");
    return said;
  };
  EXPECT_EQ(ask("open", 3), Json({{"number", 3}, {"counted", true}}));
  EXPECT_EQ(ask("open", 4), Json({{"number", 3}, {"counted", false}}));
  EXPECT_EQ(ask("done", 9), Json({{"number", 9}, {"counted", true}}));
  ask("changed", 0);
  EXPECT_EQ(ask("open", 4), Json({{"number", 4}, {"counted", true}}));
  EXPECT_EQ(ask("done", 8), Json({{"number", 8}, {"counted", true}}));
  host.advance(serai::Total::kLife);
  EXPECT_EQ(ask("open", 5), Json({{"number", 5}, {"counted", true}}));
  host.tenant("other");
  EXPECT_EQ(ask("open", 1), Json({{"number", 1}, {"counted", true}}));
}

TEST_F(Storage, a_total_is_counted_each_time_without_kv) {
  host.withhold("kv");
  for (const int there : {1, 2}) {
    const auto said = host.request("POST", "/api/v1/probe/total/open", Json(there).dump()).json();
    EXPECT_EQ(said["number"], there);
  }
}

TEST_F(Storage, counters_add_up) {
  EXPECT_EQ(host.request("POST", "/api/v1/probe/kv/add").json()["sum"], 2);
  EXPECT_EQ(host.request("POST", "/api/v1/probe/kv/add").json()["sum"], 4);
}

TEST_F(Storage, blobs_are_written_and_read_in_pieces) {
  const Json json = host.request("POST", "/api/v1/probe/blob/write", "world").json();
  EXPECT_EQ(json["pieces"], "[hell][o wo][rld]");
  EXPECT_EQ(json["size"], 11);
  EXPECT_EQ(host.blob(json["ref"].get<std::string>()), "hello world");
}

TEST_F(Storage, a_blob_without_commit_never_existed) {
  EXPECT_EQ(host.request("POST", "/api/v1/probe/blob/abandon").status, 204);
  EXPECT_EQ(host.blob_count(), 0U);
}

TEST_F(Storage, a_blob_can_be_the_answer) {
  const Reply reply = host.request("POST", "/api/v1/probe/blob/send", "you");
  EXPECT_EQ(reply.body, "hello you");
  EXPECT_EQ(reply.header("content-type"), "text/plain");
}

TEST_F(Storage, blobs_are_limited_removed_and_missed) {
  EXPECT_EQ(host.request("POST", "/api/v1/probe/blob/limit", "you").status, 413);
  EXPECT_EQ(host.request("POST", "/api/v1/probe/blob/missing").status, 404);
  host.tenant("fresh");
  EXPECT_EQ(host.request("POST", "/api/v1/probe/blob/remove", "x").status, 200);
  EXPECT_EQ(host.blob_count(), 0U);
}

TEST_F(Storage, neighbours_come_best_first_and_only_from_the_allowed) {
  const Json json = host.request("POST", "/api/v1/probe/vector").json();
  EXPECT_EQ(json["count"], 3);
  EXPECT_EQ(json["all"], (Json{2, 3}));
  EXPECT_EQ(json["some"], (Json{3, 1}));
  EXPECT_EQ(json["unknown"], 0);
  EXPECT_EQ(json["after"], 2);
}

}  // namespace
