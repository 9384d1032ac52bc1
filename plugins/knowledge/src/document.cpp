// See document.hpp.
#include "document.hpp"

#include <algorithm>

namespace knowledge {
namespace {

std::vector<serai::Value> values_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::optional<std::string> owned(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

// A blank in SQL for the value just added.
std::string bind(std::vector<std::string>& bound, std::string value) {
  bound.push_back(std::move(value));
  return "$" + std::to_string(bound.size());
}

}  // namespace

const char* const kDocumentColumns =
    "document_id, number, filename, original_filename, title, title_given, category, tags, "
    "file_type, file_size, content_hash, blob, visibility, owner, status, error, chunk_count, "
    "uploaded_at, "
    "indexed_at";

Document read_document(const serai::Row& row) {
  Document document;
  document.id = row.text("document_id");
  document.number = row.integer("number");
  document.filename = row.text("filename");
  document.original_filename = row.text("original_filename");
  document.title = row.text("title");
  document.title_given = row.integer("title_given") != 0;
  document.category = row.text("category");
  document.tags = row.json("tags");
  document.file_type = row.text("file_type");
  document.file_size = row.integer("file_size");
  document.content_hash = row.text("content_hash");
  document.blob = row.text("blob");
  document.visibility = row.text("visibility");
  document.owner = row.text("owner");
  document.status = row.text("status");
  document.error = owned(row.optional_text("error"));
  document.chunk_count = row.integer("chunk_count");
  document.uploaded_at = row.text("uploaded_at");
  document.indexed_at = owned(row.optional_text("indexed_at"));
  return document;
}

serai::Json to_json(const Document& document) {
  const auto or_null = [](const std::optional<std::string>& text) {
    return text ? serai::Json(*text) : serai::Json();
  };
  return {{"document_id", document.id},
          {"filename", document.filename},
          {"original_filename", document.original_filename},
          {"title", document.title},
          {"category", document.category},
          {"tags", document.tags},
          {"file_type", document.file_type},
          {"file_size", document.file_size},
          {"status", document.status},
          {"visibility", document.visibility},
          {"chunk_count", document.chunk_count},
          {"uploaded_at", document.uploaded_at},
          {"indexed_at", or_null(document.indexed_at)},
          {"error", or_null(document.error)}};
}

std::optional<Document> find_document(const serai::Call& call, std::string_view id) {
  const auto rows = call.sql().query(std::string("SELECT ") + kDocumentColumns +
                                         " FROM knowledge_documents WHERE document_id = $1",
                                     id);
  if (rows.empty()) return std::nullopt;
  return read_document(rows.front());
}

Document readable_document(const serai::Call& call, std::string_view id) {
  std::vector<std::string> bound{std::string(id)};
  const std::string access = Access::of(call).sql(bound);
  const auto rows =
      call.sql().query_values(std::string("SELECT ") + kDocumentColumns +
                                  " FROM knowledge_documents WHERE document_id = $1 AND " + access,
                              values_of(bound));
  return read_document(rows.required("The document"));
}

DocumentPage list_documents(const serai::Call& call, const DocumentFilter& filter,
                            std::int64_t limit, std::int64_t offset) {
  std::vector<std::string> bound;
  std::string where = " FROM knowledge_documents WHERE " + Access::of(call).sql(bound);
  if (!filter.category.empty()) where += " AND category = " + bind(bound, filter.category);
  if (!filter.status.empty()) where += " AND status = " + bind(bound, filter.status);
  if (!filter.visibility.empty()) where += " AND visibility = " + bind(bound, filter.visibility);
  DocumentPage page;
  const auto sql = call.sql();
  const auto values = values_of(bound);
  page.total = sql.query_values("SELECT count(*) AS total" + where, values).front().integer(0);
  auto paged = values;
  paged.emplace_back(limit);
  paged.emplace_back(offset);
  const auto rows = sql.query_values(std::string("SELECT ") + kDocumentColumns + where +
                                         " ORDER BY uploaded_at DESC, document_id LIMIT $" +
                                         std::to_string(paged.size() - 1) + " OFFSET $" +
                                         std::to_string(paged.size()),
                                     paged);
  for (const auto row : rows) page.documents.push_back(read_document(row));
  return page;
}

void insert_document(const serai::Call& call, const Document& document) {
  call.sql().execute(
      "INSERT INTO knowledge_documents (document_id, number, filename, original_filename, title, "
      "title_given, category, tags, file_type, file_size, content_hash, blob, visibility, owner, "
      "status, error, chunk_count, uploaded_at, indexed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, "
      "$8, "
      "$9, $10, $11, $12, $13, $14, $15, NULL, 0, $16, NULL)",
      document.id, document.number, document.filename, document.original_filename, document.title,
      document.title_given ? 1 : 0, document.category, serai::dump_json(document.tags),
      document.file_type, document.file_size, document.content_hash, document.blob,
      document.visibility, document.owner, document.status, document.uploaded_at);
}

std::string clean_text(std::string_view text, std::size_t limit) {
  // A form's field can hold any bytes; a database takes UTF-8. Writing JSON replaces the others.
  std::string out = serai::Json::parse(serai::dump_json(std::string(text))).get<std::string>();
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  const std::size_t first = out.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  out = out.substr(first, out.find_last_not_of(' ') - first + 1);
  if (out.size() > limit) {
    while (limit > 0 && (static_cast<unsigned char>(out[limit]) & 0xC0) == 0x80) --limit;
    out.resize(limit);
  }
  return out;
}

std::string category_of(std::string_view text) {
  std::string category = clean_text(text, 100);
  std::transform(category.begin(), category.end(), category.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return category.empty() ? "general" : category;
}

std::string visibility_of(std::string_view text) {
  return std::string(text == kPrivate ? kPrivate : kPublic);
}

serai::Json clean_tags(const std::vector<std::string>& tags) {
  serai::Json clean = serai::Json::array();
  for (const std::string& raw : tags) {
    const std::string tag = clean_text(raw, 50);
    const bool known = std::find(clean.begin(), clean.end(), tag) != clean.end();
    if (!tag.empty() && !known && clean.size() < 20) clean.push_back(tag);
  }
  return clean;
}

}  // namespace knowledge
