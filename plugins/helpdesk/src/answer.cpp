// See the header.
#include "answer.hpp"

#include <algorithm>
#include <optional>

#include "citations.hpp"
#include "prompt.hpp"

namespace helpdesk {
namespace {

using serai::Json;

constexpr std::size_t kExtracts = 3;
constexpr std::size_t kSameBeginning = 100;  // bytes: two extracts with one beginning are one

Json source(const Passage& passage) {
  return {{"document_id", passage.document_id},
          {"title", passage.title},
          {"filename", passage.filename},
          {"topic", passage.heading},
          {"excerpt", excerpt(passage)},
          {"score", passage.score},
          {"type", "document"},
          {"is_private", passage.is_private}};
}

// The best sentences of the best passages, each with the number of its source.
std::string extract(const std::vector<Passage>& passages) {
  std::string text;
  std::vector<std::string> beginnings;
  for (std::size_t i = 0; i < passages.size() && beginnings.size() < kExtracts; ++i) {
    if (passages[i].score < passages[0].score * 0.5) break;
    const std::string part = excerpt(passages[i]);
    const std::string beginning = part.substr(0, kSameBeginning);
    // Neighbouring passages overlap and may offer the same sentence.
    if (std::find(beginnings.begin(), beginnings.end(), beginning) != beginnings.end()) continue;
    beginnings.push_back(beginning);
    text += (text.empty() ? "" : "\n\n") + part + " [" + std::to_string(i + 1) + "]";
  }
  return text;
}

struct Worded {
  std::optional<std::string> text;  // nullopt: no provider, or it failed
  std::size_t given = 0;            // passages it was worded from, the first ones
  bool not_held = false;            // the provider found nothing in the passages
  std::string note;                 // why it is not worded although there is a provider
};

Worded word(const serai::Call& call, const std::string& question, const Found& found,
            const std::vector<Turn>& history) {
  try {
    if (!provider_ready(call)) return {};
    const Prompt prompt = make_prompt(question, found.passages, history);
    const Json reply =
        call.services().call("ai.chat/1", {{"messages", prompt.messages},
                                           {"max_tokens", call.config().integer("answer_tokens")},
                                           {"temperature", 0.2}});
    const std::string text =
        with_honest_citations(reply.at("content").get<std::string>(), prompt.given);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
      return {.note = "The AI provider gave an empty answer. These are the best passages instead."};
    if (text.find(kNotHeld) != std::string::npos) return {.not_held = true};
    return {.text = text, .given = prompt.given};
  } catch (const serai::Problem& problem) {
    call.log().warning("answering without the AI provider", {{"code", problem.code}});
    return {.note = problem.detail + " These are the best passages instead."};
  } catch (const Json::exception&) {
    call.log().warning("answering without the AI provider", {{"code", "unreadable"}});
    return {.note =
                "The AI provider's answer cannot be read. These are the best passages "
                "instead."};
  }
}

double milliseconds_since(const serai::Call& call, std::chrono::microseconds start) {
  return static_cast<double>((call.clock().monotonic() - start).count()) / 1000.0;
}

// A short follow-up ("and for children?") is looked up together with what was asked before.
std::string in_context(const std::string& question, const std::vector<Turn>& history) {
  constexpr std::ptrdiff_t kFollowUpWords = 6;
  if (std::count(question.begin(), question.end(), ' ') >= kFollowUpWords) return question;
  for (auto turn = history.rbegin(); turn != history.rend(); ++turn) {
    if (turn->role == "user") return turn->content + " " + question;
  }
  return question;
}

Found found_in(const Json& reply) {
  Found found;
  found.confidence = reply.at("confidence").get<double>();
  for (const auto& item : reply.at("results")) {
    Passage passage;
    passage.document_id = item.value("document_id", "");
    passage.title = item.value("title", "");
    passage.filename = item.value("filename", "");
    passage.heading = item.value("heading", "");
    passage.content = item.value("content", "");
    passage.sentences = item.value("sentences", std::vector<std::string>());
    passage.score = item.value("score", 0.0);
    passage.is_private = item.value("visibility", "") == "private";
    found.passages.push_back(std::move(passage));
  }
  return found;
}

}  // namespace

bool provider_ready(const serai::Call& call) {
  const auto services = call.services();
  if (!call.config().boolean("use_ai") || !services.available("ai.chat/1")) return false;
  return !services.available("ai.status/1") ||
         services.call("ai.status/1").at("configured").get<bool>();
}

Found find_passages(const serai::Call& call, std::string_view question, const QuestionType& type) {
  const Json reply = call.services().call("knowledge.search/1", {{"query", question},
                                                                 {"k", type.passages},
                                                                 {"fetch_k", type.candidates},
                                                                 {"lambda", type.relevance},
                                                                 {"mmr", type.diverse}});
  try {
    return found_in(reply);
  } catch (const Json::exception&) {
    throw serai::Problem(502, "bad_upstream", "What the search found cannot be read.");
  }
}

Json answer(const serai::Call& call, const std::string& question,
            const std::vector<Turn>& history) {
  call.metrics().add("questions_total");
  const auto start = call.clock().monotonic();
  const std::string query = in_context(question, history);
  const QuestionType& type = classify(query);
  const Found found = find_passages(call, query, type);
  const double search_ms = milliseconds_since(call, start);

  Json reply{
      {"query_type", type.name}, {"confidence", found.confidence}, {"sources", Json::array()}};
  const auto synthesis_start = call.clock().monotonic();
  const bool held =
      !found.passages.empty() && found.confidence >= call.config().real("min_confidence");
  const Worded worded = held ? word(call, question, found, history) : Worded{};
  if (!held || worded.not_held) {
    call.metrics().add("unanswered_total");
    reply["answer"] =
        "The documents do not say. You can upload a document that does, or ask a colleague.";
    reply["method"] = "no_answer";
  } else {
    reply["answer"] = worded.text ? *worded.text : extract(found.passages);
    reply["method"] = worded.text ? "synthesis" : "extractive";
    const std::size_t sources = worded.text ? worded.given : found.passages.size();
    for (std::size_t i = 0; i < sources; ++i) reply["sources"].push_back(source(found.passages[i]));
  }
  if (!worded.note.empty()) {
    reply["note"] = worded.note;
    reply["_service_status"] = "degraded";
  }
  reply["timing"] = {{"search_ms", search_ms},
                     {"synthesis_ms", milliseconds_since(call, synthesis_start)},
                     {"total_ms", milliseconds_since(call, start)}};
  return reply;
}

}  // namespace helpdesk
