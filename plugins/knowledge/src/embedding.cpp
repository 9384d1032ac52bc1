// See embedding.hpp.
#include "embedding.hpp"

#include <algorithm>
#include <cmath>

namespace knowledge {
namespace {

namespace retrieval = serai::retrieval;

constexpr std::size_t kTextsAtOnce = 64;
constexpr std::size_t kVectorsAtOnce = 1000;
constexpr std::size_t kLongestVector = 8192;
constexpr const char* kService = "ai.embed/1";

bool normalise(std::vector<float>& vector) {
  double sum = 0;
  for (const float x : vector) sum += static_cast<double>(x) * x;
  if (!(sum > 0) || !std::isfinite(sum)) return false;
  for (float& x : vector) x = static_cast<float>(x / std::sqrt(sum));
  return true;
}

std::string provider_collection(std::string_view model) {
  std::string name = "provider-";
  for (const char c : model.substr(0, 80)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain ? c : '-';
  }
  return name;
}

[[noreturn]] void rubbish() {
  throw serai::Problem(502, "bad_embeddings", "The provider's embeddings cannot be used.");
}

void take_reply(const serai::Json& reply, std::size_t expected, Embedded& embedded) {
  if (!reply.is_object()) rubbish();
  const auto model = reply.find("model");
  if (model == reply.end() || !model->is_string()) rubbish();
  const std::string collection = provider_collection(model->get<std::string>());
  if (!embedded.collection.empty() && embedded.collection != collection) rubbish();
  embedded.collection = collection;
  const auto vectors = reply.find("vectors");
  if (vectors == reply.end() || !vectors->is_array() || vectors->size() != expected) rubbish();
  for (const auto& item : *vectors) {
    if (!item.is_array() || item.empty() || item.size() > kLongestVector) rubbish();
    std::vector<float>& vector = embedded.vectors.emplace_back();
    for (const auto& number : item) {
      if (!number.is_number()) rubbish();
      vector.push_back(number.get<float>());
    }
    if (embedded.dimension == 0) embedded.dimension = static_cast<std::uint32_t>(vector.size());
    if (vector.size() != embedded.dimension || !normalise(vector)) rubbish();
  }
}

void remember_collection(const serai::Call& call, const std::string& name) {
  call.sql().execute(
      "INSERT INTO knowledge_collections (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", name);
}

std::vector<std::string> collections(const serai::Call& call) {
  std::vector<std::string> names;
  const auto rows = call.sql().query("SELECT name FROM knowledge_collections ORDER BY name");
  for (const auto row : rows) names.emplace_back(row.text(0));
  return names;
}

// Vectors gathered until there are enough for one call of the host.
class Upsert {
 public:
  Upsert(const serai::Call& call, std::string collection, std::uint32_t dimension)
      : call_(call), collection_(std::move(collection)), dimension_(dimension) {
    remember_collection(call_, collection_);
  }
  void add(std::int64_t id, const std::vector<float>& vector) {
    ids_.push_back(id);
    numbers_.insert(numbers_.end(), vector.begin(), vector.end());
    if (ids_.size() == kVectorsAtOnce) flush();
  }
  void flush() {
    if (!ids_.empty()) call_.vectors().upsert(collection_, ids_, numbers_, dimension_);
    ids_.clear();
    numbers_.clear();
  }

