// Reads everything of a tenant and gives it out as a sealed stream (sealed_stream.hpp), in items:
//
//   {"is":"tenant", "format":1, "id", "document":{...}, "migrations":[[owner,number,checksum]...],
//    "tables":[{"name","columns","key","platform"}...], "rows_may_change":false}
//   {"is":"rows", "table", "rows":[[...]...]}       {"is":"audit", "from":0, "lines":[...]}
//   {"is":"blob", "ref", "data", "last"}            {"is":"end", "hashes":{table:[rows,sha256]}}
//
// and, on a move, what has changed since:
//
//   {"is":"changes", "document", "final"}           {"is":"gone", "table", "keys":[[...]...]}
//   {"is":"clear", "table"}                         {"is":"end", "changed", "sha256"}
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "moves/house.hpp"
#include "moves/sealed_stream.hpp"
#include "moves/tables.hpp"

namespace host::moves {

// Table -> number of rows and hash over them, as they look outside of their house.
using Fingerprint = std::map<std::string, std::pair<std::int64_t, std::string>>;
Item to_item(const Fingerprint& fingerprint);

// Of the rows that are there now. `only`: of these tables; empty: of all.
Fingerprint fingerprint(House& house, const CallToken& token, const std::vector<Table>& tables,
                        const std::string& usage_from = {});

// For one export or one move of one tenant. Used by one thread at a time.
class Departure {
 public:
  // `token`: of the tenant. Throws Problem(404).
  Departure(House& house, CallToken token);

  // The whole tenant, of one state of each database. `changes_follow`: what goes while it is read
  // is told by changes(); otherwise that is Problem(409 changed_meanwhile).
  void copy(const StreamKey& key, const SealedWriter::Out& out, bool changes_follow);
  // What was changed since; `final`: with what can only be compared when nobody writes any more.
  // Returns how many rows, and the hash over them that the other side must find.
  struct Changed {
    std::int64_t rows = 0;
    std::string sha256;
  };
  Changed changes(const StreamKey& key, const SealedWriter::Out& out,
                  const std::vector<storage::RowChange>& changed, bool final);

  const std::vector<Table>& tables() const { return tables_; }
  // Who asks now: each request has a deadline of its own.
  void go_on_as(CallToken token) { token_ = std::move(token); }
  // Throws Problem(409 changed_meanwhile) if plugins have changed the tables since the beginning.
  void require_same_schema() const;

 private:
  Item document() const;
  Item migrations() const;
  void write_rows(SealedWriter& writer, storage::Session& own, storage::Session& platform);
  void write_blobs(SealedWriter& writer, storage::Session& session, bool lenient);
  void write_audit(SealedWriter& writer);
  void write_table(SealedWriter& writer, const Table& table, storage::Session& session,
                   const std::string& from_hour, RowHash& hash);

  House& house_;
  CallToken token_;
  const std::vector<Table> tables_;
  const Item migrations_;
  std::string usage_from_;  // hours from here on may still change
  std::set<std::string> blobs_;
  std::uint64_t audit_lines_ = 0;  // given out, without the head, which moves on
  Fingerprint hashes_;
};

}  // namespace host::moves
