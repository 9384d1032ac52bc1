// See indexing.hpp.
#include "indexing.hpp"

#include <algorithm>

#include "chunk_store.hpp"
#include "embedding.hpp"
#include "extraction/extract.hpp"

namespace knowledge {
namespace {

namespace retrieval = serai::retrieval;

constexpr std::uint32_t kLastAttempt = 5;  // as the manifest says of the job `index`
constexpr std::uint64_t kLargestFile = 64ULL << 20;

void set_status(const serai::Call& call, std::string_view id, std::string_view status,
                std::optional<std::string_view> error) {
  call.sql().execute(
      "UPDATE knowledge_documents SET status = $1, error = $2 WHERE document_id = $3", status,
      error, id);
}

ExtractionLimits limits_for(const serai::Call& call) {
  ExtractionLimits limits;
  limits.pages = static_cast<int>(call.config().integer("max_pages"));
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.time_left()).count();
  limits.deadline_ms = static_cast<int>(std::clamp<long long>(left - 5000, 1000, 60'000));
  return limits;
}

std::string read_file(const serai::Call& call, const Document& document) {
  try {
    return call.blobs().read_all(document.blob, kLargestFile);
  } catch (const serai::Problem& problem) {
    if (problem.status == 404) throw ExtractionError("The stored file is gone: upload it again.");
    throw;
  }
}

void enqueue_training(const serai::Call& call) {
  call.jobs().enqueue("train", serai::Json::object(), {.unique_key = "train"});
}

}  // namespace

void enqueue_index(const serai::Call& call, std::string_view document) {
  call.jobs().enqueue("index", {{"document_id", document}},
                      {.unique_key = "index:" + std::string(document)});
}

void enqueue_discard(const serai::Call& call, std::string_view blob) {
  call.jobs().enqueue("discard", {{"blob", blob}});
}

void Indexing::index_document(serai::Job& job) {
  const std::string id = job.json().at("document_id").get<std::string>();
  auto document = find_document(job, id);
  if (!document) return;  // deleted meanwhile
  set_status(job, id, kProcessing, std::nullopt);
  try {
    const auto type = file_type_named(document->file_type);
    if (!type) throw ExtractionError("The file is of a kind that cannot be read.");
    ExtractedText text =
        extract(*type, read_file(job, *document), limits_for(job),
                [&job](const serai::Program& program) { return job.programs().run(program); });
    const auto chunks = make_chunks(text.blocks);
    finish(job, std::move(*document), chunks, text.title);
  } catch (const ExtractionError& error) {
    fail(job, id, error.what());
  } catch (const std::exception&) {
    if (job.attempt() >= kLastAttempt) {
      set_status(job, id, kFailed,
                 "Indexing failed for a reason that is not the file's. Try again.");
    } else {
      set_status(job, id, kPending, std::nullopt);
    }
    throw;
  }
}

void Indexing::finish(serai::Job& job, Document document, const std::vector<Chunk>& chunks,
                      std::string_view title) {
  if (!document.title_given && !title.empty()) document.title = title;
  std::vector<std::string> texts;
  if (provider_wanted(job)) {
    for (const Chunk& chunk : chunks) texts.push_back(text_to_index(document, chunk));
  }
  // Before the transaction: a provider takes its time.
  const Embedded embedded = texts.empty() ? Embedded() : embed(job, texts);

  auto transaction = job.sql().transaction();
  SearchIndex::Edit edit(index_, job);
  auto present = find_document(job, document.id);
  if (!present) return;
  if (!present->title_given) present->title = document.title;
  remove_vectors(job, present->number, present->chunk_count);
  store_chunks(job, present->id, chunks);
  edit.put(*present, chunks);
  const auto count = static_cast<std::int64_t>(chunks.size());
  const std::string now = job.clock().now_text();
  job.sql().execute(
      "UPDATE knowledge_documents SET status = 'indexed', error = NULL, title = $1, chunk_count = "
      "$2, indexed_at = $3 WHERE document_id = $4",
      present->title, count, now, present->id);
  store_vectors(job, present->number, embedded);
  const auto& model = edit.before().model;
  const auto snapshot = edit.snapshot();
  if (model) {
    store_latent(job, *model, *snapshot,
                 DocumentList({{present->number, present->id, {}, {}, count}}));
  }
  edit.store();
  if (edit.after().worth_training()) enqueue_training(job);
  job.events().publish("knowledge.document.indexed", {{"document_id", present->id},
                                                      {"title", present->title},
                                                      {"visibility", present->visibility},
                                                      {"chunk_count", count}});
  transaction.commit();
  edit.publish();
  job.metrics().add("documents_indexed_total");
}

void Indexing::fail(serai::Job& job, const std::string& id, const std::string& sentence) {
  auto transaction = job.sql().transaction();
  SearchIndex::Edit edit(index_, job);
  const auto document = find_document(job, id);
  if (!document) return;
  remove_vectors(job, document->number, document->chunk_count);
  store_chunks(job, id, {});
  edit.remove(*document);
  set_status(job, id, kFailed, sentence);
  job.sql().execute(
      "UPDATE knowledge_documents SET chunk_count = 0, indexed_at = NULL WHERE document_id = $1",
      id);
  edit.store();
  transaction.commit();
  edit.publish();
  job.metrics().add("documents_failed_total");
  job.log().info("A document cannot be indexed", {{"document_id", id}, {"reason", sentence}});
}

void Indexing::embed_document(serai::Job& job) {
  const std::string id = job.json().at("document_id").get<std::string>();
  const auto document = find_document(job, id);
  if (!document || document->status != kIndexed) return;
  std::vector<std::string> texts;
  for (const Chunk& chunk : load_chunks(job, id)) texts.push_back(text_to_index(*document, chunk));
  const Embedded embedded = embed(job, texts);
  if (embedded.empty()) return;
  auto transaction = job.sql().transaction();
  const SearchIndex::Edit edit(index_, job);
  // Indexed anew meanwhile: then that run has brought its vectors.
  const auto present = find_document(job, id);
  if (!present || present->indexed_at != document->indexed_at) return;
  store_vectors(job, present->number, embedded);
  transaction.commit();
}

void Indexing::rebuild(serai::Job& job) {
  auto transaction = job.sql().transaction();
  SearchIndex::Edit edit(index_, job);
  edit.rebuild();
  edit.store();
  const auto& model = edit.before().model;
  drop_collections(job,
                   model ? std::vector{latent_collection(*model)} : std::vector<std::string>());
  if (provider_wanted(job)) {
    list_indexed(job).all([&](const Listed& document) {
      job.jobs().enqueue("embed", {{"document_id", document.id}},
                         {.unique_key = "embed:" + document.id});
      return true;
    });
  }
  enqueue_training(job);
  transaction.commit();
  edit.publish();
}

void Indexing::train(serai::Job& job) {
  const auto before = index_.read(job);
  const bool in_pieces = before->snapshot->parts().size() > 1;
  const bool train = before->worth_training();
  if (!in_pieces && !train) return;
  // Learning and projecting take seconds: outside of the transaction, on a state that stays.
  const auto model = train ? retrieval::LatentModel::train(*before->snapshot) : nullptr;
  if (model) store_latent(job, *model, *before->snapshot, before->documents);

  auto transaction = job.sql().transaction();
  SearchIndex::Edit edit(index_, job);
  edit.maintain();
  if (model) {
    if (edit.before().change != before->change) {
      store_latent(job, *model, *edit.snapshot(), edit.before().documents);
    }
    edit.set_model(model);
    if (const auto& old = edit.before().model; old && old->id() != model->id()) {
      job.vectors().drop(latent_collection(*old));
      job.sql().execute("DELETE FROM knowledge_collections WHERE name = $1",
                        latent_collection(*old));
    }
  }
  edit.store();
  transaction.commit();
  edit.publish();
  if (model) job.log().info("Learnt a model of meaning", {{"dimensions", model->dimensions()}});
}

void Indexing::discard_blob(serai::Job& job) {
  const std::string blob = job.json().at("blob").get<std::string>();
  auto transaction = job.sql().transaction();
  // The lock keeps an upload of the same content from coming in between.
  job.sql().execute("UPDATE knowledge_state SET next_number = next_number WHERE id = 'index'");
  const auto users = job.sql().query("SELECT 1 FROM knowledge_documents WHERE blob = $1", blob);
  if (users.empty()) {
    try {
      job.blobs().remove(blob);
    } catch (const serai::Problem& problem) {
      if (problem.status != 404) throw;
    }
  }
  transaction.commit();
}

}  // namespace knowledge
