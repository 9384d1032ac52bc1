#include "moves/moves.hpp"

#include <atomic>
#include <vector>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "observe/log.hpp"
#include "tenancy/token_mint.hpp"

namespace host::moves {
namespace {
constexpr std::chrono::hours kForgetImport{12};
}  // namespace

struct Moves::Import {
  Import(House& house, const CallToken& admin, const std::string& as) : arrival(house, admin, as) {}
  void go_on_as(const CallToken& admin) {
    if (ended) throw conflict("import_over", "This import is over; another one has begun.");
    used = std::chrono::steady_clock::now();
    arrival.go_on_as(admin);
  }
  // The tenant, for who does not hold `mutex`; empty while it is not known.
  std::string tenant() {
    const std::lock_guard lock(name_mutex_);
    return name_;
  }
  void name(const std::string& tenant) {
    const std::lock_guard lock(name_mutex_);
    name_ = tenant;
  }

  std::mutex mutex;  // one request at a time; guards the two below
  Arrival arrival;
  std::uint64_t taken = 0;
  std::atomic<bool> ended{false};
  std::atomic<std::chrono::steady_clock::time_point> used{std::chrono::steady_clock::now()};

 private:
  std::mutex name_mutex_;
  std::string name_;
};

struct Moves::Move {
  Move(House& house, const CallToken& token, std::string number)
      : id(std::move(number)), departure(house, token) {}
  const std::string id;
  std::mutex mutex;  // one request at a time
  Departure departure;
  bool left = false;
};

Moves::Moves(House house) : house_(house) {
  // First of all hooks that count: what is noted or frozen would stop the others.
  house_.tenants.on_destroy([this](const CallToken& token) { forget(token); });
  // A tenant that had left and is opened here again must be able to write.
  house_.tenants.on_activate([this](const CallToken& token) {
    try {
      forget(token);
    } catch (const std::exception& error) {
      observe::log(observe::Level::error, "a tenant's changes are still noted, or refused",
                   {{"tenant", token.tenant()}, {"error", error.what()}});
    }
  });
  // Where this process is the only one, whoever paused a tenant is dead; elsewhere it ends by
  // itself.
  if (house_.store.shares_tables()) return;
  const auto admin = tenancy::TokenMint::for_platform_admin(
      "operator", {uuid_v7(), "", std::chrono::steady_clock::now() + std::chrono::minutes(1)});
  for (const auto& tenant : house_.tenants.list())
    if (tenant.status == tenancy::TenantStatus::read_only) house_.tenants.resume(admin, tenant.id);
}

Moves::~Moves() = default;

CallToken Moves::tenant_token(const CallToken& admin, const std::string& tenant) const {
  if (!house_.tenants.find(tenant)) throw not_found("Tenant not found");
  return tenancy::TokenMint::for_tenant_administration(admin, tenant);
}

void Moves::forget(const CallToken& token) {
  {
    const std::lock_guard lock(mutex_);
    moves_.erase(token.tenant());
  }
  house_.store.transfer().end_capture(token);
}

void Moves::export_tenant(const CallToken& admin, const std::string& tenant, const StreamKey& key,
                          const SealedWriter::Out& out) {
  if (const auto present = house_.tenants.find(tenant); present && incomplete(*present))
    throw conflict("tenant_incomplete", "This tenant is being imported and is not whole yet.");
  house_.usage.flush();
  Departure(house_, tenant_token(admin, tenant)).copy(key, out, false);
}

Fingerprint Moves::fingerprint_of(const CallToken& admin, const std::string& tenant) {
  const auto token = tenant_token(admin, tenant);
  return fingerprint(house_, token, tables_of(house_.store, token));
}

std::string Moves::begin_import(const CallToken& admin, const std::string& as,
                                const StreamKey& key) {
  auto fresh = std::make_shared<Import>(house_, admin, as);
  fresh->arrival.begin_stream(key);
  std::string id = uuid_v7();
  const std::lock_guard lock(mutex_);
  // Whoever has not been heard of for so long will not come again.
  const auto long_ago = std::chrono::steady_clock::now() - kForgetImport;
  std::erase_if(imports_, [&](const auto& each) { return each.second->used.load() < long_ago; });
  imports_[id] = std::move(fresh);
  return id;
}

// The newest try for a tenant is the one that counts: what came before may write no more.
void Moves::end_other_imports(const std::string& id, const std::string& tenant) {
  // What one of them is at work with just now is found by the comparison at the end.
  const std::lock_guard lock(mutex_);
  std::erase_if(imports_, [&](const auto& each) {
    const bool other = each.first != id && each.second->tenant() == tenant;
    if (other) each.second->ended = true;
    return other;
  });
}

std::shared_ptr<Moves::Import> Moves::import(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = imports_.find(id);
  if (found == imports_.end()) throw not_found("There is no such import under way.");
  return found->second;
}

void Moves::feed_import(const CallToken& admin, const std::string& id, std::uint64_t offset,
                        std::string_view bytes) {
  const auto at = import(id);
  const std::lock_guard lock(at->mutex);
  if (offset != at->taken)
    throw conflict("wrong_offset", "The next piece begins at " + std::to_string(at->taken) + ".");
  at->go_on_as(admin);
  at->taken += bytes.size();
  const bool known = at->arrival.made();
  at->arrival.feed(bytes);
  at->name(at->arrival.tenant());
  if (!known && at->arrival.made()) end_other_imports(id, at->arrival.tenant());
}

std::string Moves::end_copy(const CallToken& admin, const std::string& id) {
  const auto at = import(id);
  const std::lock_guard lock(at->mutex);
  at->go_on_as(admin);
  at->arrival.end_stream();
  return at->arrival.tenant();
}

void Moves::take_changes(const CallToken& admin, const std::string& id, const StreamKey& key,
                         std::string_view bytes) {
  const auto at = import(id);
  const std::lock_guard lock(at->mutex);
  at->go_on_as(admin);
  at->arrival.begin_stream(key);
  at->arrival.feed(bytes);
  at->arrival.end_stream();
}

tenancy::Tenant Moves::finish_import(const CallToken& admin, const std::string& id,
                                     const std::string& from) {
  const auto at = import(id);
  const std::lock_guard lock(at->mutex);
  at->go_on_as(admin);
  at->arrival.let_in(from);
  const auto tenant = house_.tenants.find(at->arrival.tenant());
  if (!tenant) throw not_found("Tenant not found");
  const std::lock_guard all(mutex_);
  imports_.erase(id);
  return *tenant;
}

void Moves::abort_import(const CallToken& admin, const std::string& id) {
  const auto at = import(id);
  const std::lock_guard lock(at->mutex);
  at->go_on_as(admin);
  at->arrival.abandon();
  const std::lock_guard all(mutex_);
  imports_.erase(id);
}

std::string Moves::begin_move(const CallToken& admin, const std::string& tenant) {
  const auto token = tenant_token(admin, tenant);
  if (house_.tenants.status(tenant) == tenancy::TenantStatus::suspended)
    throw conflict("tenant_inactive", "Only an active tenant can be moved.");
  auto fresh = std::make_shared<Move>(house_, token, uuid_v7());
  std::vector<storage::TableShape> tables;
  for (const auto& table : fresh->departure.tables())
    if (!table.of_platform()) tables.push_back(table.shape);
  house_.store.transfer().begin_capture(token, tables, kNoteLife);
  std::string id = fresh->id;
  const std::lock_guard lock(mutex_);
  moves_[tenant] = std::move(fresh);
  return id;
}

std::shared_ptr<Moves::Move> Moves::move_of(const std::string& tenant, const std::string& move) {
  const std::lock_guard lock(mutex_);
  const auto found = moves_.find(tenant);
  if (found == moves_.end() || found->second->id != move)
    throw conflict("not_moving", "This move is over, or another one has begun.");
  return found->second;
}

void Moves::copy(const CallToken& admin, const std::string& tenant, const std::string& move,
                 const StreamKey& key, const SealedWriter::Out& out) {
  const auto at = move_of(tenant, move);
  const std::lock_guard lock(at->mutex);
  at->departure.go_on_as(tenant_token(admin, tenant));
  house_.usage.flush();
  at->departure.copy(key, out, true);
}

Departure::Changed Moves::changes(const CallToken& admin, const std::string& tenant,
                                  const std::string& move, const StreamKey& key,
                                  const SealedWriter::Out& out, bool final) {
  const auto at = move_of(tenant, move);
  const std::lock_guard lock(at->mutex);
  const auto token = tenant_token(admin, tenant);
  at->departure.go_on_as(token);
  if (final) house_.usage.flush();  // of the calls that have ended
  const auto changed = house_.store.transfer().take_changes(token);
  return at->departure.changes(key, out, changed, final);
}

void Moves::pause(const CallToken& admin, const std::string& tenant, const std::string& move) {
  const auto at = move_of(tenant, move);
  const std::lock_guard lock(at->mutex);
  const auto token = tenant_token(admin, tenant);
  at->departure.go_on_as(token);
  at->departure.require_same_schema();
  // Requests that come now are refused at the door; those inside, and all else, at the database.
  house_.tenants.pause(admin, tenant, now() + kPauseLife);
  try {
    house_.store.transfer().freeze(token, kPauseLife);
  } catch (...) {
    house_.tenants.resume(admin, tenant);
    throw;
  }
}

void Moves::leave(const CallToken& admin, const std::string& tenant, const std::string& move,
                  const std::string& to) {
  const auto at = move_of(tenant, move);
  const std::lock_guard lock(at->mutex);
  const auto token = tenant_token(admin, tenant);
  if (!house_.tenants.leave(admin, tenant, "Moved to " + to + "."))
    throw conflict("pause_over", "The pause was over before everything was there.");
  at->left = true;
  house_.store.transfer().freeze(token, storage::Transfer::kForGood);
}

void Moves::abort_move(const CallToken& admin, const std::string& tenant, const std::string& move) {
  const auto at = move_of(tenant, move);
  const std::lock_guard lock(at->mutex);
  house_.store.transfer().end_capture(tenant_token(admin, tenant));
  if (at->left)
    house_.tenants.activate(admin, tenant);
  else
    house_.tenants.resume(admin, tenant);
  const std::lock_guard all(mutex_);
  moves_.erase(tenant);
}

}  // namespace host::moves
