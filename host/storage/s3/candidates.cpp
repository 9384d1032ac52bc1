#include "storage/s3/candidates.hpp"

namespace host::storage::s3_store {

Candidates::Candidates(Store& store) : store_(store) {
  store_.register_platform(
      {"serai_blob_candidates",
       {{1, "create_candidates",
         "CREATE TABLE serai_blob_candidates (object text NOT NULL PRIMARY KEY, "
         "tenant text NOT NULL, due timestamp NOT NULL);\n"
         "CREATE INDEX serai_blob_candidates_by_due ON serai_blob_candidates (due);",
         "DROP INDEX serai_blob_candidates_by_due;\nDROP TABLE serai_blob_candidates;"}}});
}

void Candidates::add(const std::string& object, const std::string& tenant, Timestamp due) {
  const std::string at = to_text(due);
  store_.platform()->execute(
      "INSERT INTO serai_blob_candidates (object, tenant, due) VALUES ($1, $2, $3) "
      "ON CONFLICT (object) DO UPDATE SET due = excluded.due",
      {std::string_view(object), std::string_view(tenant), std::string_view(at)});
}

void Candidates::drop(const std::string& object) {
  store_.platform()->execute("DELETE FROM serai_blob_candidates WHERE object = $1",
                             {std::string_view(object)});
}

std::vector<Candidate> Candidates::due(Timestamp now, std::size_t most) {
  const std::string at = to_text(now);
  const auto rows = store_.platform()->query(
      "SELECT object, tenant FROM serai_blob_candidates WHERE due <= $1 ORDER BY due LIMIT $2",
      {std::string_view(at), static_cast<std::int64_t>(most)});
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({rows.text(i, "object"), rows.text(i, "tenant")});
  return out;
}

std::uint64_t Candidates::count_due(Timestamp now) {
  const std::string at = to_text(now);
  const auto rows = store_.platform()->query(
      "SELECT count(*) AS waiting FROM serai_blob_candidates WHERE due <= $1",
      {std::string_view(at)});
  return static_cast<std::uint64_t>(rows.integer(0, "waiting"));
}

}  // namespace host::storage::s3_store
