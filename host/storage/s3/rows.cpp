#include "storage/s3/rows.hpp"

namespace host::storage::s3_store {

MigrationSet tenant_tables() {
  return {"host-blobs",
          {{1, "create_blobs",
            "CREATE TABLE serai_blobs (object text NOT NULL PRIMARY KEY, reference text, "
            "size bigint NOT NULL, part_size bigint NOT NULL, digests text NOT NULL, "
            "copies bigint NOT NULL, held_until timestamp NOT NULL);\n"
            "CREATE UNIQUE INDEX serai_blobs_by_reference ON serai_blobs (reference);",
            "DROP INDEX serai_blobs_by_reference;\nDROP TABLE serai_blobs;"}}};
}

std::optional<BlobRow> find_blob(Session& session, const BlobRef& ref) {
  const HostAccess access(session);
  const auto rows = session.query(
      "SELECT object, size, part_size, digests, copies, held_until FROM serai_blobs "
      "WHERE reference = $1",
      {std::string_view(ref)});
  if (rows.empty()) return std::nullopt;
  BlobRow row;
  row.object = rows.text(0, "object");
  row.size = static_cast<std::uint64_t>(rows.integer(0, "size"));
  row.part_size = static_cast<std::uint64_t>(rows.integer(0, "part_size"));
  row.digests = rows.text(0, "digests");
  row.references = rows.integer(0, "copies");
  row.held_until = rows.text(0, "held_until");
  return row;
}

bool put_blob(Session& session, const BlobRef& ref, const BlobRow& row, const std::string& before) {
  const HostAccess access(session);
  const auto size = static_cast<std::int64_t>(row.size);
  const auto part_size = static_cast<std::int64_t>(row.part_size);
  const std::string_view object = row.object, digests = row.digests, until = row.held_until;
  if (before.empty())
    return session.execute(
               "INSERT INTO serai_blobs (object, reference, size, part_size, digests, copies, "
               "held_until) VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (reference) DO NOTHING",
               {object, std::string_view(ref), size, part_size, digests, until}) == 1;
  return session.execute(
             "UPDATE serai_blobs SET object = $1, part_size = $2, digests = $3, "
             "copies = copies + 1, held_until = $4 WHERE reference = $5 AND object = $6",
             {object, part_size, digests, until, std::string_view(ref),
              std::string_view(before)}) == 1;
}

bool give_back(Session& session, const BlobRef& ref, const std::string& object,
               std::int64_t references) {
  const HostAccess access(session);
  return session.execute(
             "UPDATE serai_blobs SET copies = CASE WHEN copies > $3 THEN copies - $3 ELSE 0 END "
             "WHERE reference = $1 AND object = $2",
             {std::string_view(ref), std::string_view(object), references}) == 1;
}

bool lock_blob(Session& session, const BlobRef& ref) {
  const HostAccess access(session);
  return session.execute("UPDATE serai_blobs SET copies = copies WHERE reference = $1",
                         {std::string_view(ref)}) == 1;
}

void delete_blob(Session& session, const std::string& object) {
  const HostAccess access(session);
  session.execute("DELETE FROM serai_blobs WHERE object = $1", {std::string_view(object)});
}

std::uint64_t stored_bytes(Session& session) {
  const HostAccess access(session);
  const auto rows = session.query(
      "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes FROM serai_blobs "
      "WHERE reference IS NOT NULL");
  return static_cast<std::uint64_t>(rows.integer(0, "bytes"));
}

ObjectState find_object(Session& session, const std::string& object) {
  const HostAccess access(session);
  const auto rows = session.query("SELECT reference FROM serai_blobs WHERE object = $1",
                                  {std::string_view(object)});
  if (rows.empty()) return {};
  return {true, rows.text(0, "reference")};
}

bool bury_object(Session& session, const std::string& object, Timestamp now) {
  const HostAccess access(session);
  const std::string at = to_text(now);
  return session.execute(
             "INSERT INTO serai_blobs (object, reference, size, part_size, digests, copies, "
             "held_until) VALUES ($1, NULL, 0, 0, '', 0, $2) ON CONFLICT (object) DO NOTHING",
             {std::string_view(object), std::string_view(at)}) == 1;
}

void forget_buried(Session& session, Timestamp before) {
  const HostAccess access(session);
  const std::string at = to_text(before);
  session.execute("DELETE FROM serai_blobs WHERE reference IS NULL AND held_until < $1",
                  {std::string_view(at)});
}

}  // namespace host::storage::s3_store
