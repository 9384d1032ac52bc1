// What a tenant's database knows of its blobs in S3: which object holds the content of a reference,
// and how many commits of it are still at work. The object's name is random and used once, so that
// deleting one object can never hit what another node has just written under the same name; the
// content is known by the reference, which is its hash, and by the hash of each part. Private to
// this folder; the session's confinement is lifted and put back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "storage/blobs.hpp"
#include "storage/migration.hpp"
#include "storage/sql.hpp"

namespace host::storage::s3_store {

MigrationSet tenant_tables();

struct BlobRow {
  std::string object;
  std::uint64_t size = 0, part_size = 0;
  std::string digests;          // 64 hex digits per part, one after the other
  std::int64_t references = 0;  // commits at work
  std::string held_until;       // after this they count no more
};

std::optional<BlobRow> find_blob(Session& session, const BlobRef& ref);
// The content of `ref` lies in `row.object` from now on, with one reference more; `before` is the
// object it lay in (empty: none). False if that has changed meanwhile. SqlError(unique) for an
// object that was given up (see bury_object).
bool put_blob(Session& session, const BlobRef& ref, const BlobRow& row, const std::string& before);
// False if the content no longer lies in `object`.
bool give_back(Session& session, const BlobRef& ref, const std::string& object,
               std::int64_t references);
// Takes the row's lock in the session's transaction; false if there is none.
bool lock_blob(Session& session, const BlobRef& ref);
void delete_blob(Session& session, const std::string& object);
std::uint64_t stored_bytes(Session& session);

struct ObjectState {
  bool known = false;
  BlobRef reference;  // empty: it was given up
};
ObjectState find_object(Session& session, const std::string& object);
// Nobody can commit this object any more: its name is taken by a row without content. False if
// there is a row already.
bool bury_object(Session& session, const std::string& object, Timestamp now);
void forget_buried(Session& session, Timestamp before);

}  // namespace host::storage::s3_store
