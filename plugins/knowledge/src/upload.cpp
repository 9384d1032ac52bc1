// See upload.hpp.
#include "upload.hpp"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>

#include "document.hpp"
#include "extraction/file_type.hpp"
#include "indexing.hpp"

namespace knowledge {
namespace {

constexpr std::uint64_t kLargestFile = 50ULL << 20;
constexpr std::size_t kNameBytes = 255;

std::string_view field(const serai::Request& request, std::string_view name) {
  const auto part = request.find_part(name);
  return part ? part->data : std::string_view{};
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    pieces.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return pieces;
}

// The client's name without its folders.
std::string base_name(std::string_view name) {
  const std::size_t slash = name.find_last_of("/\\");
  const std::string base =
      clean_text(slash == std::string_view::npos ? name : name.substr(slash + 1), kNameBytes);
  return base.empty() ? "document" : base;
}

std::string stem(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
}

FileType recognise(const serai::Request& request, const serai::Part& file) {
  auto reader = request.blobs().open(file.blob);
  const std::string head(reader.read_at(0, kTypeHead));
  const std::uint64_t tail_size = std::min<std::uint64_t>(file.size, kTypeTail);
  const std::string tail(reader.read_at(file.size - tail_size, tail_size));
  if (const auto type = file_type(head, tail, head.size() == file.size, file.file_name)) {
    return *type;
  }
  throw serai::Problem(415, "unsupported_file_type",
                       "This kind of file cannot be read. Text, Markdown, HTML, PDF and Word "
                       "(.docx) can; the content counts, not the name.");
}

serai::Part checked_file(const serai::Request& request) {
  const serai::Part file = request.part("file");
  if (file.blob.empty()) throw serai::invalid_field("/file", "This must be a file with a name.");
  if (file.size == 0) throw serai::invalid_field("/file", "The file is empty.");
  if (file.size > kLargestFile) {
    throw serai::Problem(413, "file_too_large", "A file may have 50 MiB at most.");
  }
  return file;
}

std::string hash_of(const serai::Request& request, std::string_view blob) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  bool good = hash && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1;
  auto reader = request.blobs().open(blob);
  for (auto piece = reader.read(); good && !piece.empty(); piece = reader.read()) {
    good = EVP_DigestUpdate(hash.get(), piece.data(), piece.size()) == 1;
  }
  if (!good || EVP_DigestFinal_ex(hash.get(), digest, &size) != 1) {
    throw serai::Problem(500, "hash_failed", "The file could not be hashed.");
  }
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

// Only what the caller may see counts: that somebody else has the file is nobody's business.
void refuse_duplicate(const serai::Request& request, const std::string& hash) {
  std::vector<std::string> bound{hash};
  const std::string access = Access::of(request).sql(bound);
  const std::vector<serai::Value> values(bound.begin(), bound.end());
  const auto rows = request.sql().query_values(
      "SELECT document_id FROM knowledge_documents WHERE content_hash = $1 AND " + access +
          " ORDER BY number LIMIT 1",
      values);
  if (rows.empty()) return;
  throw serai::conflict("duplicate_document", "The same file is already here as " +
                                                  std::string(rows.front().text(0)) + ".");
}

// The last digits of a UUIDv7 are its random ones.
std::string new_id(const serai::Call& call) {
  std::string id = call.clock().uuid().substr(28);
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return "DOC-" + id;
}

std::string free_id(const serai::Call& call) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    std::string id = new_id(call);
    if (!find_document(call, id)) return id;
  }
  throw serai::Problem(503, "no_free_id", "No id was free; try again.");
}

bool wants_index(const serai::Request& request) {
  const std::string_view text = field(request, "auto_index");
  return text != "false" && text != "0";
}

}  // namespace

serai::Response upload(serai::Request& request) {
  const serai::Part file = checked_file(request);
  const FileType type = recognise(request, file);

  Document document;
  document.original_filename = base_name(file.file_name);
  document.title = clean_text(field(request, "title"), 200);
  document.title_given = !document.title.empty();
  if (!document.title_given) document.title = stem(document.original_filename);
  document.category = category_of(field(request, "category"));
  document.tags = clean_tags(split(field(request, "tags")));
  document.file_type = name_of(type);
  document.file_size = static_cast<std::int64_t>(file.size);
  document.content_hash = hash_of(request, file.blob);
  document.blob = file.blob;
  document.visibility = visibility_of(field(request, "visibility"));
  document.owner = request.caller().user;
  document.status = kPending;
  document.uploaded_at = request.clock().now_text();

  auto transaction = request.sql().transaction();
  document.number =
      request.sql()
          .query(
              "UPDATE knowledge_state SET next_number = next_number + 1 WHERE id = 'index' "
              "RETURNING next_number")
          .required("The state of the index")
          .integer(0);
  refuse_duplicate(request, document.content_hash);
  document.id = free_id(request);
  document.filename = document.id + "." + document.file_type;
  insert_document(request, document);
  if (wants_index(request)) enqueue_index(request, document.id);
  request.blobs().keep(file.blob);
  transaction.commit();
  return serai::created(to_json(document));
}

}  // namespace knowledge
