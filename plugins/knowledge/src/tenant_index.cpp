// See tenant_index.hpp.
#include "tenant_index.hpp"

#include <map>
#include <optional>

#include "chunk_store.hpp"
#include "retrieval/index.hpp"

namespace knowledge {
namespace {

namespace retrieval = serai::retrieval;

constexpr float kDriftWorthTraining = 0.3F;
constexpr std::uint64_t kMostDocuments = 1'000'000;
constexpr std::size_t kDocumentsAtOnce = 64;

std::string bytes_of(const serai::Row& row, const char* column) {
  const auto bytes = row.blob(column);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Segments as stored; those already in memory are not read again. Nothing: one of them has gone
// since they were listed.
std::optional<std::vector<retrieval::StoredSegment>> read_segments(const serai::Call& call,
                                                                   const TenantIndex* known) {
  std::map<std::string_view, std::shared_ptr<const retrieval::Segment>> in_memory;
  if (known != nullptr && !known->damaged) {
    for (const auto& part : known->snapshot->parts()) {
      in_memory.emplace(part.segment->id(), part.segment);
    }
  }
  std::vector<retrieval::StoredSegment> segments;
  const auto rows =
      call.sql().query("SELECT segment_id, tombstones FROM knowledge_segments ORDER BY segment_id");
  for (const auto row : rows) {
    retrieval::StoredSegment& segment = segments.emplace_back();
    segment.id = row.text("segment_id");
    segment.tombstones = bytes_of(row, "tombstones");
    if (const auto found = in_memory.find(segment.id); found != in_memory.end()) {
      segment.parsed = found->second;
      continue;
    }
    const auto bytes =
        call.sql().query("SELECT bytes FROM knowledge_segments WHERE segment_id = $1", segment.id);
    if (bytes.empty()) return std::nullopt;
    segment.bytes = bytes_of(bytes.front(), "bytes");
  }
  return segments;
}

std::shared_ptr<const retrieval::LatentModel> read_model(const serai::Call& call,
                                                         const TenantIndex* known) {
  const auto sql = call.sql();
  const auto present = sql.query("SELECT model_id FROM knowledge_models WHERE kind = 'latent'");
  if (present.empty()) return nullptr;
  if (known != nullptr && known->model && known->model->id() == present.front().text(0)) {
    return known->model;
  }
  const auto rows = sql.query("SELECT bytes FROM knowledge_models WHERE kind = 'latent'");
  if (rows.empty()) return nullptr;
  std::string error;
  auto model = retrieval::LatentModel::parse(bytes_of(rows.front(), "bytes"), &error);
  if (!model) call.log().error("The stored model cannot be read", {{"reason", error}});
  return model;
}

}  // namespace

std::size_t TenantIndex::memory_bytes() const {
  return snapshot->memory_bytes() + (model ? model->memory_bytes() : 0) +
         documents.size() * (sizeof(Listed) + 64);
}

void TenantIndex::weigh(const TenantIndex& before) {
  masses.clear();
  if (!model) return;
  const bool same_model = before.model && before.model->id() == model->id();
  for (const auto& part : snapshot->parts()) {
    const std::string& id = part.segment->id();
    const auto known = before.masses.find(id);
    masses[id] = same_model && known != before.masses.end() ? known->second
                                                            : model->word_mass(*part.segment);
  }
}

bool TenantIndex::worth_training() const {
  if (snapshot->live_chunks() < retrieval::LatentModel::kLeastChunks) return false;
  if (!model) return true;
  if (masses.empty()) return model->drift(*snapshot) > kDriftWorthTraining;
  retrieval::LatentModel::WordMass words;
  for (const auto& [id, mass] : masses) {
    words.all += mass.all;
    words.known += mass.known;
  }
  return model->drift(*snapshot, words) > kDriftWorthTraining;
}

std::string stored_change(const serai::Call& call) {
  return std::string(call.sql()
                         .query("SELECT change FROM knowledge_state WHERE id = 'index'")
                         .required("The state of the index")
                         .text(0));
}

DocumentList list_indexed(const serai::Call& call) {
  const auto rows = call.sql().query_values(
      "SELECT number, document_id, category, visibility, owner, chunk_count FROM "
      "knowledge_documents WHERE chunk_count > 0 ORDER BY number",
      {}, kMostDocuments);
  std::vector<Listed> documents;
  documents.reserve(rows.size());
  for (const auto row : rows) {
    documents.push_back({row.integer(0), std::string(row.text(1)), std::string(row.text(2)),
                         visibility_label(row.text(3), row.text(4)), row.integer(5)});
  }
  return DocumentList(std::move(documents));
}

std::shared_ptr<const retrieval::Snapshot> index_from_chunks(const serai::Call& call,
                                                             const retrieval::Analyzer& analyzer) {
  retrieval::Index index(analyzer);
  std::vector<retrieval::Document> waiting;
  const auto put = [&] {
    if (!waiting.empty()) index.put(waiting);
    waiting.clear();
  };
  list_indexed(call).all([&](const Listed& listed) {
    if (const auto document = find_document(call, listed.id)) {
      waiting.push_back(to_indexed(*document, load_chunks(call, listed.id)));
    }
    if (waiting.size() == kDocumentsAtOnce) put();
    return true;
  });
  put();
  while (index.maintain()) {
  }
  return index.snapshot();
}

std::shared_ptr<const TenantIndex> load_index(const serai::Call& call, const KnownIndex& known,
                                              const retrieval::Analyzer& analyzer) {
  // Another process may write between two statements: then what was read is of no one state.
  for (int attempt = 0; attempt < 5; ++attempt) {
    auto loaded = std::make_shared<TenantIndex>();
    loaded->change = stored_change(call);
    for (const auto& one : {known.index, known.next}) {
      if (one && one->change == loaded->change) return one;
    }
    auto segments = read_segments(call, known.index.get());
    if (!segments) continue;
    loaded->model = read_model(call, known.index.get());
    loaded->documents = list_indexed(call);
    retrieval::Index index(analyzer);
    std::string error;
    if (index.load(std::move(*segments), &error)) {
      loaded->snapshot = index.snapshot();
    } else {
      call.log().error("The stored index cannot be read and is made anew from the documents",
                       {{"reason", error}});
      loaded->snapshot = index_from_chunks(call, analyzer);
      loaded->damaged = true;
    }
    if (stored_change(call) == loaded->change) return loaded;
  }
  throw serai::Problem(503, "index_busy", "The documents are being changed; try again.");
}

}  // namespace knowledge
