// How failures of every kind leave the plugin: nothing throws past the ABI, nothing internal leaks.
#include <gtest/gtest.h>

#include "serai/testing/fake_host.hpp"

namespace {

using serai::Json;
using serai::testing::FakeHost;
using serai::testing::Reply;

class Errors : public ::testing::Test {
 protected:
  Reply error(const std::string& kind) { return host.get("/api/v1/probe/errors/" + kind); }
  FakeHost host{serai_plugin_entry_v1};
};

TEST_F(Errors, a_problem_keeps_status_code_and_detail) {
  const Reply reply = error("problem");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), "already_done");
  EXPECT_EQ(reply.json()["detail"], "It is done.");
  EXPECT_EQ(reply.json()["success"], false);
  EXPECT_EQ(reply.header("content-type"), "application/problem+json");
}

TEST_F(Errors, field_errors_keep_their_pointers) {
  const Reply reply = error("fields");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json()["errors"],
            Json::array({{{"pointer", "/question"}, {"detail", "This is empty."}}}));
}

TEST_F(Errors, a_status_the_abi_has_no_word_for_is_kept) {
  const Reply reply = error("gone");
  EXPECT_EQ(reply.status, 410);
  EXPECT_EQ(reply.code(), "gone");
  EXPECT_EQ(reply.json()["errors"][0]["pointer"], "/x");
}

TEST_F(Errors, a_status_that_is_no_error_is_an_internal_one) {
  EXPECT_EQ(error("odd_status").status, 500);
}

TEST_F(Errors, an_exception_becomes_500_and_its_text_goes_to_the_log_only) {
  const Reply reply = error("runtime");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.code(), "internal_error");
  EXPECT_EQ(reply.body.find("/var/lib"), std::string::npos);
  EXPECT_EQ(host.logs().back().message, "secret path /var/lib");
  EXPECT_EQ(host.logs().back().level, std::uint32_t{SERAI_LOG_ERROR});
}

TEST_F(Errors, anything_thrown_stays_inside) {
  EXPECT_EQ(error("int").status, 500);
  EXPECT_EQ(error("alloc").status, 500);
  EXPECT_EQ(error("regex").status, 500);
  EXPECT_EQ(host.get("/api/v1/probe/answers/json").status, 200) << "the plugin goes on";
}

TEST_F(Errors, a_body_that_is_not_json_is_400) {
  const Reply reply = host.request("POST", "/api/v1/probe/fields", "{\"name\":");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.code(), "invalid_json");
}

TEST_F(Errors, a_body_nested_too_deeply_is_400) {
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  EXPECT_EQ(host.request("POST", "/api/v1/probe/fields", deep).status, 400);
}

TEST_F(Errors, a_missing_or_wrong_field_names_its_pointer) {
  const Reply missing = host.post("/api/v1/probe/fields", {{"age", 3}});
  EXPECT_EQ(missing.status, 422);
  EXPECT_EQ(missing.json()["errors"][0]["pointer"], "/name");
  const Reply wrong = host.post("/api/v1/probe/fields", {{"name", "a"}, {"age", "old"}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.json()["errors"][0]["pointer"], "/age");
  EXPECT_EQ(host.post("/api/v1/probe/fields", {{"name", "a"}, {"age", 1.5}}).status, 422);
  EXPECT_EQ(host.post("/api/v1/probe/fields", {{"name", "a"}, {"wise", 1}}).status, 422);
  EXPECT_EQ(host.post("/api/v1/probe/fields", Json::array()).status, 422);
}

TEST_F(Errors, an_interface_that_was_not_granted_is_named) {
  host.withhold("kv");
  const Reply reply = host.request("POST", "/api/v1/probe/kv/put", "v");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.code(), "interface_not_granted");
  EXPECT_NE(reply.body.find("serai.kv/1"), std::string::npos);
  EXPECT_NE(reply.body.find("plugin.yaml"), std::string::npos);
}

TEST_F(Errors, an_optional_interface_can_be_probed) {
  host.withhold("metrics");
  const Reply reply = host.request("POST", "/api/v1/probe/other/metrics");
  EXPECT_EQ(reply.json()["metrics"], false);
}

TEST_F(Errors, a_plugin_that_cannot_start_is_not_started) {
  host.withhold("clock");
  try {
    host.start();
    FAIL() << "the probe asks the clock when it starts";
  } catch (const serai::Problem& problem) {
    EXPECT_EQ(problem.code, "start_failed");
    EXPECT_NE(problem.detail.find("serai.clock/1"), std::string::npos) << problem.detail;
  }
}

}  // namespace
