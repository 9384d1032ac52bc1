// The agent's conversation: one user's, ten exchanges long, and used for what is asked next.
#include "helpdesk_fixture.hpp"

namespace helpdesk_test {
namespace {

class Conversation : public Helpdesk {
 protected:
  Conversation() { found = {passage("a", "The lodge stands by the lake.")}; }

  std::int64_t messages() {
    return host.get("/api/v1/helpdesk/agent/stats").json()["data"]["messages"];
  }
  Json reset() {
    const auto reply = host.post("/api/v1/helpdesk/agent/reset", Json::object());
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.json();
  }
  // What the provider was told of the conversation, without rules and question.
  Json told() {
    Json history = prompts.back()["messages"];
    history.erase(history.begin());
    history.erase(history.size() - 1);
    return history;
  }
};

TEST_F(Conversation, is_told_to_the_provider_oldest_first) {
  provider_says("By the lake [1].");
  chat("Where is the lodge?");
  EXPECT_EQ(told(), Json::array());
  chat("Is the lodge in the north or in the south of the country?");
  EXPECT_EQ(told(), (Json{{{"role", "user"}, {"content", "Where is the lodge?"}},
                          {{"role", "assistant"}, {"content", "By the lake."}}}))
      << "numbers of earlier passages are taken out";
  EXPECT_EQ(messages(), 4);
}

TEST_F(Conversation, answers_like_ask_and_names_its_tool) {
  const Json answer = chat("Where is the lodge?");
  EXPECT_EQ(answer["method"], "extractive");
  EXPECT_EQ(answer["tool"], "search_knowledge_base");
  EXPECT_EQ(answer["sources"].size(), 1U);
}

TEST_F(Conversation, is_not_part_of_ask) {
  provider_says("x");
  chat("Where is the lodge?");
  ask("And in winter?");
  EXPECT_EQ(told(), Json::array());
  EXPECT_EQ(searches.back()["query"], "And in winter?");
  EXPECT_EQ(messages(), 2);
}

TEST_F(Conversation, of_another_user_or_tenant_is_never_seen) {
  provider_says("The code of the safe is in the lake.");
  chat("Where is the lodge?");
  const auto sees_nothing = [&] {
    EXPECT_EQ(messages(), 0);
    chat("And then?");
    EXPECT_EQ(told(), Json::array());
    EXPECT_EQ(searches.back()["query"], "And then?");
    reset();
  };
  host.as_user("bob", {"helpdesk.ask"});
  sees_nothing();
  host.as_user("carol", {"helpdesk.ask"}, "admin");
  sees_nothing();
  host.tenant("other").as_user("alice", {"helpdesk.ask"});
  sees_nothing();
  host.tenant("acme").as_user("alice", {"helpdesk.ask"});
  EXPECT_EQ(messages(), 2) << "and nobody's reset forgot it";
}

TEST_F(Conversation, keeps_the_last_ten_exchanges) {
  provider_says("x");
  host.as_user("bob", {"helpdesk.ask"});
  chat("Bob's question?");
  host.as_user("alice", {"helpdesk.ask"});
  for (int i = 1; i <= 13; ++i) chat("Question number " + std::to_string(i) + "?");
  EXPECT_EQ(messages(), 20);
  EXPECT_EQ(host.sql("SELECT count(*) AS n FROM helpdesk_messages WHERE user_id = 'alice'")[0]["n"],
            20);
  chat("One more?");
  ASSERT_EQ(told().size(), 20U);
  EXPECT_EQ(told()[0]["content"], "Question number 4?");
  EXPECT_EQ(told()[18]["content"], "Question number 13?");
  host.as_user("bob", {"helpdesk.ask"});
  EXPECT_EQ(messages(), 2) << "one user's length is not another's loss";
}

TEST_F(Conversation, is_forgotten_by_a_reset) {
  provider_says("x");
  chat("Where is the lodge?");
  EXPECT_EQ(reset()["success"], true);
  EXPECT_EQ(messages(), 0);
  EXPECT_TRUE(host.sql("SELECT * FROM helpdesk_messages").empty());
  chat("And in winter?");
  EXPECT_EQ(told(), Json::array());
  EXPECT_EQ(searches.back()["query"], "And in winter?");
  reset();
  EXPECT_EQ(reset()["success"], true) << "twice is fine";
}

TEST_F(Conversation, a_short_follow_up_is_looked_up_with_the_question_before_it) {
  chat("What does the safari lodge charge for adults in the high season?");
  chat("And for children?");
  EXPECT_EQ(searches.back()["query"],
            "What does the safari lodge charge for adults in the high season? And for children?");
  // Only with the one question before, not with all of them.
  chat("And in June?");
  EXPECT_EQ(searches.back()["query"], "And for children? And in June?");
}

TEST_F(Conversation, a_question_that_stands_on_its_own_is_looked_up_alone) {
  chat("Where is the lodge?");
  chat("What is the cancellation fee of the hotel in Nairobi?");
  EXPECT_EQ(searches.back()["query"], "What is the cancellation fee of the hotel in Nairobi?");
}

TEST_F(Conversation, a_long_one_is_told_in_short) {
  std::string longest;
  for (int i = 0; i < 2000; ++i) longest += "日";
  provider_says(longest);
  chat(longest);
  chat("And then what happened to all of it after that?");
  for (const Json& turn : told()) {
    const auto text = turn["content"].get<std::string>();
    EXPECT_LE(text.size(), 1000U);
    EXPECT_TRUE(text.ends_with("日 …"));
  }
}

TEST_F(Conversation, who_asks_for_a_person_is_sent_to_one_and_nothing_is_searched) {
  provider_says("x");
  const Json answer = chat("Can I talk to someone please?");
  EXPECT_EQ(answer["tool"], "route_to_human");
  EXPECT_EQ(answer["method"], "no_answer");
  EXPECT_EQ(answer["sources"], Json::array());
  EXPECT_TRUE(searches.empty());
  EXPECT_TRUE(prompts.empty());
  EXPECT_EQ(messages(), 2);
}

TEST_F(Conversation, a_failed_answer_is_not_remembered) {
  search_fails = Problem(503, "unavailable", "The index is away.");
  EXPECT_EQ(host.post("/api/v1/helpdesk/agent/chat", {{"question", "Where?"}}).status, 503);
  EXPECT_EQ(messages(), 0);
}

TEST_F(Conversation, words_are_kept_as_values_and_not_as_sql) {
  chat("'); DELETE FROM helpdesk_messages; --");
  EXPECT_EQ(messages(), 2);
  host.as_user("x' OR '1'='1", {"helpdesk.ask"});
  EXPECT_EQ(messages(), 0);
}

}  // namespace
}  // namespace helpdesk_test
