// ai.chat/1: what is asked of the provider and what is taken from its answer.
#include "ai_fixture.hpp"

namespace ai_test {
namespace {

TEST_F(Ai, a_chat_is_posted_as_the_provider_documents_it) {
  host.next_http({.body = chat_body("Hello yourself")});
  const Json messages = {{{"role", "system"}, {"content", "Be brief."}},
                         {{"role", "user"}, {"content", "Hello"}},
                         {{"role", "assistant"}, {"content", "Yes?"}}};
  host.call_service("ai.chat/1",
                    {{"messages", messages}, {"max_tokens", 77}, {"temperature", 0.5}});
  ASSERT_EQ(host.http_requests().size(), 1U);
  const auto request = host.http_requests()[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, kBase + "/chat/completions");
  EXPECT_EQ(header_of(request, "content-type"), "application/json");
  EXPECT_EQ(header_of(request, "authorization"), "Bearer " + kKey);
  EXPECT_EQ(Json::parse(request.body), (Json{{"model", "gpt-4o-mini"},
                                             {"messages", messages},
                                             {"max_tokens", 77},
                                             {"temperature", 0.5}}));
}

TEST_F(Ai, a_request_can_be_repeated_safely_and_has_its_time_limit) {
  host.set_setting("timeout", 2000);
  host.next_http({.body = chat_body("1")}).next_http({.body = chat_body("2")});
  chat();
  chat();
  const auto requests = host.http_requests();
  EXPECT_EQ(requests[0].timeout, std::chrono::milliseconds(2000));
  EXPECT_GT(requests[0].retries, 0U);
  EXPECT_FALSE(header_of(requests[0], "idempotency-key").empty());
  EXPECT_NE(header_of(requests[0], "idempotency-key"), header_of(requests[1], "idempotency-key"));
}

TEST_F(Ai, a_slash_at_the_end_of_the_address_does_not_matter) {
  host.set_setting("base_url", kBase + "/").next_http({.body = chat_body("x")});
  chat();
  EXPECT_EQ(host.http_requests()[0].url, kBase + "/chat/completions");
}

TEST_F(Ai, without_a_key_no_authorization_is_sent) {
  host.tenant("keyless").set_setting("base_url", kBase).next_http({.body = chat_body("x")});
  chat();
  EXPECT_EQ(header_of(host.http_requests()[0], "authorization"), "");
}

TEST_F(Ai, a_chat_answers_content_model_and_usage) {
  host.next_http({.body = chat_body("Rome [1].", 40, 3)});
  EXPECT_EQ(chat(), (Json{{"content", "Rome [1]."},
                          {"model", "gpt-4o-mini"},
                          {"usage", {{"prompt_tokens", 40}, {"completion_tokens", 3}}}}));
  EXPECT_EQ(host.metric("requests_total"), 1);
  EXPECT_EQ(host.metric("failures_total"), 0);
  EXPECT_EQ(host.metric("tokens_total"), 43);
  EXPECT_EQ(host.metered("ai.tokens"), 43);
}

TEST_F(Ai, unknown_members_of_a_message_do_not_leave_the_house) {
  host.next_http({.body = chat_body("x")});
  host.call_service("ai.chat/1",
                    {{"messages", {{{"role", "user"}, {"content", "Hello"}, {"tenant", "acme"}}}}});
  EXPECT_EQ(host.http_requests()[0].body.find("acme"), std::string::npos);
}

TEST_F(Ai, invalid_utf8_in_a_message_is_mended_before_it_is_sent) {
  host.next_http({.body = chat_body("x")});
  chat("caf\xc3");
  EXPECT_FALSE(Json::parse(host.http_requests()[0].body, nullptr, false).is_discarded());
}

struct BadAsk {
  const char* name;
  Json ask;
  const char* pointer = "/messages";
};

class ChatRefusals : public Ai, public ::testing::WithParamInterface<BadAsk> {};

TEST_P(ChatRefusals, a_faulty_request_is_422_and_asks_nobody) {
  const Problem problem = problem_of([&] { host.call_service("ai.chat/1", GetParam().ask); });
  EXPECT_EQ(problem.status, 422) << problem.detail;
  EXPECT_EQ(problem.code, "validation_failed");
  ASSERT_EQ(problem.errors.size(), 1U);
  EXPECT_EQ(problem.errors[0].pointer, GetParam().pointer);
  EXPECT_TRUE(host.http_requests().empty());
  EXPECT_EQ(reserved(), 0);
}

const Json kHello = {{{"role", "user"}, {"content", "Hello"}}};

INSTANTIATE_TEST_SUITE_P(
    Asks, ChatRefusals,
    ::testing::Values(
        BadAsk{"nothing", Json::object()}, BadAsk{"no_object", Json::array()},
        BadAsk{"no_messages", {{"messages", Json::array()}}},
        BadAsk{"messages_no_array", {{"messages", "Hello"}}},
        BadAsk{"message_no_object", {{"messages", {"Hello"}}}},
        BadAsk{"role_unknown", {{"messages", {{{"role", "tool"}, {"content", "x"}}}}}},
        BadAsk{"content_missing", {{"messages", {{{"role", "user"}}}}}},
        BadAsk{"content_no_text", {{"messages", {{{"role", "user"}, {"content", 7}}}}}},
        BadAsk{
            "max_tokens_no_number", {{"messages", kHello}, {"max_tokens", "many"}}, "/max_tokens"},
        BadAsk{"max_tokens_zero", {{"messages", kHello}, {"max_tokens", 0}}, "/max_tokens"},
        BadAsk{
            "max_tokens_negative", {{"messages", kHello}, {"max_tokens", -1000000}}, "/max_tokens"},
        BadAsk{
            "max_tokens_huge", {{"messages", kHello}, {"max_tokens", UINT64_MAX}}, "/max_tokens"},
        BadAsk{"temperature_no_number",
               {{"messages", kHello}, {"temperature", "hot"}},
               "/temperature"},
        BadAsk{
            "temperature_too_high", {{"messages", kHello}, {"temperature", 2.1}}, "/temperature"}),
    [](const auto& instance) { return instance.param.name; });

struct BadAnswer {
  const char* name;
  std::string body;
};

class ChatRubbish : public Ai, public ::testing::WithParamInterface<BadAnswer> {};

TEST_P(ChatRubbish, an_answer_that_is_not_as_documented_is_502_and_costs_nothing) {
  host.next_http({.body = GetParam().body});
  const Problem problem = problem_of([&] { chat(); });
  EXPECT_EQ(problem.status, 502) << problem.detail;
  EXPECT_EQ(problem.code, "ai_bad_answer");
  EXPECT_EQ(host.metric("failures_total"), 1);
  EXPECT_EQ(reserved(), 0);
  EXPECT_TRUE(host.sql("SELECT * FROM ai_usage").empty());
}

INSTANTIATE_TEST_SUITE_P(
    Answers, ChatRubbish,
    ::testing::Values(
        BadAnswer{"empty", ""}, BadAnswer{"not_json", "<html>"}, BadAnswer{"cut_off", R"({"choi)"},
        BadAnswer{"array", "[]"}, BadAnswer{"text", R"("hello")"}, BadAnswer{"null", "null"},
        BadAnswer{"no_choices", "{}"}, BadAnswer{"choices_no_array", R"({"choices": {"0": {}}})"},
        BadAnswer{"choices_object_like_an_array",
                  R"({"choices": {"0": {"message": {"content": "x"}}}})"},
        BadAnswer{"choices_empty", R"({"choices": []})"},
        BadAnswer{"choice_no_object", R"({"choices": ["x"]})"},
        BadAnswer{"message_no_object", R"({"choices": [{"message": "x"}]})"},
        BadAnswer{"message_without_content", R"({"choices": [{"message": {}}]})"},
        BadAnswer{"content_null", R"({"choices": [{"message": {"content": null}}]})"},
        BadAnswer{"content_a_number", R"({"choices": [{"message": {"content": 7}}]})"},
        BadAnswer{"nested_too_deeply", std::string(300, '[') + std::string(300, ']')}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace ai_test
