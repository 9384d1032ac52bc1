// A document's row: as the plugin reads it, as clients see it, and the ways to find it. Its text is
// in the chunks, its bytes in the blob store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <serai/plugin.hpp>

#include "access.hpp"

namespace knowledge {

// What becomes of a document: pending -> processing -> indexed or failed.
inline constexpr std::string_view kPending = "pending";
inline constexpr std::string_view kProcessing = "processing";
inline constexpr std::string_view kIndexed = "indexed";
inline constexpr std::string_view kFailed = "failed";

struct Document {
  std::string id;           // "DOC-" and eight hexadecimal digits
  std::int64_t number = 0;  // unique in the tenant, never used again
  std::string filename, original_filename, title;
  bool title_given = false;  // by a person: the file's own title does not replace it
  std::string category;
  serai::Json tags = serai::Json::array();
  std::string file_type;
  std::int64_t file_size = 0;  // bytes
  std::string content_hash;    // SHA-256, hexadecimal
  std::string blob;
  std::string visibility, owner;
  std::string status;
  std::optional<std::string> error;
  std::int64_t chunk_count = 0;
  std::string uploaded_at;
  std::optional<std::string> indexed_at;
};

serai::Json to_json(const Document& document);

// Columns in the order read_document() reads them.
extern const char* const kDocumentColumns;
Document read_document(const serai::Row& row);

// The document, if the caller may read it; Problem 404 otherwise, as if it did not exist.
Document readable_document(const serai::Call& call, std::string_view id);
// Whoever asks: for jobs.
std::optional<Document> find_document(const serai::Call& call, std::string_view id);

// What a list is narrowed to; empty: anything.
struct DocumentFilter {
  std::string category, status, visibility;
};
struct DocumentPage {
  std::vector<Document> documents;  // newest first
  std::int64_t total = 0;
};
DocumentPage list_documents(const serai::Call& call, const DocumentFilter& filter,
                            std::int64_t limit, std::int64_t offset);

void insert_document(const serai::Call& call, const Document& document);

// A category as people write it: trimmed, lower case, at most 100 bytes; "general" when empty.
std::string category_of(std::string_view text);
// "public" or "private"; anything else is public.
std::string visibility_of(std::string_view text);
// Trimmed, no control characters, at most `limit` bytes of whole characters.
std::string clean_text(std::string_view text, std::size_t limit);
// At most 20 tags of at most 50 bytes, empty ones and repetitions left out.
serai::Json clean_tags(const std::vector<std::string>& tags);

}  // namespace knowledge
