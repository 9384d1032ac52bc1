// The helpdesk's routes: ask, topics, search, and the agent with a conversation per user.
#include <algorithm>

#include <serai/plugin.hpp>

#include "answer.hpp"
#include "conversation.hpp"
#include "question_type.hpp"

namespace {

using serai::Json;

class Helpdesk : public serai::Plugin {
 public:
  Helpdesk() {
    route("ask", &Helpdesk::ask);
    route("topics", &Helpdesk::topics);
    route("search", &Helpdesk::search);
    route("chat", &Helpdesk::chat);
    route("reset", &Helpdesk::reset);
    route("stats", &Helpdesk::stats);
    route("health", &Helpdesk::health);
  }

 private:
  static bool provider_answers(const serai::Call& call) {
    try {
      return helpdesk::provider_ready(call);
    } catch (const std::exception&) {
      return false;  // a page about health has to come up whatever is ill
    }
  }

  Json ask(serai::Request& request) {
    return helpdesk::answer(request, request.field<std::string>("question"), {});
  }

  Json topics(serai::Request& request) {
    const Json reply = request.services().call("knowledge.topics/1");
    const auto topics = reply.find("topics");
    if (!reply.is_object() || topics == reply.end() || !topics->is_array())
      throw serai::Problem(502, "bad_upstream", "The topics cannot be read.");
    return {{"topics", *topics}};
  }

  Json search(serai::Request& request) {
    const std::string_view query = request.query("q");
    if (query.find_first_not_of(" \t\r\n") == std::string_view::npos)
      throw serai::invalid_field("query/q", "A query is needed.");
    auto type = helpdesk::classify(query);
    type.passages = static_cast<int>(request.query_integer("limit", 5));
    type.candidates = std::max(type.candidates, 2 * type.passages);
    Json results = Json::array();
    for (const auto& passage : helpdesk::find_passages(request, query, type).passages) {
      results.push_back({{"document_id", passage.document_id},
                         {"title", passage.title},
                         {"filename", passage.filename},
                         {"topic", passage.heading},
                         {"content", passage.content},
                         {"score", passage.score},
                         {"is_private", passage.is_private}});
    }
    return {{"query", query}, {"count", results.size()}, {"results", results}};
  }

  Json chat(serai::Request& request) {
    const auto question = request.field<std::string>("question");
    const helpdesk::Conversation conversation(request);
    Json reply;
    if (helpdesk::wants_a_person(question)) {
      reply = {{"answer",
                "A colleague is the right one for this. I am software: please ask in your team, or "
                "write a ticket."},
               {"method", "no_answer"},
               {"tool", "route_to_human"},
               {"sources", Json::array()}};
    } else {
      reply = helpdesk::answer(request, question, conversation.turns());
      reply["tool"] = "search_knowledge_base";
    }
    conversation.add(question, reply["answer"].get<std::string>());
    return reply;
  }

  Json reset(serai::Request& request) {
    helpdesk::Conversation(request).clear();
    return {{"message", "The conversation is forgotten."}};
  }

  Json stats(serai::Request& request) {
    return serai::data({{"messages", helpdesk::Conversation(request).turns().size()}});
  }

  Json health(serai::Request& request) {
    const bool documents = request.services().available("knowledge.search/1");
    const bool provider = provider_answers(request);
    return {{"status", documents ? "healthy" : "unhealthy"},
            {"knowledge", documents},
            {"ai", provider},
            {"method", provider ? "synthesis" : "extractive"}};
  }
};

}  // namespace

SERAI_PLUGIN(Helpdesk)
