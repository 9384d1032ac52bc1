// The helpdesk's routes: ask, topics, search, and the agent with a conversation per user.
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
  Json ask(serai::Request& request) {
    return helpdesk::answer(request, request.field<std::string>("question"), {});
  }

  Json topics(serai::Request& request) {
    return {
        {"topics", request.services().call("knowledge.topics/1").value("topics", Json::array())}};
  }

  Json search(serai::Request& request) {
    auto type = helpdesk::classify(request.query("q"));
    type.passages = static_cast<int>(request.query_integer("limit", 5));
    type.candidates = std::max(type.candidates, 2 * type.passages);
    Json results = Json::array();
    for (const auto& passage :
         helpdesk::find_passages(request, request.query("q"), type).passages) {
      results.push_back({{"document_id", passage.document_id},
                         {"title", passage.title},
                         {"filename", passage.filename},
                         {"topic", passage.heading},
                         {"content", passage.content},
                         {"score", passage.score},
                         {"is_private", passage.is_private}});
    }
    return {{"query", request.query("q")}, {"count", results.size()}, {"results", results}};
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
    const auto services = request.services();
    const bool documents = services.available("knowledge.search/1");
    bool provider = false;
    if (services.available("ai.status/1"))
      provider = services.call("ai.status/1").value("configured", false);
    return {{"status", documents ? "healthy" : "unhealthy"},
            {"knowledge", documents},
            {"ai", provider},
            {"method", provider ? "synthesis" : "extractive"}};
  }
};

}  // namespace

SERAI_PLUGIN(Helpdesk)
