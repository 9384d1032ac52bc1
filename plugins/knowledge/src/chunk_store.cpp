// See chunk_store.hpp.
#include "chunk_store.hpp"

namespace knowledge {

std::vector<Chunk> load_chunks(const serai::Call& call, std::string_view document) {
  const serai::Value bound[] = {document};
  std::vector<Chunk> chunks;
  const auto rows = call.sql().query_values(
      "SELECT heading, content FROM knowledge_chunks WHERE document_id = $1 ORDER BY position",
      bound, kMostChunks);
  chunks.reserve(rows.size());
  for (const auto row : rows) {
    chunks.push_back({std::string(row.text("heading")), std::string(row.text("content"))});
  }
  return chunks;
}

void store_chunks(const serai::Call& call, std::string_view document,
                  const std::vector<Chunk>& chunks) {
  const auto sql = call.sql();
  sql.execute("DELETE FROM knowledge_chunks WHERE document_id = $1", document);
  serai::Batch batch;
  std::int64_t position = 0;
  for (const Chunk& chunk : chunks) batch.add(document, position++, chunk.heading, chunk.content);
  sql.execute_many(
      "INSERT INTO knowledge_chunks (document_id, position, heading, content) VALUES ($1, $2, $3, "
      "$4)",
      batch);
}

std::string text_to_index(const Document& document, const Chunk& chunk) {
  return document.title + "\n" + chunk.heading + "\n" + chunk.content;
}

serai::retrieval::Document to_indexed(const Document& document, const std::vector<Chunk>& chunks) {
  serai::retrieval::Document indexed;
  indexed.id = document.id;
  indexed.category = document.category;
  indexed.visibility = visibility_label(document.visibility, document.owner);
  indexed.chunks.reserve(chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    indexed.chunks.push_back({std::to_string(i), text_to_index(document, chunks[i])});
  }
  return indexed;
}

}  // namespace knowledge
