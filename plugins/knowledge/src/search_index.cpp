// See search_index.hpp.
#include "search_index.hpp"

#include <utility>

#include "chunk_store.hpp"

namespace knowledge {
namespace {

namespace retrieval = serai::retrieval;

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

std::shared_ptr<const TenantIndex> SearchIndex::read(const serai::Call& call) {
  const auto before = known(call.caller().tenant);
  auto present = load_index(call, before, analyzer_);
  if (present != before.index) keep(call, present);
  return present;
}

KnownIndex SearchIndex::known(std::string_view tenant) {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(tenant);
  if (slot == slots_.end()) return {};
  uses_.splice(uses_.begin(), uses_, slot->second.use);
  return slot->second.known;
}

void SearchIndex::keep(const serai::Call& call, std::shared_ptr<const TenantIndex> index) {
  const auto limit = static_cast<std::size_t>(call.config().integer("index_memory")) << 20;
  const std::string tenant(call.caller().tenant);
  const std::size_t bytes = index->memory_bytes();
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const TenantIndex> next;
  if (const auto old = slots_.find(tenant); old != slots_.end()) {
    if (old->second.known.next != index) next = old->second.known.next;
    drop(old);
  }
  uses_.push_front(tenant);
  slots_[tenant] = {{std::move(index), std::move(next)}, bytes, uses_.begin()};
  bytes_ += bytes;
  // The one just asked for stays, however large: its search is under way.
  while (bytes_ > limit && uses_.size() > 1) drop(slots_.find(uses_.back()));
}

void SearchIndex::announce(std::string_view tenant,
                           const std::shared_ptr<const TenantIndex>& next) {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(tenant);
  if (slot != slots_.end()) slot->second.known.next = next;
}

void SearchIndex::withdraw(std::string_view tenant, const TenantIndex& next) noexcept {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(tenant);
  if (slot != slots_.end() && slot->second.known.next.get() == &next)
    slot->second.known.next = nullptr;
}

bool SearchIndex::announced(std::string_view tenant, const TenantIndex& next) const {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(tenant);
  return slot == slots_.end() || slot->second.known.next.get() == &next;
}

void SearchIndex::drop(Slots::iterator slot) {
  bytes_ -= slot->second.bytes;
  uses_.erase(slot->second.use);
  slots_.erase(slot);
}

void SearchIndex::forget(std::string_view tenant) {
  const std::lock_guard lock(mutex_);
  if (const auto slot = slots_.find(tenant); slot != slots_.end()) drop(slot);
}

std::size_t SearchIndex::memory_bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

SearchIndex::Edit::Edit(SearchIndex& owner, const serai::Call& call)
    : owner_(owner), call_(call), work_(owner.analyzer_) {
  // Takes the row's lock: whoever else edits waits here and then reads what we wrote.
  call.sql().execute("UPDATE knowledge_state SET next_number = next_number WHERE id = 'index'");
  // Nothing is written yet, so this is what is committed, and may be kept.
  before_ = owner.read(call);
  work_.restore(before_->snapshot);
  documents_ = before_->documents;
  model_ = before_->model;
  replace_all_ = before_->damaged;
}

SearchIndex::Edit::~Edit() {
  if (after_) owner_.withdraw(call_.caller().tenant, *after_);
}

void SearchIndex::Edit::put(const Document& document, const std::vector<Chunk>& chunks) {
  work_.put(to_indexed(document, chunks));
  if (chunks.empty()) return documents_.remove(document.number);
  documents_.put({document.number, document.id, document.category,
                  visibility_label(document.visibility, document.owner),
                  static_cast<std::int64_t>(chunks.size())});
}

void SearchIndex::Edit::remove(const Document& document) {
  work_.remove(document.id);
  documents_.remove(document.number);
}

void SearchIndex::Edit::set_model(std::shared_ptr<const retrieval::LatentModel> model) {
  model_ = std::move(model);
}

void SearchIndex::Edit::rebuild() {
  work_.restore(index_from_chunks(call_, owner_.analyzer_));
  documents_ = list_indexed(call_);
  replace_all_ = true;
}

void SearchIndex::Edit::maintain() {
  while (work_.maintain()) {
  }
}

void SearchIndex::Edit::store() {
  after_ = std::make_shared<TenantIndex>();
  after_->snapshot = work_.snapshot();
  after_->model = model_;
  after_->documents = documents_;
  after_->change = call_.clock().uuid();
  after_->weigh(*before_);
  if (replace_all_) {
    call_.sql().execute("DELETE FROM knowledge_segments");
    store_segments(retrieval::storage_change(retrieval::Snapshot(), *after_->snapshot));
  } else {
    store_segments(retrieval::storage_change(*before_->snapshot, *after_->snapshot));
  }
  if (model_ && model_ != before_->model) store_model();
  call_.sql().execute("UPDATE knowledge_state SET change = $1 WHERE id = 'index'", after_->change);
  owner_.announce(call_.caller().tenant, after_);
}

void SearchIndex::Edit::store_segments(const retrieval::StorageChange& change) {
  const auto sql = call_.sql();
  for (const std::string& id : change.remove) {
    sql.execute("DELETE FROM knowledge_segments WHERE segment_id = $1", id);
  }
  for (const auto& segment : change.insert) {
    sql.execute(
        "INSERT INTO knowledge_segments (segment_id, bytes, tombstones) VALUES ($1, $2, $3)",
        segment.id, as_bytes(segment.bytes), as_bytes(segment.tombstones));
  }
  for (const auto& segment : change.update) {
    sql.execute("UPDATE knowledge_segments SET tombstones = $1 WHERE segment_id = $2",
                as_bytes(segment.tombstones), segment.id);
  }
}

void SearchIndex::Edit::store_model() {
  const std::string bytes = model_->to_bytes();
  const auto sql = call_.sql();
  sql.execute("DELETE FROM knowledge_models WHERE kind = 'latent'");
  sql.execute(
      "INSERT INTO knowledge_models (kind, model_id, bytes, chunks, trained_at) VALUES ('latent', "
      "$1, $2, $3, $4)",
      model_->id(), as_bytes(bytes), static_cast<std::int64_t>(work_.snapshot()->live_chunks()),
      call_.clock().now_text());
}

void SearchIndex::Edit::publish() {
  if (owner_.announced(call_.caller().tenant, *after_)) owner_.keep(call_, after_);
}

}  // namespace knowledge
