// Takes a sealed stream (departure.hpp) and makes the tenant of it. Until let_in() the tenant is
// suspended and marked as incomplete; abandon(), or the next try, removes it with all its data.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "moves/departure.hpp"
#include "moves/house.hpp"
#include "moves/sealed_stream.hpp"

namespace host::moves {

// Whether this tenant is what an import left behind that never came to its end.
bool incomplete(const tenancy::Tenant& tenant);

// Problem(422 rows_differ).
[[noreturn]] void refuse_difference(const std::string& what);

// For one import or one move. Used by one thread at a time.
class Arrival {
 public:
  // `admin`: a platform administrator. `as`: the tenant's id here; empty: as in the archive.
  Arrival(House& house, CallToken admin, std::string as);

  // A stream: the copy first, then changes, each begun by begin_stream() and fed in pieces.
  // Changes are fed in one piece: they are one transaction of the tenant's database. Throws
  // Problem(409 tenant_exists), (409 other_migrations), (422 archive_...), (422 rows_differ): then
  // nothing but abandon() may follow.
  void begin_stream(const StreamKey& key);
  void feed(std::string_view bytes);
  // The whole stream was read, and what it brought is here as it was there.
  void end_stream();

  // Active, or suspended for the reason for which it was where it comes from. Only after
  // end_stream() and, if changes follow the copy, after the final ones: Problem(409 not_complete).
  void let_in(const std::string& from);
  // Removes what is here. No-op once the tenant is let in.
  void abandon();

  // Who asks now: each request has a deadline of its own.
  void go_on_as(CallToken admin) { admin_ = std::move(admin); }
  const std::string& tenant() const { return id_; }
  bool made() const { return made_; }

 private:
  void take(Item&& item);
  void give_up();
  void take_tenant(const Item& item);
  void take_rows(const Item& item);
  void take_blob(const Item& item);
  void take_gone(const Item& item);
  void take_end(const Item& item);
  void check_migrations(const Item& item);
  void check_tables(const Item& item);
  void set_document(const Item& document);
  void verify_copy(const Item& item);
  void verify_changes(const Item& item);
  void verify_blobs();
  void verify_audit(const Item& item);
  CallToken token() const;
  const Table& table(const std::string& name) const;
  storage::Session& session_of(const Table& table);
  void commit();
  static void commit(std::unique_ptr<storage::Session>& session);

  House& house_;
  CallToken admin_;
  std::string id_;
  std::string suspended_;  // why it is so where it comes from; "": it is not
  std::optional<SealedReader> reader_;
  std::vector<Table> tables_;
  bool made_ = false, let_in_ = false, copied_ = false, final_ = false, failed_ = false;
  bool changes_follow_ = false, in_changes_ = false, in_final_ = false;
  // While a piece is read. Never from one call to the next: the platform's others wait.
  std::unique_ptr<storage::Session> own_, platform_;
  std::size_t waiting_bytes_ = 0;
  std::unique_ptr<storage::BlobWriter> blob_;
  std::string blob_ref_;
  audit::Audit::Imported history_;  // as of the last stream's end
};

}  // namespace host::moves
