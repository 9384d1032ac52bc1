// Everything the host keeps for one call of a plugin while its handler runs: token, lent memory,
// database session, open handles, the error text. Reached only through current_call(), which knows
// the contexts of this thread alone: a handle of another call, thread or time is stale and
// harmless. Private to this room; used by one thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/call_token.hpp"
#include "base/problem.hpp"
#include "plugins/interface.hpp"
#include "plugins/registry.hpp"
#include "plugins/thread_record.hpp"
#include "serai/abi/request.h"
#include "storage/blobs.hpp"
#include "storage/sql.hpp"
#include "usage/units.hpp"

namespace host::tenancy {
struct Tenant;
}

namespace host::plugins {

class Generation;
class CallContext;
struct OpenRows;

// What a chain of calls shares: the client's call and the service calls below it.
struct Chain {
  std::unique_ptr<storage::Session> session;  // lent when first needed
  const std::string* confined = nullptr;      // prefix in force; null: none
  int transactions = 0;                       // open, all contexts together
  bool work_added = false;                    // jobs or events wait for the outermost commit
  std::set<std::string> written;              // plugins whose event streams wait for it too
  // What was put into the cache in the open transaction: plugin and key.
  std::set<std::pair<std::string, std::string>> unsure;
  struct QuotaRefusal {
    Timestamp resets;
    int retry_after;  // seconds
  };
  std::optional<QuotaRefusal> quota_refusal;      // of a call in the chain
  bool read_only = false;                         // the route is marked so
  bool quiet = false;                             // its writes are no news to event streams
  bool met_stuck = false;                         // a called service hangs
  std::shared_ptr<const tenancy::Tenant> tenant;  // as it was when the call began
  bool tenant_read = false;
  std::vector<std::string> pinned_blobs;
  // Any of the above or anything of a context was used: there is something to tidy up.
  bool touched = false;

  Chain();
  ~Chain();
};

struct BlobHandle {
  std::unique_ptr<storage::BlobWriter> writer;
  std::unique_ptr<storage::BlobReader> reader;
  std::vector<std::byte> piece;
};

class CallContext {
 public:
  CallContext();
  ~CallContext();

  // Between begin and end the context is the current one of its thread.
  void begin(serai_call handle, Generation& generation, const CallToken* caller,
             CallContext* parent);
  // Rolls back what is open, closes handles; of the outermost call also returns the session and
  // unpins blobs.
  void end() noexcept;

  serai_call handle() const { return handle_; }
  Generation& generation() const { return *generation_; }
  CallContext* parent() const { return parent_; }
  Chain& chain() {
    chain_->touched = true;
    return *chain_;
  }
  bool has_token() const { return caller_ != nullptr; }
  // The call's token, acting through the plugin. Throws Problem(403) in start() and stop().
  const CallToken& token();

  // On the host's monotonic clock; meaningful if has_token().
  std::int64_t deadline_us() const { return deadline_us_; }

  // Memory that lives as long as the call.
  std::pmr::memory_resource& arena() {
    chain_->touched = true;
    return arena_;
  }
  serai_str give(std::string_view text);
  template <class T>
  T* array(std::size_t count) {
    return static_cast<T*>(arena().allocate(count * sizeof(T), alignof(T)));
  }

  // The chain's session, confined to the plugin's tables or free for the host's own statements.
  storage::Session& plugin_session();
  storage::Session& host_session();
  // Gives the connection back if no transaction needs it, before something slow begins.
  void release_session() noexcept;

  void begin_transaction();
  void commit_transaction();
  void rollback_transaction();
  // The plugin has changed rows: its event streams hear of it when that is committed.
  void note_write();
  // A value of kv is put or erased. While a transaction is open nobody knows what others will put
  // there, who do not see it yet, and whether it will be true at all: the value is forgotten when
  // the outermost one ends. Throws Problem(413).
  void note_cached(std::string_view key);
  // Runs `work` inside a transaction of its own if none is open.
  template <class Work>
  void atomically(Work work) {
    if (chain_->transactions > 0) return work();
    begin_transaction();
    try {
      work();
    } catch (...) {
      rollback_transaction();
      throw;
    }
    commit_transaction();
  }

  // Tenant of the token, or null without tenants room or tenant.
  const tenancy::Tenant* tenant();

  // Objects on the host's side, by handle.
  serai_handle add_rows(std::unique_ptr<OpenRows> rows);
  void release_rows(serai_handle handle);
  serai_handle add_blob(BlobHandle blob);
  BlobHandle& blob(serai_handle handle);  // throws Problem(500 stale_handle)
  void close_blob(serai_handle handle);

  // Text of the last failed host function.
  void set_host_error(std::string code, std::string detail);
  const std::string& host_code() const { return host_code_; }
  const std::string& host_detail() const { return host_detail_; }

  // What the handler said about its failure.
  struct Failure {
    std::string code, detail;
    std::vector<FieldError> errors;
  };
  const Failure& failure() const { return failure_; }
  Failure& fail() {
    chain_->touched = true;
    return failure_;
  }

  // Where answers go; null where none is expected.
  RouteReply* reply = nullptr;
  std::string* service_reply = nullptr;
  bool answered = false;

  // Interfaces that the tenant's part of the grant takes away, as bits.
  std::uint32_t denied = 0;

  // What the call has used so far. A placement that runs the handler in another process adds that
  // process's CPU time for the call: this thread's is added by itself.
  usage::Amounts used;
  void add_cpu(std::chrono::nanoseconds time) { used.add(usage::Unit::cpu_ns, time.count()); }

 private:
  Registry::Inside& inside_of_chain();
  void announce_written();
  void tell_written();
  void forget_unsure() noexcept;
  void tidy() noexcept;
  template <class T>
  std::size_t index_of(serai_handle handle, const std::vector<T>& objects) const;

  serai_call handle_ = 0;
  std::int64_t deadline_us_ = 0;
  Generation* generation_ = nullptr;
  const CallToken* caller_ = nullptr;
  CallContext* parent_ = nullptr;
  Chain* chain_ = nullptr;
  std::unique_ptr<Chain> own_chain_;
  std::optional<CallToken> token_;
  alignas(16) std::array<std::byte, 4096> buffer_;
  std::pmr::monotonic_buffer_resource arena_;
  int transactions_ = 0;
  std::vector<std::unique_ptr<OpenRows>> rows_;
  std::vector<std::optional<BlobHandle>> blobs_;
  std::string host_code_, host_detail_;
  Failure failure_;
};

// The context running on this thread, whatever its handle; null outside of any call.
inline CallContext* innermost_call() noexcept { return this_thread().current; }
// The context of `call` if it is the one running on this thread, else null.
inline CallContext* current_call(serai_call call) noexcept {
  CallContext* context = innermost_call();
  return context && context->handle() == call ? context : nullptr;
}

}  // namespace host::plugins
