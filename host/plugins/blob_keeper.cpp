// Pins and keepers of blobs; see the header.
#include "plugins/blob_keeper.hpp"

#include <nlohmann/json.hpp>

#include "observe/log.hpp"
#include "plugins/call_context.hpp"
#include "plugins/generation.hpp"
#include "storage/store.hpp"
#include "tenancy/token_mint.hpp"

namespace host::plugins {
namespace {

// Tidying up has its own time: the call's may be over.
CallToken upkeep(const CallToken& token) {
  return tenancy::TokenMint::for_job(token.tenant(), "", token.request_id(),
                                     std::chrono::steady_clock::now() + std::chrono::seconds(10));
}

bool is_kept(storage::Session& session, std::string_view reference) {
  return !session.query("SELECT 1 FROM plugins_blob_keepers WHERE reference = $1", {reference})
              .empty();
}

void insert_keeper(storage::Session& session, std::string_view plugin, std::string_view reference) {
  session.execute(
      "INSERT INTO plugins_blob_keepers (reference, plugin) VALUES ($1, $2) ON CONFLICT DO NOTHING",
      {reference, plugin});
}

bool exists(storage::Blobs& blobs, const CallToken& token, const std::string& reference) {
  try {
    return blobs.open(token, reference) != nullptr;
  } catch (const Problem& problem) {
    if (problem.status() == 404) return false;
    throw;
  }
}

}  // namespace

BlobKeeper::BlobKeeper(const Rooms& rooms) : rooms_(rooms) {
  if (shared()) {
    rooms_.blobs->ask_kept([](storage::Session& session, const storage::BlobRef& reference) {
      return is_kept(session, reference);
    });
  }
}

BlobKeeper::Upload::Upload(BlobKeeper& keeper, CallToken token, storage::BlobRef reference)
    : keeper_(&keeper), token_(std::move(token)), reference_(std::move(reference)) {}

BlobKeeper::Upload::Upload(Upload&& other) noexcept
    : keeper_(std::exchange(other.keeper_, nullptr)),
      token_(std::move(other.token_)),
      reference_(std::move(other.reference_)) {}

BlobKeeper::Upload::~Upload() {
  if (!keeper_) return;
  // A shared store counts this upload's own reference, whoever else in this process has a pin.
  const bool last = keeper_->drop_pin(token_.tenant(), reference_);
  if (!last && !keeper_->shared()) return;
  try {
    const CallToken token = upkeep(token_);
    const auto session = keeper_->rooms_.store->tenant(token);
    keeper_->remove_unkept(token, reference_, 1, *session);
  } catch (const std::exception& error) {
    observe::log(observe::Level::warning, "An uploaded file could not be tidied away.",
                 {{"tenant", token_.tenant()}, {"error", error.what()}});
  }
}

BlobKeeper::Upload BlobKeeper::commit_upload(const CallToken& token, storage::BlobWriter& writer) {
  // A shared store takes its time over the network, and orders commits and removals by itself.
  std::shared_lock lock(removal_, std::defer_lock);
  if (!shared()) lock.lock();
  storage::BlobRef reference = writer.commit();
  add_pin(token.tenant(), reference);
  return {*this, token, std::move(reference)};
}

void BlobKeeper::add_pin(const std::string& tenant, const std::string& reference) {
  const std::lock_guard lock(pins_mutex_);
  ++pins_[{tenant, reference}];
}

bool BlobKeeper::drop_pin(const std::string& tenant, const std::string& reference) {
  const std::lock_guard lock(pins_mutex_);
  const auto found = pins_.find({tenant, reference});
  if (found == pins_.end() || --found->second > 0) return false;
  pins_.erase(found);
  return true;
}

void BlobKeeper::pin(CallContext& context, std::string reference) {
  add_pin(context.token().tenant(), reference);
  context.chain().pinned_blobs.push_back(std::move(reference));
}

storage::BlobRef BlobKeeper::commit(CallContext& context, storage::BlobWriter& writer) {
  storage::BlobRef reference;
  if (shared()) {
    // The row of the blob and that of its keeper come and go together with the plugin's own.
    storage::Session& session = context.host_session();
    reference = writer.commit(&session);
    pin(context, reference);
    insert_keeper(session, context.generation().id(), reference);
    // From here on the keeper's row holds it, and the commit's own reference goes back.
    rooms_.blobs->settle(context.token(), reference, 1, session, [] { return true; });
    return reference;
  }
  {
    const std::shared_lock lock(removal_);
    reference = writer.commit();
    pin(context, reference);
  }
  keep(context, reference);
  return reference;
}

void BlobKeeper::keep(CallContext& context, std::string_view reference) {
  const std::string& plugin = context.generation().id();
  if (!shared()) return insert_keeper(context.host_session(), plugin, reference);
  context.atomically([&] {
    rooms_.blobs->hold(context.token(), std::string(reference), context.host_session());
    insert_keeper(context.host_session(), plugin, reference);
  });
}

void BlobKeeper::give_up(CallContext& context, std::string_view reference) {
  const std::string& plugin = context.generation().id();
  if (shared())
    rooms_.blobs->will_settle(context.token(), std::string(reference), context.host_session());
  const auto gone = context.host_session().execute(
      "DELETE FROM plugins_blob_keepers WHERE reference = $1 AND plugin = $2",
      {reference, std::string_view(plugin)});
  if (gone == 0) throw not_found("This plugin keeps no such blob.");
  pin(context, std::string(reference));
}

void BlobKeeper::unpin(CallContext& context) noexcept {
  Chain& chain = context.chain();
  try {
    context.release_session();
    const CallToken token = upkeep(context.token());
    std::unique_ptr<storage::Session> session;
    for (const auto& reference : chain.pinned_blobs) {
      if (!drop_pin(token.tenant(), reference)) continue;
      if (!session) session = rooms_.store->tenant(token);
      remove_unkept(token, reference, 0, *session);
    }
  } catch (const std::exception& error) {
    observe::log(observe::Level::warning, "Unkept blobs could not be removed.",
                 {{"plugin", context.generation().id()}, {"error", error.what()}});
  }
  chain.pinned_blobs.clear();
}

void BlobKeeper::remove_unkept(const CallToken& token, const std::string& reference,
                               std::int64_t references, storage::Session& session) noexcept {
  const auto needed = [&] {
    {
      const std::lock_guard pins(pins_mutex_);
      if (pins_.contains({token.tenant(), reference})) return true;
    }
    return is_kept(session, reference);
  };
  try {
    if (shared()) return rooms_.blobs->settle(token, reference, references, session, needed);
    const std::unique_lock lock(removal_);
    if (needed()) return;
    // The store counts every commit of the same content; here nobody is left, so all go.
    while (exists(*rooms_.blobs, token, reference)) rooms_.blobs->remove(token, reference);
  } catch (const std::exception& error) {
    observe::log(observe::Level::warning, "An unkept blob could not be removed.",
                 {{"reference", reference}, {"error", error.what()}});
  }
}

}  // namespace host::plugins
