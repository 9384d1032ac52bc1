// The plugin against the fake provider, which knows the vendor's document: what one sends the other
// takes, and what one answers the other understands. End-to-end tests rely on the same fake.
#include "ai_fixture.hpp"
#include "fakes/openai.hpp"

namespace ai_test {
namespace {

using Behaviour = fakes::OpenAi::Behaviour;

class ProviderContract : public Ai {
 protected:
  ProviderContract() {
    provider.require_key(kKey);
    host.on_http(kBase, [this](const serai::HttpRequest& request) -> HttpAnswer {
      const std::string path = request.url.substr(request.url.find("/v1"));
      const auto answer = provider.answer(
          {request.method, path, header_of(request, "authorization"), request.body});
      if (!answer) return {.failure = SERAI_E_DEADLINE};
      return {.status = answer->status, .body = answer->body};
    });
  }
  fakes::OpenAi provider;
};

TEST_F(ProviderContract, a_chat_is_understood_and_answered) {
  provider.say("Half board [1].");
  const Json answer = chat("Which board is included?");
  EXPECT_EQ(answer["content"], "Half board [1].");
  EXPECT_GT(answer["usage"]["prompt_tokens"], 0);
  EXPECT_GT(answer["usage"]["completion_tokens"], 0);
}

TEST_F(ProviderContract, similar_texts_get_similar_vectors) {
  const Json answer = embed({"a hotel by the sea", "hotel near the sea", "visa for Kenya"});
  ASSERT_EQ(answer["vectors"].size(), 3U);
  const auto nearness = [&](int a, int b) {
    double sum = 0;
    for (std::size_t i = 0; i < answer["vectors"][a].size(); ++i)
      sum += answer["vectors"][a][i].get<double>() * answer["vectors"][b][i].get<double>();
    return sum;
  };
  EXPECT_NEAR(nearness(0, 0), 1, 1e-9);
  EXPECT_GT(nearness(0, 1), nearness(0, 2));
}

TEST_F(ProviderContract, each_of_its_moods_is_the_documented_problem) {
  const auto code_in = [&](Behaviour behaviour) {
    provider.behave(behaviour);
    return problem_of([&] { chat(); }).code;
  };
  EXPECT_EQ(code_in(Behaviour::timeout), "ai_unavailable");
  EXPECT_EQ(code_in(Behaviour::fail), "ai_unavailable");
  EXPECT_EQ(code_in(Behaviour::ratelimit), "ai_unavailable");
  EXPECT_EQ(code_in(Behaviour::rubbish), "ai_bad_answer");
  EXPECT_EQ(code_in(Behaviour::ok), "");
}

TEST_F(ProviderContract, a_wrong_key_is_refused) {
  host.set_secret("api_key", "another");
  EXPECT_EQ(problem_of([&] { chat(); }).code, "ai_unavailable");
}

// The fake is worth something only if it refuses what the vendor refuses.
TEST_F(ProviderContract, the_fake_refuses_what_the_vendor_refuses) {
  const auto status_of = [&](const std::string& path, const std::string& body) {
    const auto answer = provider.answer({"POST", "/v1" + path, "Bearer " + kKey, body});
    const Json error = Json::parse(answer->body).value("error", Json::object());
    EXPECT_TRUE(answer->status == 200 || (error.contains("message") && error.contains("type") &&
                                          error.contains("param") && error.contains("code")));
    return answer->status;
  };
  EXPECT_EQ(status_of("/chat/completions", "{}"), 400);
  EXPECT_EQ(status_of("/chat/completions", R"({"model": "m", "messages": []})"), 400);
  EXPECT_EQ(status_of("/chat/completions", R"({"model": "m", "messages": [{"role": "user"}]})"),
            400);
  const std::string messages = R"("messages": [{"role": "user", "content": "x"}])";
  EXPECT_EQ(status_of("/chat/completions", "{" + messages + "}"), 400);
  EXPECT_EQ(status_of("/chat/completions", R"({"model": "m", "temperature": 3, )" + messages + "}"),
            400);
  EXPECT_EQ(status_of("/chat/completions", R"({"model": "m", )" + messages + "}"), 200);
  EXPECT_EQ(status_of("/embeddings", R"({"model": "m"})"), 400);
  EXPECT_EQ(status_of("/embeddings", R"({"model": "m", "input": [""]})"), 400);
  EXPECT_EQ(status_of("/embeddings", R"({"model": "m", "input": "x", "texts": 1})"), 400);
  EXPECT_EQ(status_of("/embeddings", R"({"model": "m", "input": "x"})"), 200);
  EXPECT_EQ(status_of("/completions", R"({"model": "m", "prompt": "x"})"), 404);
  EXPECT_EQ(status_of("/embeddings", "not JSON"), 400);
}

}  // namespace
}  // namespace ai_test
