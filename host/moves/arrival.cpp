#include "moves/arrival.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "base/time.hpp"
#include "moves/disguise.hpp"
#include "observe/log.hpp"
#include "tenancy/token_mint.hpp"

namespace host::moves {
namespace {

constexpr std::string_view kIncomplete = "This tenant is being imported.";
// Written between two commits; the tenant's readers are nobody yet.
constexpr std::size_t kCommitBytes = 16UL << 20;

Problem malformed(const std::string& what) {
  return {422, "archive_malformed", "The archive cannot be used: " + what + "."};
}

}  // namespace

bool incomplete(const tenancy::Tenant& tenant) {
  return tenant.status == tenancy::TenantStatus::suspended &&
         tenant.suspended_reason == kIncomplete;
}

Arrival::Arrival(House& house, CallToken admin, std::string as)
    : house_(house), admin_(std::move(admin)), id_(std::move(as)) {}

CallToken Arrival::token() const {
  return tenancy::TokenMint::for_tenant_administration(admin_, id_);
}

void Arrival::begin_stream(const StreamKey& key) {
  if (failed_ || let_in_) throw conflict("import_over", "This import is over; begin again.");
  in_changes_ = in_final_ = false;
  reader_.emplace(key, [this](Item&& item, bool) { take(std::move(item)); });
}

void Arrival::feed(std::string_view bytes) {
  if (!reader_) throw conflict("import_over", "This import is over; begin again.");
  try {
    reader_->feed(bytes);
    commit();
  } catch (const nlohmann::json::exception&) {
    give_up();
    throw malformed("an item of it is not as expected");
  } catch (...) {
    give_up();
    throw;
  }
}

void Arrival::give_up() {
  failed_ = true;
  own_.reset();
  platform_.reset();
}

void Arrival::end_stream() {
  if (!reader_) throw conflict("import_over", "This import is over; begin again.");
  try {
    reader_->end();
  } catch (...) {
    give_up();
    throw;
  }
  reader_.reset();
}

void Arrival::take(Item&& item) {
  const std::string is = item.at("is");
  if (is == "tenant") return take_tenant(item);
  if (!made_) throw malformed("it does not begin with the tenant");
  if (is == "changes") {
    if (!copied_ || !changes_follow_) throw malformed("changes without a copy");
    in_changes_ = true;
    in_final_ = item.at("final");
    return set_document(item.at("document"));
  }
  if (is == "rows") return take_rows(item);
  if (is == "gone") return take_gone(item);
  if (is == "clear") {
    const auto& which = table(item.at("table"));
    return TableAccess(which, id_).clear(session_of(which));
  }
  if (is == "blob") return take_blob(item);
  if (is == "audit") {
    commit();  // the record opens a session of its own
    return house_.audit.import_lines(token(), item.at("from"),
                                     item.at("lines").get<std::vector<std::string>>());
  }
  if (is == "end") return take_end(item);
  throw malformed("an item of an unknown kind, " + is);
}

void Arrival::take_tenant(const Item& item) {
  if (made_) throw malformed("it names two tenants");
  if (item.at("format") != 1)
    throw Problem(422, "archive_version", "The archive is of another format than 1.");
  if (id_.empty()) id_ = item.at("id");
  if (const auto present = house_.tenants.find(id_)) {
    if (!incomplete(*present))
      throw conflict("tenant_exists", "There is a tenant " + id_ +
                                          " already; delete it first. Under another id it can only "
                                          "come into another house.");
    house_.tenants.destroy(admin_, id_);
  }
  changes_follow_ = item.at("changes_follow");
  const auto& from = item.at("document");
  tenancy::Tenant tenant;
  tenant.id = id_;
  tenant.name = from.at("name");
  tenant.timezone = from.at("timezone");
  tenant.currency = from.at("currency");
  tenant.plan = from.at("plan");
  tenant.settings = from.at("settings");
  tenant.plugins = from.at("plugins");
  tenant.created_at = from.at("created_at");
  house_.tenants.adopt(admin_, tenant, std::string(kIncomplete));
  made_ = true;
  suspended_ = from.value("suspended", "");
  check_migrations(item);
  tables_ = tables_of(house_.store, token());
  check_tables(item);
  // Migrations have written rows for a new tenant; this one brings its own.
  for (auto each = tables_.rbegin(); each != tables_.rend(); ++each)
    TableAccess(*each, id_).clear(session_of(*each));
  commit();
}

void Arrival::set_document(const Item& from) {
  const auto present = house_.tenants.find(id_);
  if (!present) throw not_found("Tenant not found");
  tenancy::Tenant tenant = *present;
  tenant.name = from.at("name");
  tenant.timezone = from.at("timezone");
  tenant.currency = from.at("currency");
  tenant.plan = from.at("plan");
  tenant.settings = from.at("settings");
  tenant.plugins = from.at("plugins");
  house_.tenants.update(admin_, tenant);
}

const Table& Arrival::table(const std::string& name) const {
  const auto found = std::find_if(tables_.begin(), tables_.end(),
                                  [&](const Table& each) { return each.name() == name; });
  if (found == tables_.end()) throw malformed("it has rows of an unknown table, " + name);
  return *found;
}

storage::Session& Arrival::session_of(const Table& which) {
  auto& session = which.of_platform() ? platform_ : own_;
  if (!session) {
    session = which.of_platform() ? house_.store.platform() : house_.store.tenant(token());
    session->begin();
  }
  return *session;
}

void Arrival::commit() {
  commit(own_);
  commit(platform_);
  waiting_bytes_ = 0;
}

void Arrival::commit(std::unique_ptr<storage::Session>& session) {
  if (session) session->commit();
  session.reset();
}

void Arrival::take_rows(const Item& item) {
  const auto& which = table(item.at("table"));
  const TableAccess access(which, id_);
  const Disguise disguise(house_, token(), which);
  // Sealing may have to make a key, which is the platform's.
  if (!which.of_platform()) commit(platform_);
  std::vector<Row> rows = item.at("rows").get<std::vector<Row>>();
  for (auto& row : rows) {
    if (!row.is_array() || row.size() != which.shape.columns.size())
      throw malformed("a row of " + which.name() + " has another number of columns");
    for (const auto& value : row) {
      if (value.is_string()) waiting_bytes_ += value.get_ref<const std::string&>().size();
      if (value.is_binary()) waiting_bytes_ += value.get_binary().size();
    }
    disguise.put_on(row);
  }
  auto& session = session_of(which);
  try {
    if (in_changes_ && !which.shape.key.empty())
      for (const auto& row : rows) access.put(session, row);
    else
      access.insert(session, rows);
  } catch (const storage::SqlError& error) {
    observe::log(observe::Level::warning, "a row of an import could not be written",
                 {{"tenant", id_}, {"table", which.name()}, {"error", error.what()}});
    if (error.fault() == storage::SqlFault::unique && which.of_platform())
      throw conflict("already_here", "A row of " + which.name() +
                                         " is here already, of another tenant: people, keys and "
                                         "invitations are in one house at a time.");
    throw Problem(422, "rows_refused",
                  "Rows of " + which.name() + " are not taken here; the log says why.");
  }
  // The copy is nobody's yet and may be committed in pieces; changes are all or nothing.
  if (!in_changes_ && waiting_bytes_ >= kCommitBytes) commit();
}

void Arrival::take_gone(const Item& item) {
  const auto& which = table(item.at("table"));
  for (const auto& key : item.at("keys")) TableAccess(which, id_).erase(session_of(which), key);
}

void Arrival::take_blob(const Item& item) {
  if (!in_changes_) commit();
  const std::string ref = item.at("ref");
  if (!blob_) {
    blob_ = house_.blobs.create(token());
    blob_ref_ = ref;
  }
  if (ref != blob_ref_) throw malformed("a file in it is cut short");
  const auto& data = item.at("data").get_binary();
  blob_->write({reinterpret_cast<const std::byte*>(data.data()), data.size()});
  if (!item.at("last").get<bool>()) return;
  // Where nodes share blobs, the rows of their keepers hold it; until these are here, the
  // reference of this commit does (Blobs::kReferenceLife), and the upkeep asks before it removes.
  const auto written = blob_->commit();
  blob_.reset();
  if (written != ref) refuse_difference("a file");
}

void Arrival::take_end(const Item& item) {
  commit();
  if (blob_) throw malformed("a file in it is cut short");
  if (in_changes_) {
    verify_changes(item);
    if (in_final_) {
      verify_audit(item);
      verify_blobs();
      final_ = true;
    }
    return;
  }
  verify_copy(item);
  verify_audit(item);
  if (!changes_follow_) verify_blobs();
  copied_ = true;
}

void Arrival::let_in(const std::string& from) {
  if (let_in_) return;
  if (failed_ || !copied_ || (changes_follow_ && !final_))
    throw conflict("not_complete", "Not everything of the tenant is here yet.");
  house_.auth.roles().forget(id_);
  if (suspended_.empty())
    house_.tenants.activate(admin_, id_);
  else
    house_.tenants.suspend(admin_, id_, suspended_);
  let_in_ = true;
  // Ties the history that was signed elsewhere to the chain that begins here.
  house_.audit.record(
      token(), {"tenant.import", "success", admin_.user(), id_, "", admin_.request_id()},
      {{"from", from}, {"audit_sha256", history_.sha256}, {"audit_lines", history_.lines}});
}

void Arrival::abandon() {
  own_.reset();
  platform_.reset();
  blob_.reset();
  reader_.reset();
  failed_ = true;
  if (!made_ || let_in_) return;
  if (const auto present = house_.tenants.find(id_); present && incomplete(*present))
    house_.tenants.destroy(admin_, id_);
  made_ = false;
}

}  // namespace host::moves
