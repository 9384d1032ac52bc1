// The knowledge plugin: documents in, passages out. This file is its table of contents: each
// handler of plugin.yaml and where it leads.
#include <serai/plugin.hpp>

#include "documents.hpp"
#include "embedding.hpp"
#include "indexing.hpp"
#include "search.hpp"
#include "status.hpp"
#include "upload.hpp"

namespace {

using serai::Json;

class Knowledge : public serai::Plugin {
 public:
  Knowledge() {
    route("list", [this](serai::Request& request) { return documents_.list(request); });
    route("upload", [](serai::Request& request) { return knowledge::upload(request); });
    route("show", [this](serai::Request& request) { return documents_.show(request); });
    route("change", [this](serai::Request& request) { return documents_.change(request); });
    route("remove", [this](serai::Request& request) { return documents_.remove(request); });
    route("reindex", [this](serai::Request& request) { return documents_.reindex(request); });
    route("download", [this](serai::Request& request) { return documents_.download(request); });
    route("categories", [this](serai::Request& request) { return documents_.categories(request); });
    route("search", &Knowledge::search);
    route("status", [this](serai::Request& request) { return knowledge::status(request, index_); });
    route("rebuild", &Knowledge::rebuild);

    job("index", [this](serai::Job& job) { indexing_.index_document(job); });
    job("embed", [this](serai::Job& job) { indexing_.embed_document(job); });
    job("rebuild", [this](serai::Job& job) { indexing_.rebuild(job); });
    job("train", [this](serai::Job& job) { indexing_.train(job); });
    job("discard", [this](serai::Job& job) { indexing_.discard_blob(job); });

    service("search", &Knowledge::search_service);
    service("topics", [this](serai::ServiceCall& call) {
      require_reader(call);
      return documents_.topics(call);
    });
  }

  void forget_tenant(std::string_view tenant) override { index_.forget(tenant); }

 private:
  // POST with a body and GET with a query string are the same search.
  Json search(serai::Request& request) {
    const bool posted = request.method() == "POST";
    knowledge::SearchRequest wanted;
    wanted.query =
        posted ? request.field<std::string>("query") : std::string(request.query("query"));
    wanted.k = posted ? request.field<std::int64_t>("top_k", 5) : request.query_integer("top_k", 5);
    wanted.min_score =
        posted ? request.field<double>("min_score", 0.0) : request.query_real("min_score", 0.0);
    wanted.category =
        posted ? request.field("category", "") : std::string(request.query("category"));
    wanted.visibility =
        posted ? request.field("visibility", "") : std::string(request.query("visibility"));
    const auto found = knowledge::search(request, index_, wanted);
    request.metrics().add("searches_total");
    Json items = Json::array();
    for (const auto& passage : found.passages) items.push_back(to_json(passage));
    Json answer = serai::list(std::move(items));
    answer["query"] = wanted.query;
    answer["confidence"] = found.confidence;
    answer["vectors"] = found.vectors;
    return answer;
  }

  Json search_service(serai::ServiceCall& call) {
    require_reader(call);
    const Json& body = call.json();
    knowledge::SearchRequest wanted;
    try {
      wanted.query = body.at("query").get<std::string>();
      wanted.k = body.value("k", wanted.k);
      wanted.fetch_k = body.value("fetch_k", wanted.fetch_k);
      wanted.lambda = body.value("lambda", wanted.lambda);
      wanted.mmr = body.value("mmr", wanted.mmr);
      wanted.min_score = body.value("min_score", wanted.min_score);
      wanted.category = body.value("category", wanted.category);
      wanted.visibility = body.value("visibility", wanted.visibility);
      if (body.contains("document")) wanted.document = body["document"].get<std::string>();
    } catch (const Json::exception&) {
      throw serai::invalid_field("",
                                 "knowledge.search/1 takes {query, k, fetch_k, lambda, mmr, "
                                 "min_score, category, visibility, document}.");
    }
    const auto found = knowledge::search(call, index_, wanted);
    call.metrics().add("searches_total");
    Json results = Json::array();
    for (const auto& passage : found.passages) results.push_back(to_json(passage));
    return {{"results", results}, {"confidence", found.confidence}, {"vectors", found.vectors}};
  }

  serai::Response rebuild(serai::Request& request) {
    const auto id = request.jobs().enqueue("rebuild", Json::object(), {.unique_key = "rebuild"});
    Json answer = serai::data({{"job_id", id}});
    answer["message"] = "The index is being rebuilt.";
    return serai::Response::json(std::move(answer), 202);
  }

  // A person needs the permission; a job or event acts for the tenant and reads what is public.
  static void require_reader(const serai::ServiceCall& call) {
    if (!call.caller().user.empty()) call.require("knowledge.read");
  }

  knowledge::SearchIndex index_;
  knowledge::Documents documents_{index_};
  knowledge::Indexing indexing_{index_};
};

}  // namespace

SERAI_PLUGIN(Knowledge)
