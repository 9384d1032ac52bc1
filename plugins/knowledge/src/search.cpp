// See search.hpp.
#include "search.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "access.hpp"
#include "document.hpp"
#include "embedding.hpp"
#include "retrieval/search.hpp"
#include "sentences.hpp"

namespace knowledge {
namespace {

namespace retrieval = serai::retrieval;

constexpr std::int64_t kMostPassages = 50;
constexpr std::int64_t kMostCandidates = 200;
constexpr std::size_t kSentences = 3;

std::vector<std::string> private_owners(const serai::Call& call) {
  std::vector<std::string> owners;
  const auto rows = call.sql().query(
      "SELECT DISTINCT owner FROM knowledge_documents WHERE visibility = 'private' ORDER BY owner");
  for (const auto row : rows) owners.emplace_back(row.text(0));
  return owners;
}

retrieval::Query query_of(const serai::Call& call, const SearchRequest& request) {
  retrieval::Query query;
  query.text = request.query;
  // Other plugins may ask for any number: bounded before it is calculated with.
  const std::int64_t wanted = std::clamp<std::int64_t>(request.k, 1, kMostPassages);
  query.k = static_cast<std::size_t>(wanted);
  const std::int64_t candidates = request.fetch_k > 0 ? request.fetch_k : 4 * wanted;
  query.fetch_k = std::max(
      query.k, static_cast<std::size_t>(std::clamp<std::int64_t>(candidates, 1, kMostCandidates)));
  query.lambda = static_cast<float>(std::clamp(request.lambda, 0.0, 1.0));
  query.use_mmr = request.mmr;
  query.min_score = static_cast<float>(request.min_score);
  if (!request.category.empty()) query.filter.categories = {{category_of(request.category)}};
  if (request.document) query.filter.documents = {{*request.document}};
  const Access access = Access::of(call);
  const bool ask_owners = access.everything() && !request.visibility.empty();
  access.restrict(query.filter, request.visibility,
                  ask_owners ? private_owners(call) : std::vector<std::string>());
  return query;
}

std::int64_t position_of(const retrieval::Hit& hit) {
  std::int64_t position = 0;
  std::from_chars(hit.chunk.data(), hit.chunk.data() + hit.chunk.size(), position);
  return position;
}

using ByPlace = std::map<std::pair<std::string, std::int64_t>, Passage>;

// The rows behind the hits, in one statement, once more only those that may be read.
ByPlace load_passages(const serai::Call& call, const std::vector<retrieval::Hit>& hits) {
  std::vector<std::string> bound;
  std::string where = Access::of(call).sql(bound) + " AND (";
  std::vector<std::int64_t> positions;
  const std::size_t texts = bound.size() + hits.size();
  for (std::size_t i = 0; i < hits.size(); ++i) {
    bound.push_back(hits[i].document);
    positions.push_back(position_of(hits[i]));
    where += std::string(i == 0 ? "" : " OR ") + "(d.document_id = $" +
             std::to_string(bound.size()) + " AND c.position = $" + std::to_string(texts + i + 1) +
             ")";
  }
  std::vector<serai::Value> values(bound.begin(), bound.end());
  values.insert(values.end(), positions.begin(), positions.end());
  const auto rows = call.sql().query_values(
      "SELECT d.document_id, d.title, d.original_filename, d.file_type, d.category, d.visibility, "
      "c.position, c.heading, c.content FROM knowledge_documents d JOIN knowledge_chunks c ON "
      "c.document_id = d.document_id WHERE " +
          where + ")",
      values);
  ByPlace passages;
  for (const auto row : rows) {
    Passage passage;
    passage.document_id = row.text(0);
    passage.title = row.text(1);
    passage.filename = row.text(2);
    passage.file_type = row.text(3);
    passage.category = row.text(4);
    passage.visibility = row.text(5);
    passage.chunk_id = passage.document_id + "-" + std::to_string(row.integer(6));
    passage.heading = row.text(7);
    passage.content = row.text(8);
    passages.emplace(std::pair(passage.document_id, row.integer(6)), std::move(passage));
  }
  return passages;
}

}  // namespace

Found search(const serai::Call& call, SearchIndex& index, const SearchRequest& request) {
  const auto tenant = index.read(call);
  QueryVectors vectors = query_vectors(call, *tenant, request.query);
  retrieval::Query query = query_of(call, request);
  query.vector = std::move(vectors.query);
  const retrieval::Searcher searcher(tenant->snapshot, index.analyzer(), std::move(vectors.source));
  Found found;
  found.vectors = vectors.used;
  const auto hits = searcher.search(query);
  if (hits.empty()) return found;
  auto passages = load_passages(call, hits);
  for (const auto& hit : hits) {
    const auto passage = passages.find({hit.document, position_of(hit)});
    if (passage == passages.end()) continue;  // gone since the state that was searched
    passage->second.score = hit.score;
    passage->second.sentences =
        best_sentences(passage->second.content, request.query, index.analyzer(), kSentences);
    found.confidence = std::max<double>(found.confidence, hit.score);
    found.passages.push_back(std::move(passage->second));
  }
  return found;
}

serai::Json to_json(const Passage& passage) {
  return {{"document_id", passage.document_id}, {"title", passage.title},
          {"filename", passage.filename},       {"file_type", passage.file_type},
          {"category", passage.category},       {"visibility", passage.visibility},
          {"chunk_id", passage.chunk_id},       {"heading", passage.heading},
          {"content", passage.content},         {"score", passage.score},
          {"sentences", passage.sentences}};
}

}  // namespace knowledge