 private:
  const serai::Call& call_;
  std::string collection_;
  std::uint32_t dimension_;
  std::vector<std::int64_t> ids_;
  std::vector<float> numbers_;
};

bool contains(const std::optional<std::vector<std::string>>& list, const std::string& item) {
  return !list || std::find(list->begin(), list->end(), item) != list->end();
}

bool passes(const Listed& document, const retrieval::Filter& filter) {
  return contains(filter.categories, document.category) &&
         contains(filter.visibilities, document.label) && contains(filter.documents, document.id);
}

std::vector<retrieval::ScoredChunk> search_vectors(const serai::Call& call,
                                                   const TenantIndex& index,
                                                   const std::string& collection,
                                                   std::span<const float> query, std::size_t k,
                                                   const retrieval::Filter& filter) {
  std::vector<std::int64_t> allowed;
  // Most often all documents pass; then a list of them all would only cost time. What other vectors
  // there may be is left out below and by the searcher.
  const bool restricted =
      !filter.unrestricted() &&
      !index.documents.all([&](const Listed& document) { return passes(document, filter); });
  if (restricted) {
    index.documents.all([&](const Listed& document) {
      const std::int64_t chunks = passes(document, filter) ? document.chunks : 0;
      for (std::int64_t i = 0; i < chunks; ++i) {
        allowed.push_back(vector_id(document.number, i));
      }
      return true;
    });
    // To the host an empty list means "no restriction".
    if (allowed.empty()) return {};
  }
  std::vector<retrieval::ScoredChunk> found;
  for (const auto& neighbour : call.vectors().search(collection, query, k, allowed)) {
    const Listed* document = index.documents.find(neighbour.id >> 16);
    if (document == nullptr) continue;
    found.push_back({document->id, std::to_string(neighbour.id & 0xFFFF), neighbour.score});
  }
  return found;
}

}  // namespace

bool provider_wanted(const serai::Call& call) {
  return call.config().text("embeddings") == "provider";
}

bool provider_available(const serai::Call& call) { return call.services().available(kService); }

Embedded embed(const serai::Call& call, const std::vector<std::string>& texts) {
  if (!provider_wanted(call) || !provider_available(call)) return {};
  Embedded embedded;
  try {
    for (std::size_t start = 0; start < texts.size(); start += kTextsAtOnce) {
      serai::Json batch = serai::Json::array();
      const std::size_t end = std::min(texts.size(), start + kTextsAtOnce);
      for (std::size_t i = start; i < end; ++i) batch.push_back(texts[i]);
      take_reply(call.services().call(kService, {{"texts", batch}}), end - start, embedded);
    }
  } catch (const serai::Problem& problem) {
    call.log().warning("Going on without the provider's embeddings", {{"code", problem.code}});
    return {};
  }
  return embedded;
}

std::string latent_collection(const retrieval::LatentModel& model) {
  return "latent-" + model.id();
}

void store_vectors(const serai::Call& call, std::int64_t number, const Embedded& embedded) {
  if (embedded.empty()) return;
  Upsert upsert(call, embedded.collection, embedded.dimension);
  std::int64_t position = 0;
  for (const auto& vector : embedded.vectors) upsert.add(vector_id(number, position++), vector);
  upsert.flush();
}

void store_latent(const serai::Call& call, const retrieval::LatentModel& model,
                  const retrieval::Snapshot& snapshot, const DocumentList& documents) {
  Upsert upsert(call, latent_collection(model), static_cast<std::uint32_t>(model.dimensions()));
  documents.all([&](const Listed& document) {
    for (std::int64_t i = 0; i < document.chunks; ++i) {
      const auto ordinal = snapshot.find(document.id, std::to_string(i));
      if (ordinal) upsert.add(vector_id(document.number, i), model.project(snapshot, *ordinal));
    }
    return true;
  });
  upsert.flush();
}

void remove_vectors(const serai::Call& call, std::int64_t number, std::int64_t chunks) {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < chunks; ++i) ids.push_back(vector_id(number, i));
  if (ids.empty()) return;
  for (const std::string& name : collections(call)) call.vectors().remove(name, ids);
}

void drop_collections(const serai::Call& call, const std::vector<std::string>& keep) {
  for (const std::string& name : collections(call)) {
    if (std::find(keep.begin(), keep.end(), name) != keep.end()) continue;
    call.vectors().drop(name);
    call.sql().execute("DELETE FROM knowledge_collections WHERE name = $1", name);
  }
}

QueryVectors query_vectors(const serai::Call& call, const TenantIndex& index,
                           const std::string& query) {
  QueryVectors result;
  std::string collection;
  if (Embedded embedded = embed(call, {query}); !embedded.empty()) {
    if (call.vectors().count(embedded.collection) > 0) {
      collection = embedded.collection;
      result.query = std::move(embedded.vectors.front());
      result.used = "provider";
    }
  }
  if (collection.empty() && index.model) {
    collection = latent_collection(*index.model);
    result.source.model = index.model;
    result.used = "latent";
  }
  if (collection.empty()) {
    result.used = "none";
    return result;
  }
  result.source.search = [&call, &index, collection](std::span<const float> vector, std::size_t k,
                                                     const retrieval::Filter& filter) {
    return search_vectors(call, index, collection, vector, k, filter);
  };
  return result;
}

}  // namespace knowledge
