// What a handler returns and what it can ask of a request.
#include <gtest/gtest.h>

#include "serai/testing/fake_host.hpp"

namespace {

using serai::Json;
using serai::testing::FakeHost;
using serai::testing::Reply;

class Answers : public ::testing::Test {
 protected:
  Reply answer(const std::string& kind) { return host.get("/api/v1/probe/answers/" + kind); }
  FakeHost host{serai_plugin_entry_v1};
};

TEST_F(Answers, an_object_without_success_gets_it) {
  const Reply reply = answer("json");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.json(), (Json{{"a", 1}, {"success", true}}));
}

TEST_F(Answers, an_own_success_is_left_alone) {
  EXPECT_EQ(answer("own_success").json(), (Json{{"success", false}}));
}

TEST_F(Answers, an_array_is_sent_as_it_is) { EXPECT_EQ(answer("array").body, "[1]"); }

TEST_F(Answers, data_and_list_wrap_their_value) {
  EXPECT_EQ(answer("data").json(), (Json{{"success", true}, {"data", "x"}}));
  EXPECT_EQ(answer("list").json(), (Json{{"success", true}, {"data", {1, 2, 3}}, {"count", 3}}));
}

TEST_F(Answers, created_is_201) {
  const Reply reply = answer("created");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.json()["data"]["id"], 7);
}

TEST_F(Answers, a_response_has_its_own_type_and_headers) {
  const Reply reply = answer("text");
  EXPECT_EQ(reply.body, "plain");
  EXPECT_EQ(reply.header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(reply.header("x-probe"), "yes");
}

TEST_F(Answers, an_empty_response_is_204) {
  const Reply reply = answer("empty");
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
}

TEST_F(Answers, a_void_handler_answers_204) {
  EXPECT_EQ(host.get("/api/v1/probe/errors/none").status, 204);
}

TEST_F(Answers, invalid_utf8_is_replaced_not_thrown) {
  EXPECT_EQ(answer("bad_utf8").json()["text"], "a\xEF\xBF\xBD");
}

TEST_F(Answers, path_parameters_are_decoded_and_may_be_a_tail) {
  EXPECT_EQ(host.get("/api/v1/probe/files/a/b%20c").json()["rest"], "a/b c");
}

TEST_F(Answers, query_parameters_are_typed_and_have_defaults) {
  const Json json = host.get("/api/v1/probe/query?deep=true&ratio=2.5&tag=a&tag=b+c").json();
  EXPECT_EQ(json["limit"], 20);
  EXPECT_EQ(json["deep"], true);
  EXPECT_EQ(json["ratio"], 2.5);
  EXPECT_EQ(json["tags"], (Json{"a", "b c"}));
  EXPECT_EQ(json["raw"], "deep=true&ratio=2.5&tag=a&tag=b+c");
}

TEST_F(Answers, an_undeclared_parameter_of_the_wrong_type_names_itself) {
  const Reply reply = host.get("/api/v1/probe/query?ratio=much");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json()["errors"][0]["pointer"], "query/ratio");
}

TEST_F(Answers, headers_are_found_by_lower_case_name) {
  const Reply reply = host.request("GET", "/api/v1/probe/query", "", {{"User-Agent", "test"}});
  EXPECT_EQ(reply.json()["agent"], "test");
}

TEST_F(Answers, fields_are_typed_with_fallbacks_and_the_body_is_parsed_once) {
  const Json json = host.post("/api/v1/probe/fields", {{"name", "Ann"}, {"wise", true}}).json();
  EXPECT_EQ(json, (Json{{"name", "Ann"},
                        {"age", 18},
                        {"city", "nowhere"},
                        {"wise", true},
                        {"same", true},
                        {"success", true}}));
}

TEST_F(Answers, the_caller_and_its_permissions_are_known) {
  host.tenant("blue").as_user("alice", {"sdk-probe.use"}, "admin");
  const Json json = host.get("/api/v1/probe/mine").json();
  EXPECT_EQ(json["tenant"], "blue");
  EXPECT_EQ(json["user"], "alice");
  EXPECT_EQ(json["role"], "admin");
  EXPECT_EQ(json["more"], false);
}

TEST_F(Answers, time_left_is_what_remains_until_the_deadline) {
  host.time_limit(std::chrono::seconds(7)).as_user("alice", {"sdk-probe.use"});
  EXPECT_EQ(host.get("/api/v1/probe/mine").json()["left"], 7'000'000);
}

TEST_F(Answers, require_refuses_with_403_and_the_permission) {
  host.as_user("alice", {"sdk-probe.use"});
  const Reply reply = host.get("/api/v1/probe/mine?more=1");
  EXPECT_EQ(reply.status, 403);
  EXPECT_NE(reply.body.find("sdk-probe.more"), std::string::npos);
  host.as_user("alice", {"sdk-probe.use", "sdk-probe.more"});
  EXPECT_EQ(host.get("/api/v1/probe/mine?more=1").status, 200);
}

TEST_F(Answers, parts_of_a_form_come_with_their_blob) {
  const Reply reply = host.post_form(
      "/api/v1/probe/form", {{"note", "hi"}, {"file", "bytes", "a.pdf", "application/pdf"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json json = reply.json();
  EXPECT_EQ(json["names"], (Json{"note", "file"}));
  EXPECT_EQ(json["file_name"], "a.pdf");
  EXPECT_EQ(json["content"], "bytes");
  EXPECT_EQ(json["type"], "application/pdf");
  EXPECT_EQ(json["size"], 5);
  EXPECT_EQ(host.blob_count(), 0U) << "an upload goes away unless kept";
}

TEST_F(Answers, a_kept_upload_stays) {
  const Reply reply =
      host.post_form("/api/v1/probe/form", {{"keep", "1"}, {"file", "bytes", "a.pdf"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(host.blob(reply.json()["blob"].get<std::string>()), "bytes");
}

TEST_F(Answers, a_missing_part_is_a_field_error) {
  const Reply reply = host.post_form("/api/v1/probe/form", {{"note", "hi"}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json()["errors"][0]["pointer"], "/file");
}

}  // namespace
