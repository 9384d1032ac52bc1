// The help desk with an AI provider: worded answers while it works, honest ones while it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/help_desk.hpp"
#include "fakes/openai.hpp"

namespace serai_test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kQuestion = "How much deposit do we ask for a booking?";

class Provider : public testing::Test {
 protected:
  Provider() : key_(new_marker("sk-")), host_(options()), owner_(host_.make_tenant("worded")) {
    server_.provider().require_key(key_);
    const auto id =
        upload(client(), {"deposit.md", "text/markdown",
                          "# Deposits\n\nWe ask for a deposit of 30 % of a booking.\n"});
    EXPECT_EQ(settled(client(), id)["status"], "indexed");
  }
  RunningHost::Options options() {
    RunningHost::Options out;
    out.plugins = {"ai", "knowledge", "helpdesk"};
    out.profile["outbound"]["allow_private_addresses"] = true;
    out.profile["plugins"]["enabled"] = {
        {{"id", "ai"}, {"settings", {{"base_url", server_.base_url()}, {"timeout", 500}}}}};
    out.environment["SERAI_PLUGIN_AI_API_KEY"] = key_;
    return out;
  }
  HttpClient client() { return host_.client(owner_); }
  // The same question again would find the breaker open for half a minute: each test has a host.
  void expect_honest_answer_without_provider() {
    const auto answer = ask(client(), kQuestion);
    EXPECT_EQ(answer["method"], "extractive") << answer;
    EXPECT_THAT(answer["answer"].get<std::string>(), HasSubstr("30 %"));
    EXPECT_EQ(answer["_service_status"], "degraded");
    EXPECT_FALSE(answer["note"].get<std::string>().empty());
    EXPECT_TRUE(has_source(answer, "deposit.md"));
    EXPECT_THAT(answer.dump(), Not(HasSubstr(key_)));
    EXPECT_THAT(answer.dump(), Not(HasSubstr(server_.base_url())));
  }

  const std::string key_;
  fakes::OpenAiServer server_;
  RunningHost host_;
  Person owner_;
};

TEST_F(Provider, words_the_answer_from_the_passages_and_cites_them) {
  server_.provider().say("A deposit of 30 % is due [1].");
  const auto answer = ask(client(), kQuestion);
  EXPECT_EQ(answer["method"], "synthesis") << answer;
  EXPECT_THAT(answer["answer"].get<std::string>(), HasSubstr("A deposit of 30 % is due"));
  EXPECT_TRUE(has_source(answer, "deposit.md"));
  EXPECT_FALSE(answer.contains("note"));
  bool asked = false;
  for (const auto& request : server_.provider().requests()) {
    if (request.path.find("/chat/completions") == request.path.npos) continue;
    asked = true;
    EXPECT_EQ(request.authorization, "Bearer " + key_);
    EXPECT_THAT(request.body, HasSubstr("30 %"));
    // Who asks is nobody's business outside.
    EXPECT_THAT(request.body, Not(HasSubstr("worded")));
    EXPECT_THAT(request.body, Not(HasSubstr(owner_.email)));
    EXPECT_THAT(request.body, Not(HasSubstr(owner_.id)));
  }
  EXPECT_TRUE(asked);
  const auto usage = client().get("/api/v1/ai/usage");
  EXPECT_EQ(usage.status, 200);
  EXPECT_THAT(host_.process().log(), Not(HasSubstr(key_)));
}

TEST_F(Provider, that_fails_is_replaced_by_passages_and_the_answer_says_so) {
  server_.provider().behave(fakes::OpenAi::Behaviour::fail);
  expect_honest_answer_without_provider();
}

TEST_F(Provider, that_limits_us_is_replaced_too) {
  server_.provider().behave(fakes::OpenAi::Behaviour::ratelimit);
  expect_honest_answer_without_provider();
}

TEST_F(Provider, that_never_answers_is_not_waited_for_long) {
  server_.provider().behave(fakes::OpenAi::Behaviour::timeout);
  expect_honest_answer_without_provider();
}

TEST_F(Provider, that_talks_rubbish_is_not_passed_on) {
  server_.provider().behave(fakes::OpenAi::Behaviour::rubbish);
  expect_honest_answer_without_provider();
}

TEST_F(Provider, with_another_key_is_as_good_as_none) {
  server_.provider().require_key("another");
  expect_honest_answer_without_provider();
}

}  // namespace
}  // namespace serai_test
