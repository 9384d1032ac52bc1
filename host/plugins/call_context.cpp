// A call's belongings; see the header.
#include "plugins/call_context.hpp"

#include <cstring>

#include "jobs/queue.hpp"
#include "observe/log.hpp"
#include "plugins/generation.hpp"
#include "plugins/inside.hpp"
#include "plugins/open_rows.hpp"
#include "storage/cache.hpp"
#include "storage/fence.hpp"
#include "storage/store.hpp"
#include "tenancy/tenants.hpp"

namespace host::plugins {
namespace {

constexpr int kIndexBits = 12;
constexpr std::size_t kMaxObjects = (1 << kIndexBits) - 1;
constexpr std::size_t kMaxUnsure = 1000;

const std::string kHostPrefix;

serai_handle make_handle(serai_call call, std::size_t index) {
  return (call << kIndexBits) | (index + 1);
}

[[noreturn]] void stale() {
  throw Problem(500, "stale_handle", "The handle is not open in this call.");
}

}  // namespace

Chain::Chain() = default;
Chain::~Chain() = default;

CallContext::CallContext()
    : own_chain_(std::make_unique<Chain>()), arena_(buffer_.data(), buffer_.size()) {}
CallContext::~CallContext() = default;

void CallContext::begin(serai_call handle, Generation& generation, const CallToken* caller,
                        CallContext* parent) {
  handle_ = handle;
  generation_ = &generation;
  caller_ = caller;
  parent_ = parent;
  chain_ = parent ? parent->chain_ : own_chain_.get();
  deadline_us_ = caller ? std::chrono::duration_cast<std::chrono::microseconds>(
                              caller->deadline().time_since_epoch())
                              .count()
                        : 0;
  answered = false;
  denied = 0;
  used.clear();
}

void CallContext::end() noexcept {
  if (chain_->touched) tidy();
  reply = nullptr;
  service_reply = nullptr;
  handle_ = 0;
}

void CallContext::tidy() noexcept {
  while (transactions_ > 0) rollback_transaction();
  rows_.clear();
  blobs_.clear();
  if (!parent_) {
    Chain& chain = *chain_;
    if (!chain.pinned_blobs.empty()) inside_of_chain().blob_keeper.unpin(*this);
    chain.session.reset();
    chain.confined = nullptr;
    chain.transactions = 0;
    chain.work_added = false;
    chain.written.clear();
    chain.quota_refusal.reset();
    chain.read_only = false;
    chain.quiet = false;
    chain.met_stuck = false;
    if (chain.tenant_read) {
      chain.tenant.reset();
      chain.tenant_read = false;
    }
    chain.touched = false;
  }
  token_.reset();
  failure_ = {};
  host_code_.clear();
  host_detail_.clear();
  arena_.release();
}

Registry::Inside& CallContext::inside_of_chain() { return generation_->plugin().inside; }

const CallToken& CallContext::token() {
  if (!caller_)
    throw Problem(403, "no_tenant", "This call has no tenant: only log, clock and metrics work.");
  chain_->touched = true;
  if (!token_) token_.emplace(caller_->through(generation_->id()));
  return *token_;
}

serai_str CallContext::give(std::string_view text) {
  if (text.empty()) return {"", 0};
  char* copy = array<char>(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

storage::Session& CallContext::plugin_session() {
  storage::Session& session = host_session();
  const std::string& prefix = generation_->table_prefix();
  session.confine(prefix);
  chain_->confined = &prefix;
  return session;
}

storage::Session& CallContext::host_session() {
  Chain& chain = this->chain();
  if (!chain.session) {
    auto* store = generation_->plugin().inside.rooms.store;
    if (!store) throw Problem(501, "not_supported", "This host has no database.");
    chain.session = store->tenant(token());
    if (const auto* fence = storage::FenceScope::of_this_thread())
      chain.session = storage::fenced(std::move(chain.session), *fence);
    if (chain.read_only) chain.session->only_read();
    chain.confined = nullptr;
  }
  if (chain.confined) {
    chain.session->confine(kHostPrefix);
    chain.confined = nullptr;
  }
  return *chain.session;
}

void CallContext::release_session() noexcept {
  // One that only reads remembers that it must not read what is older than what it has read.
  if (chain_->transactions > 0 || chain_->read_only) return;
  chain_->session.reset();
  chain_->confined = nullptr;
}

void CallContext::begin_transaction() {
  host_session().begin();  // touches the chain
  ++transactions_;
  ++chain_->transactions;
}

void CallContext::commit_transaction() {
  if (transactions_ == 0)
    throw conflict("no_transaction", "This call has no open transaction of its own.");
  storage::Session& session = host_session();
  try {
    if (chain_->transactions == 1) announce_written();
    session.commit();
  } catch (...) {
    rollback_transaction();
    throw;
  }
  --transactions_;
  if (--chain_->transactions > 0) return;
  if (std::exchange(chain_->work_added, false))
    generation_->plugin().inside.rooms.queue->committed(token());
  forget_unsure();
  tell_written();
}

void CallContext::note_write() {
  if (!generation_->has_event_streams() || chain_->quiet) return;
  chain_->written.insert(generation_->id());
  if (chain_->transactions > 0) return;
  try {
    announce_written();
  } catch (const std::exception& trouble) {  // what was written stays written
    observe::log(observe::Level::warning, "event streams cannot be told of a change",
                 {{"plugin", generation_->id()}, {"error", trouble.what()}});
  }
  tell_written();
}

// Other processes hear of it with the commit, this one too.
void CallContext::announce_written() {
  if (chain_->written.empty() || !host_session().shared()) return;
  for (const auto& plugin : std::exchange(chain_->written, {}))
    host_session().announce(kWrittenTopic, plugin + " " + token().tenant());
}

void CallContext::tell_written() {
  const auto& on_written = inside_of_chain().options.on_written;
  for (const auto& plugin : std::exchange(chain_->written, {}))
    if (on_written) on_written(token().tenant(), plugin);
}

void CallContext::rollback_transaction() {
  if (transactions_ == 0)
    throw conflict("no_transaction", "This call has no open transaction of its own.");
  --transactions_;
  if (chain_->session) chain_->session->rollback();
  if (--chain_->transactions > 0) return;
  chain_->work_added = false;
  chain_->written.clear();
  forget_unsure();
}

void CallContext::note_cached(std::string_view key) {
  if (chain_->transactions == 0) return;
  auto& unsure = chain_->unsure;
  if (unsure.size() >= kMaxUnsure)
    throw Problem(413, "too_many_keys", "A transaction changes at most 1000 values of kv.");
  unsure.emplace(generation_->id(), key);
}

void CallContext::forget_unsure() noexcept {
  auto* cache = inside_of_chain().rooms.cache;
  for (const auto& [plugin, key] : std::exchange(chain_->unsure, {})) {
    try {
      cache->erase(caller_->through(plugin), key);
    } catch (const std::exception& trouble) {
      observe::log(observe::Level::warning, "a value of kv may be stale",
                   {{"plugin", plugin}, {"error", trouble.what()}});
    }
  }
}

const tenancy::Tenant* CallContext::tenant() {
  Chain& chain = this->chain();
  if (!chain.tenant_read) {
    auto* tenants = generation_->plugin().inside.rooms.tenants;
    if (tenants && caller_ && !caller_->tenant().empty())
      chain.tenant = tenants->find(caller_->tenant());
    chain.tenant_read = true;
  }
  return chain.tenant.get();
}

template <class T>
std::size_t CallContext::index_of(serai_handle handle, const std::vector<T>& objects) const {
  const std::size_t index = handle & kMaxObjects;
  if ((handle >> kIndexBits) != (handle_ & (~serai_call{0} >> kIndexBits)) || index == 0 ||
      index > objects.size() || !objects[index - 1])
    stale();
  return index - 1;
}

serai_handle CallContext::add_rows(std::unique_ptr<OpenRows> rows) {
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (!rows_[i]) {
      rows_[i] = std::move(rows);
      return make_handle(handle_, i);
    }
  if (rows_.size() >= kMaxObjects)
    throw Problem(413, "too_many_results", "Too many results are open; release some.");
  rows_.push_back(std::move(rows));
  return make_handle(handle_, rows_.size() - 1);
}

void CallContext::release_rows(serai_handle handle) { rows_[index_of(handle, rows_)].reset(); }

serai_handle CallContext::add_blob(BlobHandle blob) {
  if (blobs_.size() >= kMaxObjects)
    throw Problem(413, "too_many_blobs", "Too many blobs were opened in one call.");
  blobs_.emplace_back(std::move(blob));
  return make_handle(handle_, blobs_.size() - 1);
}

BlobHandle& CallContext::blob(serai_handle handle) { return *blobs_[index_of(handle, blobs_)]; }

void CallContext::close_blob(serai_handle handle) { blobs_[index_of(handle, blobs_)].reset(); }

void CallContext::set_host_error(std::string code, std::string detail) {
  chain_->touched = true;
  host_code_ = std::move(code);
  host_detail_ = std::move(detail);
}

}  // namespace host::plugins
