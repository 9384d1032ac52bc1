// The plugin in the fake host, with a search that finds what the test put in and a provider that
// says what the test tells it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace helpdesk_test {

using serai::Json;
using serai::Problem;

inline Json passage(const std::string& id, const std::string& content, double score = 0.9) {
  return {{"document_id", id},     {"title", "Title of " + id},     {"filename", id + ".pdf"},
          {"file_type", "pdf"},    {"category", "general"},         {"visibility", "public"},
          {"chunk_id", id + "-0"}, {"heading", "Heading of " + id}, {"content", content},
          {"score", score},        {"sentences", Json::array()}};
}

class Helpdesk : public ::testing::Test {
 protected:
  Helpdesk() {
    host.as_user("alice", {"helpdesk.ask"});
    host.on_service("knowledge.search/1", [this](const Json& request) -> Json {
      searches.push_back(request);
      if (search_fails) throw *search_fails;
      return {{"results", found}, {"confidence", confidence}, {"vectors", "latent"}};
    });
    host.on_service("knowledge.topics/1", [](const Json&) -> Json {
      return {{"topics", Json::array()}};
    });
  }

  // From here on there is a provider, which answers `text`.
  void provider_says(const std::string& text) {
    host.on_service("ai.status/1", [](const Json&) -> Json { return {{"configured", true}}; });
    host.on_service("ai.chat/1", [this, text](const Json& request) -> Json {
      prompts.push_back(request);
      return {{"content", text}, {"model", "m"}, {"usage", Json::object()}};
    });
  }
  void provider_fails(const Problem& problem) {
    provider_says("");
    host.on_service("ai.chat/1", [problem](const Json&) -> Json { throw problem; });
  }

  Json ask(const std::string& question = "Where is the lodge?") { return post("ask", question); }
  Json chat(const std::string& question) { return post("agent/chat", question); }

  Json post(const std::string& route, const std::string& question) {
    const auto reply = host.post("/api/v1/helpdesk/" + route, {{"question", question}});
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.status == 200 ? reply.json() : Json::object();
  }

  // The last message of the last prompt: passages and question.
  std::string prompt() const {
    return prompts.empty() ? "" : prompts.back()["messages"].back()["content"].get<std::string>();
  }

  Json found = Json::array();  // what the search finds
  double confidence = 0.9;
  std::optional<Problem> search_fails;
  std::vector<Json> searches;  // what it was asked
  std::vector<Json> prompts;   // what the provider was asked
  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

}  // namespace helpdesk_test
