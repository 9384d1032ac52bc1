// See status.hpp.
#include "status.hpp"

#include "document.hpp"
#include "embedding.hpp"

namespace knowledge {
namespace {

// What searches compare meanings by, and why it is not what was wished for.
serai::Json embeddings(const serai::Call& call, const TenantIndex& index) {
  const bool wanted = provider_wanted(call);
  serai::Json answer{{"wanted", wanted ? "provider" : "local"}};
  if (wanted && provider_available(call)) {
    answer["used"] = "provider";
  } else {
    answer["used"] = index.model ? "latent" : "none";
    if (wanted) answer["reason"] = "No provider is available; words and learnt meaning are used.";
    if (!wanted && !index.model) answer["reason"] = "There is too little text to learn from yet.";
  }
  answer["dimensions"] = index.model ? index.model->dimensions() : 0;
  return answer;
}

}  // namespace

serai::Json status(serai::Request& request, SearchIndex& index) {
  std::vector<std::string> bound;
  const std::string access = Access::of(request).sql(bound);
  const std::vector<serai::Value> values(bound.begin(), bound.end());
  const auto rows = request.sql().query_values(
      "SELECT status, visibility, count(*) AS documents, CAST(sum(chunk_count) AS BIGINT) AS "
      "chunks "
      "FROM knowledge_documents WHERE " +
          access + " GROUP BY status, visibility",
      values);
  serai::Json data{{"total_documents", 0},      {"total_chunks", 0},      {"pending_documents", 0},
                   {"processing_documents", 0}, {"indexed_documents", 0}, {"failed_documents", 0},
                   {"public_documents", 0},     {"private_documents", 0}};
  const auto add = [&data](const std::string& key, std::int64_t amount) {
    data[key] = data[key].get<std::int64_t>() + amount;
  };
  for (const auto row : rows) {
    const std::int64_t documents = row.integer("documents");
    add("total_documents", documents);
    add("total_chunks", row.integer("chunks"));
    add(std::string(row.text("status")) + "_documents", documents);
    add(std::string(row.text("visibility")) + "_documents", documents);
  }
  const auto tenant = index.read(request);
  data["index_size_bytes"] = tenant->memory_bytes();
  data["index_chunks"] = tenant->snapshot->live_chunks();
  data["categories"] =
      request.sql()
          .query_values(
              "SELECT count(DISTINCT category) AS categories FROM knowledge_documents WHERE " +
                  access,
              values)
          .front()
          .integer(0);
  data["embeddings"] = embeddings(request, *tenant);
  return serai::data(std::move(data));
}

}  // namespace knowledge
