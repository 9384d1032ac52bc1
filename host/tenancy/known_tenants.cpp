#include "tenancy/known_tenants.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"

namespace host::tenancy {
namespace {

using nlohmann::json;

// How long a change made by another process may stay unseen where nobody announces it (the command
// line on SQLite) or nothing can be heard.
constexpr std::chrono::milliseconds kLookAgain{500};
// Beyond so many changes that are not read yet all rows are.
constexpr std::size_t kFewChanges = 100;
constexpr std::chrono::seconds kPatience{2};
constexpr std::string_view kRows =
    "SELECT id, name, timezone, currency, plan, status, suspended_reason, settings, plugins, "
    "created_at FROM tenancy_tenants";

json object_from(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_object() ? value : json::object();
}

std::shared_ptr<const Tenant> tenant_of(const storage::Rows& rows, std::size_t row) {
  Tenant tenant;
  tenant.id = rows.text(row, "id");
  tenant.name = rows.text(row, "name");
  tenant.timezone = rows.text(row, "timezone");
  tenant.currency = rows.text(row, "currency");
  tenant.plan = rows.text(row, "plan");
  const auto status = rows.text(row, "status");
  tenant.status = status == "active"      ? TenantStatus::active
                  : status == "read_only" ? TenantStatus::read_only
                                          : TenantStatus::suspended;
  tenant.suspended_reason = rows.text(row, "suspended_reason");
  tenant.settings = object_from(rows.text(row, "settings"));
  tenant.plugins = object_from(rows.text(row, "plugins"));
  tenant.created_at = rows.text(row, "created_at");
  return std::make_shared<const Tenant>(std::move(tenant));
}

// A number, not a time: the clocks of two nodes differ.
std::int64_t mark(storage::Session& session) {
  return session.query("SELECT coalesce(max(number), 0) AS number FROM tenancy_changes")
      .integer(0, "number");
}

}  // namespace

// Whoever waits may hold a request, or a plugin's call: a database that says nothing is not waited
// for. (A std::timed_mutex would do, but for clang's thread sanitizer, which does not know it.)
class KnownTenants::Turn {
 public:
  explicit Turn(KnownTenants& known) : known_(known) {
    std::unique_lock lock(known_.turn_mutex_);
    if (!known_.loaded_.wait_for(lock, kPatience, [this] { return !known_.loading_; }))
      throw unavailable("database_unavailable", "The database does not answer.", 1);
    known_.loading_ = true;
  }
  ~Turn() {
    {
      const std::lock_guard lock(known_.turn_mutex_);
      known_.loading_ = false;
    }
    known_.loaded_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  KnownTenants& known_;
};

KnownTenants::KnownTenants(storage::Store& store) : store_(store) {
  if (auto* changes = store_.changes())
    changes->on(kTenantsTopic, [this](std::string_view id) { hear(id); });
  load();
}

std::vector<Tenant> KnownTenants::list() {
  look_again();
  const std::shared_lock lock(mutex_);
  std::vector<Tenant> all;
  all.reserve(tenants_.size());
  for (const auto& [id, tenant] : tenants_) all.push_back(*tenant);
  return all;
}

std::shared_ptr<const Tenant> KnownTenants::find(std::string_view id) {
  look_again();
  const std::shared_lock lock(mutex_);
  const auto found = tenants_.find(id);
  return found == tenants_.end() ? nullptr : found->second;
}

// If nobody else has changed any since we looked, one row; so that with thousands of tenants a
// change does not read thousands of rows.
void KnownTenants::changed(std::string_view id, std::int64_t number) {
  const Turn turn(*this);
  or_stay_stale([&] {
    bool alone = false;
    {
      const std::shared_lock lock(mutex_);
      alone = number == mark_ + 1;
    }
    if (!alone) return load_all();
    load_rows(*session(), {std::string(id)}, number);
  });
}

// Twice a second one caller asks the database whether another process changed something; all do
// who come before what was announced is read.
void KnownTenants::look_again() {
  if (stale_) return load_heard();
  const auto ticks = std::chrono::steady_clock::now().time_since_epoch();
  auto seen = looked_at_.load(std::memory_order_relaxed);
  if (ticks - std::chrono::steady_clock::duration(seen) < kLookAgain) return;
  if (!looked_at_.compare_exchange_strong(seen, ticks.count())) return;
  const auto current = mark(*session());
  {
    const std::shared_lock lock(mutex_);
    if (current == mark_) return;
  }
  load();
}

void KnownTenants::load() {
  const Turn turn(*this);
  or_stay_stale([&] { load_all(); });
}

// What others have announced. Their number may count a change whose announcement has not come yet:
// it comes, or the channel is lost and everything is read.
void KnownTenants::load_heard() {
  const Turn turn(*this);
  if (!stale_) return;  // somebody else has
  or_stay_stale([&] {
    const auto ids = heard();
    if (!ids) return load_all();
    const auto session = this->session();
    const auto marked = mark(*session);
    load_rows(*session, *ids, marked);
  });
}

std::unique_ptr<storage::Session> KnownTenants::session() {
  auto session = store_.platform();
  session->set_deadline(std::chrono::steady_clock::now() + kPatience);
  return session;
}

// With a turn.
void KnownTenants::load_all() {
  (void)heard();  // what is announced from here on is read once more
  const auto session = this->session();
  // The mark is read first: a change in between makes one reading too many, never one too few.
  const auto marked = mark(*session);
  const auto rows = session->query(std::string(kRows) + " ORDER BY id");
  ById fresh;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto tenant = tenant_of(rows, row);
    fresh.emplace_hint(fresh.end(), tenant->id, tenant);
  }
  looked_at_ = std::chrono::steady_clock::now().time_since_epoch().count();
  const std::lock_guard lock(mutex_);
  mark_ = marked;
  tenants_.swap(fresh);
}

// With a turn.
void KnownTenants::load_rows(storage::Session& session, const std::set<std::string>& ids,
                             std::int64_t marked) {
  std::vector<std::pair<std::string, std::shared_ptr<const Tenant>>> fresh;
  for (const auto& id : ids) {
    const auto rows = session.query(std::string(kRows) + " WHERE id = $1", {id});
    fresh.emplace_back(id, rows.empty() ? nullptr : tenant_of(rows, 0));
  }
  const std::lock_guard lock(mutex_);
  mark_ = marked;
  for (auto& [id, tenant] : fresh) {
    if (tenant)
      tenants_.insert_or_assign(id, std::move(tenant));
    else
      tenants_.erase(id);
  }
}

// What could not be read, or was announced meanwhile, is still to be read. Until then others wait
// instead of believing what is old.
template <class Action>
void KnownTenants::or_stay_stale(Action&& action) {
  try {
    action();
    const std::lock_guard lock(heard_mutex_);
    stale_ = anything_ || !heard_.empty();
  } catch (...) {
    hear("");
    throw;
  }
}

// On the thread of the channel, too.
void KnownTenants::hear(std::string_view id) {
  const std::lock_guard lock(heard_mutex_);
  if (id.empty() || heard_.size() >= kFewChanges)
    anything_ = true;
  else
    heard_.emplace(id);
  stale_ = true;
}

// Since the last time; nullopt: anything.
std::optional<std::set<std::string>> KnownTenants::heard() {
  const std::lock_guard lock(heard_mutex_);
  auto ids = std::exchange(heard_, {});
  if (std::exchange(anything_, false)) return std::nullopt;
  return ids;
}

}  // namespace host::tenancy
