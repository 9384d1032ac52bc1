// See documents.hpp.
#include "documents.hpp"

#include <map>

#include <serai/download.hpp>

#include "chunk_store.hpp"
#include "document.hpp"
#include "embedding.hpp"
#include "extraction/file_type.hpp"
#include "indexing.hpp"

namespace knowledge {
namespace {

constexpr std::size_t kTitlesPerTopic = 5;

// The category and title of everything the caller may read.
struct Group {
  std::int64_t count = 0;
  std::vector<std::string> titles;
};
std::map<std::string, Group> groups(const serai::Call& call, bool indexed_only) {
  std::vector<std::string> bound;
  std::string statement =
      "SELECT category, title FROM knowledge_documents WHERE " + Access::of(call).sql(bound);
  if (indexed_only) statement += " AND status = 'indexed'";
  const std::vector<serai::Value> values(bound.begin(), bound.end());
  constexpr std::uint64_t many = 1'000'000;
  std::map<std::string, Group> found;
  const auto rows =
      call.sql().query_values(statement + " ORDER BY uploaded_at DESC, document_id", values, many);
  for (const auto row : rows) {
    Group& group = found[std::string(row.text(0))];
    ++group.count;
    if (group.titles.size() < kTitlesPerTopic) group.titles.emplace_back(row.text(1));
  }
  return found;
}

void apply(const serai::Request& request, Document& document) {
  const serai::Json& body = request.json();
  if (body.contains("visibility")) document.visibility = request.field<std::string>("visibility");
  if (body.contains("category")) {
    document.category = category_of(request.field<std::string>("category"));
  }
  if (body.contains("tags")) {
    document.tags = clean_tags(request.field<std::vector<std::string>>("tags"));
  }
  if (body.contains("title")) {
    document.title = clean_text(request.field<std::string>("title"), 200);
    if (document.title.empty()) throw serai::invalid_field("/title", "A title needs a letter.");
    document.title_given = true;
  }
}

}  // namespace

serai::Json Documents::list(serai::Request& request) {
  DocumentFilter filter;
  if (const auto category = request.query("category"); !category.empty()) {
    filter.category = category_of(category);
  }
  filter.status = request.query("status");
  filter.visibility = request.query("visibility");
  const DocumentPage page = list_documents(request, filter, request.query_integer("limit", 100),
                                           request.query_integer("offset", 0));
  serai::Json items = serai::Json::array();
  for (const Document& document : page.documents) items.push_back(to_json(document));
  serai::Json answer = serai::list(std::move(items));
  answer["total"] = page.total;
  return answer;
}

serai::Json Documents::show(serai::Request& request) {
  return serai::data(to_json(readable_document(request, request.path("id"))));
}

serai::Json Documents::change(serai::Request& request) {
  auto transaction = request.sql().transaction();
  SearchIndex::Edit edit(index_, request);
  Document document = readable_document(request, request.path("id"));
  apply(request, document);
  // Without an owner nobody but an administrator could undo it.
  if (document.visibility == kPrivate && document.owner.empty()) {
    document.owner = request.caller().user;
  }
  request.sql().execute(
      "UPDATE knowledge_documents SET visibility = $1, owner = $2, category = $3, tags = $4, title "
      "= $5, title_given = $6 WHERE document_id = $7",
      document.visibility, document.owner, document.category, serai::dump_json(document.tags),
      document.title, document.title_given ? 1 : 0, document.id);
  if (document.chunk_count > 0) edit.put(document, load_chunks(request, document.id));
  edit.store();
  transaction.commit();
  edit.publish();
  return serai::data(to_json(document));
}

serai::Json Documents::remove(serai::Request& request) {
  auto transaction = request.sql().transaction();
  SearchIndex::Edit edit(index_, request);
  const Document document = readable_document(request, request.path("id"));
  remove_vectors(request, document.number, document.chunk_count);
  store_chunks(request, document.id, {});
  request.sql().execute("DELETE FROM knowledge_documents WHERE document_id = $1", document.id);
  edit.remove(document);
  edit.store();
  enqueue_discard(request, document.blob);
  request.events().publish("knowledge.document.deleted", {{"document_id", document.id}});
  transaction.commit();
  edit.publish();
  return {{"message", "The document is deleted."}};
}

serai::Response Documents::reindex(serai::Request& request) {
  auto transaction = request.sql().transaction();
  Document document = readable_document(request, request.path("id"));
  request.sql().execute(
      "UPDATE knowledge_documents SET status = 'pending', error = NULL WHERE document_id = $1",
      document.id);
  enqueue_index(request, document.id);
  transaction.commit();
  document.status = kPending;
  document.error.reset();
  return serai::accepted(to_json(document));
}

serai::Response Documents::download(serai::Request& request) {
  const Document document = readable_document(request, request.path("id"));
  const auto type = file_type_named(document.file_type).value_or(FileType::text);
  return serai::download(document.blob, std::string(media_type(type)), document.original_filename);
}

serai::Json Documents::categories(serai::Request& request) {
  serai::Json items = serai::Json::array();
  for (const auto& [name, group] : groups(request, false)) {
    items.push_back({{"name", name}, {"count", group.count}});
  }
  return serai::list(std::move(items));
}

serai::Json Documents::topics(serai::ServiceCall& call) {
  serai::Json items = serai::Json::array();
  for (const auto& [name, group] : groups(call, true)) {
    items.push_back({{"name", name}, {"count", group.count}, {"titles", group.titles}});
  }
  return {{"topics", items}};
}

}  // namespace knowledge
