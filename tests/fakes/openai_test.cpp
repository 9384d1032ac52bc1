// The fake provider over real sockets, in this process and as the program end-to-end tests start.
#include "fakes/openai.hpp"

#include <csignal>
#include <cstdio>
#include <memory>

#include <curl/curl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Json = nlohmann::json;

struct Got {
  CURLcode result = CURLE_OK;
  long status = 0;
  std::string body;
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
  static_cast<std::string*>(to)->append(data, size * count);
  return size * count;
}

Got send(const std::string& method, const std::string& url, const std::string& body = "",
         const std::string& key = "", long timeout_ms = 30'000) {
  Got got;
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 curl_easy_cleanup);
  curl_slist* headers = nullptr;
  if (!key.empty()) headers = curl_slist_append(headers, ("Authorization: Bearer " + key).c_str());
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  if (!body.empty()) curl_easy_setopt(curl.get(), CURLOPT_COPYPOSTFIELDS, body.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &got.body);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  got.result = curl_easy_perform(curl.get());
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &got.status);
  curl_slist_free_all(headers);
  return got;
}

const std::string kChat = R"({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})";

Got chat(const std::string& base, const std::string& key = "") {
  return send("POST", base + "/chat/completions", kChat, key);
}

TEST(FakeOpenAi, answers_chat_and_embeddings) {
  fakes::OpenAiServer server;
  const Got said = chat(server.base_url());
  ASSERT_EQ(said.status, 200) << said.body;
  EXPECT_EQ(Json::parse(said.body)["choices"][0]["message"]["content"],
            "The documents answer this [1].");
  const Got embedded = send("POST", server.base_url() + "/embeddings",
                            R"({"model": "m", "input": ["a", "b"], "dimensions": 8})");
  ASSERT_EQ(embedded.status, 200) << embedded.body;
  const Json data = Json::parse(embedded.body)["data"];
  ASSERT_EQ(data.size(), 2U);
  EXPECT_EQ(data[1]["index"], 1);
  EXPECT_EQ(data[1]["embedding"].size(), 8U);
}

TEST(FakeOpenAi, behaves_as_told_from_outside) {
  fakes::OpenAiServer server;
  const std::string control = "http://127.0.0.1:" + std::to_string(server.port()) + "/behaviour";
  EXPECT_EQ(send("PUT", control, "fail").status, 200);
  EXPECT_EQ(chat(server.base_url()).status, 500);
  EXPECT_EQ(send("PUT", control, "ratelimit").status, 200);
  EXPECT_EQ(chat(server.base_url()).status, 429);
  EXPECT_EQ(send("PUT", control, "rubbish").status, 200);
  EXPECT_TRUE(Json::parse(chat(server.base_url()).body, nullptr, false).is_discarded());
  EXPECT_EQ(send("PUT", control, "sulk").status, 400);
  EXPECT_EQ(send("PUT", control, "ok").status, 200);
  EXPECT_EQ(chat(server.base_url()).status, 200);
}

TEST(FakeOpenAi, does_not_answer_when_it_is_to_time_out_but_goes_on_listening) {
  fakes::OpenAiServer server;
  server.provider().behave(fakes::OpenAi::Behaviour::timeout);
  EXPECT_EQ(send("POST", server.base_url() + "/chat/completions", kChat, "", 100).result,
            CURLE_OPERATION_TIMEDOUT);
  server.provider().behave(fakes::OpenAi::Behaviour::ok);
  EXPECT_EQ(chat(server.base_url()).status, 200);
}

TEST(FakeOpenAi, remembers_what_it_was_asked) {
  fakes::OpenAiServer server;
  chat(server.base_url(), "k");
  const Got got = send("GET", "http://127.0.0.1:" + std::to_string(server.port()) + "/requests");
  const Json requests = Json::parse(got.body);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0], (Json{{"method", "POST"},
                               {"path", "/v1/chat/completions"},
                               {"authorization", "Bearer k"},
                               {"body", kChat}}));
}

// The program, run with a free port; ended by SIGTERM.
class Program {
 public:
  explicit Program(std::vector<std::string> words) {
    int ends[2];
    if (::pipe(ends) != 0) return;
    words.insert(words.begin(), FAKE_OPENAI);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    char c = 0;
    while (::read(ends[0], &c, 1) == 1 && c != '\n') line_ += c;
    ::close(ends[0]);
  }
  ~Program() { end(); }

  const std::string& line() const { return line_; }  // the first it printed
  // Its exit status.
  int end() {
    if (child_ <= 0) return -1;
    ::kill(child_, SIGTERM);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t child_ = -1;
  std::string line_;
};

TEST(FakeOpenAiProgram, prints_its_address_serves_and_ends_when_told) {
  Program program({"0", "--key", "k", "--say", "Hello [1]."});
  ASSERT_TRUE(program.line().starts_with("http://127.0.0.1:")) << program.line();
  EXPECT_EQ(chat(program.line()).status, 401);
  const Got got = chat(program.line(), "k");
  ASSERT_EQ(got.status, 200);
  EXPECT_EQ(Json::parse(got.body)["choices"][0]["message"]["content"], "Hello [1].");
  EXPECT_EQ(program.end(), 0);
}

TEST(FakeOpenAiProgram, begins_with_the_behaviour_asked_for) {
  Program program({"0", "--behaviour", "ratelimit"});
  EXPECT_EQ(chat(program.line()).status, 429);
}

TEST(FakeOpenAiProgram, refuses_words_it_does_not_know) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"port"},
                                                {"70000"},
                                                {"0", "--behaviour"},
                                                {"0", "--behaviour", "sulk"},
                                                {"0", "--color", "red"}}) {
    Program program(words);
    EXPECT_EQ(program.line(), "");
    EXPECT_EQ(program.end(), 2);
  }
}

}  // namespace
