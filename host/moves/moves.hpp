// Exports, imports and moves of one house, as its administrator's routes and its command line see
// them. What is under way is in memory: a process that dies leaves an import marked as incomplete,
// and a tenant that was leaving where it was. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "moves/arrival.hpp"
#include "moves/departure.hpp"
#include "moves/house.hpp"
#include "moves/sealed_stream.hpp"

namespace host::moves {

class Moves {
 public:
  // Registers with the tenants what must end when one goes. `house` outlives this object.
  explicit Moves(House house);
  ~Moves();
  Moves(const Moves&) = delete;
  Moves& operator=(const Moves&) = delete;

  // All take a platform administrator's token. `tenant` is one that was named in the route's path
  // or on the command line; Problem(404) for one that there is not.

  // The whole tenant, while others go on working with it.
  void export_tenant(const CallToken& admin, const std::string& tenant, const StreamKey& key,
                     const SealedWriter::Out& out);
  Fingerprint fingerprint_of(const CallToken& admin, const std::string& tenant);

  // An import: its number; what it takes, piece by piece; its end. `as` empty: the archive's id.
  std::string begin_import(const CallToken& admin, const std::string& as, const StreamKey& key);
  void feed_import(const CallToken& admin, const std::string& id, std::uint64_t offset,
                   std::string_view bytes);
  // The stream is whole and its rows are compared; the tenant's id.
  std::string end_copy(const CallToken& admin, const std::string& id);
  // A stream of changes, whole.
  void take_changes(const CallToken& admin, const std::string& id, const StreamKey& key,
                    std::string_view bytes);
  // Lets the tenant in; as it is then.
  tenancy::Tenant finish_import(const CallToken& admin, const std::string& id,
                                const std::string& from);
  void abort_import(const CallToken& admin, const std::string& id);

  // A move, on the side that the tenant leaves. One at a time and tenant: a new one ends the old.
  std::string begin_move(const CallToken& admin, const std::string& tenant);
  void copy(const CallToken& admin, const std::string& tenant, const std::string& move,
            const StreamKey& key, const SealedWriter::Out& out);
  Departure::Changed changes(const CallToken& admin, const std::string& tenant,
                             const std::string& move, const StreamKey& key,
                             const SealedWriter::Out& out, bool final);
  // Nobody writes any more: 503 tenant_moving, for kPauseLife at most.
  void pause(const CallToken& admin, const std::string& tenant, const std::string& move);
  // The tenant is elsewhere: suspended here, for good as far as this object can say. Throws
  // Problem(409 pause_over) if somebody may have written since the last changes.
  void leave(const CallToken& admin, const std::string& tenant, const std::string& move,
             const std::string& to);
  // The tenant stays and serves again; also after leave(), if it was not let in elsewhere.
  void abort_move(const CallToken& admin, const std::string& tenant, const std::string& move);

  // How long a pause lasts if nobody ends it, and how long changes are noted after the last sign of
  // whoever moves.
  static constexpr std::chrono::seconds kPauseLife{10};
  static constexpr std::chrono::seconds kNoteLife{600};

 private:
  struct Import;
  struct Move;
  std::shared_ptr<Import> import(const std::string& id);
  std::shared_ptr<Move> move_of(const std::string& tenant, const std::string& move);
  CallToken tenant_token(const CallToken& admin, const std::string& tenant) const;
  void end_other_imports(const std::string& id, const std::string& tenant);
  void forget(const CallToken& token);

  House house_;
  std::mutex mutex_;                                        // guards the two maps
  std::map<std::string, std::shared_ptr<Import>> imports_;  // by number
  std::map<std::string, std::shared_ptr<Move>> moves_;      // by tenant
};

}  // namespace host::moves
