// Who keeps which blob. Content-addressed blobs are shared: the same bytes uploaded twice, or by
// two plugins, are one blob, so none may be removed while somebody keeps it or is at work with it.
// Here every call pins the blobs it brought, made or gave up; when the last pin of a blob goes and
// no plugin keeps it (a row in the tenant's database), the blob goes. Where nodes share the blobs,
// pins are also counted in the tenant's database, by the store: an upload's commit holds a
// reference until its pin goes. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/call_token.hpp"
#include "plugins/registry.hpp"
#include "storage/blobs.hpp"

namespace host::plugins {

class CallContext;

class BlobKeeper {
 public:
  explicit BlobKeeper(const Rooms& rooms);

  // An upload between its commit and the call it belongs to; removes the blob at the end unless a
  // plugin kept it. Movable, for one thread at a time.
  class Upload {
   public:
    Upload(Upload&& other) noexcept;
    Upload& operator=(Upload&&) = delete;
    ~Upload();
    const storage::BlobRef& reference() const { return reference_; }

   private:
    friend class BlobKeeper;
    Upload(BlobKeeper& keeper, CallToken token, storage::BlobRef reference);
    BlobKeeper* keeper_;
    CallToken token_;
    storage::BlobRef reference_;
  };
  // Commits what was written and pins it.
  Upload commit_upload(const CallToken& token, storage::BlobWriter& writer);

  // For the calls of this room. A pin lasts until the outermost call ends.
  void pin(CallContext& context, std::string reference);
  storage::BlobRef commit(CallContext& context, storage::BlobWriter& writer);
  void keep(CallContext& context, std::string_view reference);
  void give_up(CallContext& context, std::string_view reference);
  void unpin(CallContext& context) noexcept;

 private:
  using Key = std::pair<std::string, std::string>;  // tenant, reference
  void add_pin(const std::string& tenant, const std::string& reference);
  bool shared() const { return rooms_.blobs && rooms_.blobs->shared(); }
  // True if it was the last.
  bool drop_pin(const std::string& tenant, const std::string& reference);
  // `references`: held in a shared store by the pin that goes.
  void remove_unkept(const CallToken& token, const std::string& reference, std::int64_t references,
                     storage::Session& session) noexcept;

  const Rooms& rooms_;
  // Shared while content is committed and pinned, alone while unkept content is removed.
  std::shared_mutex removal_;
  std::mutex pins_mutex_;
  std::map<Key, int> pins_;
};

}  // namespace host::plugins
