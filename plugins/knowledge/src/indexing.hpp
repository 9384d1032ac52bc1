// The plugin's jobs: from a stored file to passages that are found, and the upkeep behind it. Each
// is idempotent: run twice, it leaves what one run leaves.
#pragma once

#include <string_view>

#include <serai/plugin.hpp>

#include "chunking.hpp"
#include "document.hpp"
#include "search_index.hpp"

namespace knowledge {

// Joins an open transaction. While one for the document waits or runs no second is added.
void enqueue_index(const serai::Call& call, std::string_view document);
// The blob goes once no document of the tenant has it any more.
void enqueue_discard(const serai::Call& call, std::string_view blob);

class Indexing {
 public:
  explicit Indexing(SearchIndex& index) : index_(index) {}

  // {document_id}: pending -> processing -> indexed or failed.
  void index_document(serai::Job& job);
  // {document_id}: a provider's vectors for what is already indexed.
  void embed_document(serai::Job& job);
  // {}: the index anew from the chunks, and all vectors after it.
  void rebuild(serai::Job& job);
  // {}: merges the index and learns a new model of meaning, each if it is worth it.
  void train(serai::Job& job);
  // {blob}
  void discard_blob(serai::Job& job);

 private:
  void finish(serai::Job& job, Document document, const std::vector<Chunk>& chunks,
              std::string_view title);
  void fail(serai::Job& job, const std::string& id, const std::string& sentence);

  SearchIndex& index_;
};

}  // namespace knowledge
