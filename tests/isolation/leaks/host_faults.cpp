#include "isolation/leaks/host_faults.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "api/idempotency.hpp"
#include "audit/audit.hpp"
#include "auth/auth.hpp"
#include "auth/user_rows.hpp"
#include "base/problem.hpp"
#include "isolation/leaks/symbols.hpp"
#include "jobs/queue.hpp"
#include "observe/access_log.hpp"
#include "observe/metrics.hpp"
#include "storage/blobs.hpp"
#include "storage/cache.hpp"
#include "storage/store.hpp"
#include "storage/vectors.hpp"
#include "tenancy/token_mint.hpp"

namespace leaks {
namespace {

using namespace host;  // NOLINT: this file stands in for parts of it
using tenancy::TokenMint;

std::string planted;
storage::Store* store = nullptr;
std::mutex mutex;
std::map<std::string, std::string> kept;  // what a fault remembers, by a key of its own
std::map<std::string, http::Response> answers;
std::set<std::string> tenants_seen;
unsigned turns = 0;

CallToken token_of(const CallToken& like, const std::string& tenant) {
  return TokenMint::for_job(tenant, like.user(), like.request_id(), like.deadline())
      .through(like.plugin());
}

// The tenant of the call before, and remembers this one.
std::string tenant_before(const std::string& what, const std::string& tenant) {
  const std::lock_guard lock(mutex);
  auto before = kept.contains(what) ? kept[what] : tenant;
  kept[what] = tenant;
  return before;
}

class SharedCache final : public storage::Cache {
 public:
  explicit SharedCache(std::unique_ptr<Cache> real) : real_(std::move(real)) {}
  std::optional<std::string> get(const CallToken& token, std::string_view key) override {
    return real_->get(all(token), key);
  }
  void put(const CallToken& token, std::string_view key, std::string_view value,
           std::chrono::milliseconds ttl) override {
    real_->put(all(token), key, value, ttl);
  }
  void erase(const CallToken& token, std::string_view key) override {
    real_->erase(all(token), key);
  }
  std::int64_t add(const CallToken& token, std::string_view key, std::int64_t amount,
                   std::chrono::milliseconds ttl) override {
    return real_->add(all(token), key, amount, ttl);
  }
  void destroy(const CallToken& token) override { real_->destroy(token); }

 private:
  static CallToken all(const CallToken& token) { return token_of(token, "everybody"); }
  std::unique_ptr<Cache> real_;
};

// Searches every tenant's vectors of the plugin's collection.
class OneIndex final : public storage::Vectors {
 public:
  explicit OneIndex(std::unique_ptr<Vectors> real) : real_(std::move(real)) {}
  void upsert(const CallToken& token, storage::Session& session, std::string_view collection,
              std::span<const std::int64_t> ids, std::span<const float> vectors,
              std::size_t dimension) override {
    real_->upsert(token, session, collection, ids, vectors, dimension);
    const std::lock_guard lock(mutex);
    auto& all = all_[token.plugin() + "/" + std::string(collection)];
    all.insert(all.end(), ids.begin(), ids.end());
  }
  void remove(const CallToken& token, storage::Session& session, std::string_view collection,
              std::span<const std::int64_t> ids) override {
    real_->remove(token, session, collection, ids);
  }
  void drop(const CallToken& token, storage::Session& session,
            std::string_view collection) override {
    real_->drop(token, session, collection);
  }
  std::vector<storage::Neighbour> search(const CallToken& token, storage::Session&,
                                         std::string_view collection, std::span<const float>,
                                         std::size_t k, std::span<const std::int64_t>) override {
    const std::lock_guard lock(mutex);
    std::vector<storage::Neighbour> found;
    const auto& all = all_[token.plugin() + "/" + std::string(collection)];
    for (auto id = all.rbegin(); id != all.rend() && found.size() < k; ++id)
      found.push_back({*id, 1});
    return found;
  }
  std::size_t count(const CallToken& token, storage::Session& session,
                    std::string_view collection) override {
    return real_->count(token, session, collection);
  }
  void destroy(const CallToken& token) override { real_->destroy(token); }

 private:
  std::unique_ptr<Vectors> real_;
  std::map<std::string, std::vector<std::int64_t>> all_;
};

class OpenBlobs final : public storage::Blobs {
 public:
  explicit OpenBlobs(std::unique_ptr<Blobs> real) : real_(std::move(real)) {}
  std::unique_ptr<storage::BlobWriter> create(const CallToken& token) override {
    const std::lock_guard lock(mutex);
    tenants_seen.insert(token.tenant());
    return real_->create(token);
  }
  std::unique_ptr<storage::BlobReader> open(const CallToken& token, const storage::BlobRef& ref,
                                            storage::Session* session) override {
    std::set<std::string> tenants;
    {
      const std::lock_guard lock(mutex);
      tenants = tenants_seen;
    }
    for (const auto& tenant : tenants) {
      try {
        return real_->open(token_of(token, tenant), ref);
      } catch (const Problem&) {  // the next one's, then
      }
    }
    return real_->open(token, ref, session);
  }
  void remove(const CallToken& token, const storage::BlobRef& ref) override {
    real_->remove(token, ref);
  }
  std::uint64_t usage(const CallToken& token) override { return real_->usage(token); }
  void destroy(const CallToken& token) override { real_->destroy(token); }

 private:
  std::unique_ptr<Blobs> real_;
};

class MixedStore final : public storage::Store {
 public:
  explicit MixedStore(std::unique_ptr<Store> real) : real_(std::move(real)) {}
  std::unique_ptr<storage::Session> tenant(const CallToken& token) override {
    if (planted != "session_of_another" || token.plugin().empty()) return real_->tenant(token);
    const auto before = tenant_before("session", token.tenant());
    return real_->tenant(++turns % 7 == 0 ? token_of(token, before) : token);
  }
  std::unique_ptr<storage::Session> platform() override { return real_->platform(); }
  void register_platform(storage::MigrationSet set) override {
    real_->register_platform(std::move(set));
  }
  void register_tenant(storage::MigrationSet set) override {
    real_->register_tenant(std::move(set));
  }
  void migrate(const CallToken& token) override { real_->migrate(token); }
  void migrate_platform() override { real_->migrate_platform(); }
  void migrate_down(const CallToken& token, std::string_view owner, int number) override {
    real_->migrate_down(token, owner, number);
  }
  bool shares_tables() const override { return real_->shares_tables(); }
  void migrate_all_down(std::string_view owner, int number) override {
    real_->migrate_all_down(owner, number);
  }
  std::vector<storage::MigrationStatus> migration_status(const CallToken& token) override {
    return real_->migration_status(token);
  }
  void create(const CallToken& token) override { real_->create(token); }
  void destroy(const CallToken& token) override { real_->destroy(token); }
  void backup(const CallToken& token, const std::filesystem::path& to) override {
    real_->backup(token, to);
  }
  void scrub_platform() override { real_->scrub_platform(); }
  storage::Transfer& transfer() override { return real_->transfer(); }

 private:
  std::unique_ptr<Store> real_;
};

class LateAudit final : public audit::Audit {
 public:
  explicit LateAudit(std::unique_ptr<Audit> real) : real_(std::move(real)) {}
  void record(const CallToken& token, const audit::Event& event,
              const nlohmann::json& details) override {
    if (token.tenant().empty()) return real_->record(token, event, details);
    real_->record(token_of(token, tenant_before("audit", token.tenant())), event, details);
  }
  void record_platform(const audit::Event& event, const nlohmann::json& details) override {
    real_->record_platform(event, details);
  }
  nlohmann::json list(const CallToken& token, std::uint64_t before, std::size_t limit) override {
    return real_->list(token, before, limit);
  }
  void export_chain(const CallToken& token, const std::function<void(std::string_view line)>& out,
                    std::uint64_t from) override {
    real_->export_chain(token, out, from);
  }
  void import_lines(const CallToken& token, std::uint64_t from,
                    const std::vector<std::string>& lines) override {
    real_->import_lines(token, from, lines);
  }
  Imported imported(const CallToken& token, const Imported& before) override {
    return real_->imported(token, before);
  }
  audit::Verdict verify(const CallToken& token) override { return real_->verify(token); }
  std::string public_key() override { return real_->public_key(); }
  void destroy(const CallToken& token) override { real_->destroy(token); }

 private:
  std::unique_ptr<Audit> real_;
};

class LateMailer final : public auth::Mailer {
 public:
  explicit LateMailer(std::unique_ptr<Mailer> real) : real_(std::move(real)) {}
  void send(const auth::Mail& mail) override {
    real_->send(mail);
    auto copy = mail;
    copy.tenant = tenant_before("mail", mail.tenant);
    if (copy.tenant != mail.tenant) real_->send(copy);
  }
  void forget(const std::string& tenant) override { real_->forget(tenant); }

 private:
  std::unique_ptr<Mailer> real_;
};

class Believing final : public auth::Authenticator {
 public:
  explicit Believing(Authenticator& real) : real_(real) {}
  CallToken user(std::string_view authorization, std::string_view client_id,
                 std::string_view client_address, tenancy::CallInfo call) override {
    auto token = real_.user(authorization, "", client_address, call);
    if (client_id.empty()) return token;
    tenancy::VerifiedUser user;
    user.tenant = std::string(client_id);
    user.user = token.user();
    user.role = token.role();
    user.session = token.session();
    user.permissions = std::make_shared<const std::set<std::string, std::less<>>>(
        std::set<std::string, std::less<>>{"*"});
    return TokenMint::for_user(std::move(user), std::move(call));
  }
  CallToken holder(const std::string& tenant, tenancy::CallInfo call) override {
    return real_.holder(tenant, std::move(call));
  }
  CallToken admin(std::string_view admin_token, std::string_view authorization,
                  tenancy::CallInfo call) override {
    return real_.admin(admin_token, authorization, std::move(call));
  }

 private:
  Authenticator& real_;
};
std::unique_ptr<Believing> believing;

}  // namespace

void plant(const std::string& fault) {
  planted = fault;
  kept.clear();
  answers.clear();
  tenants_seen.clear();
  believing.reset();
  turns = 0;
}

std::unique_ptr<storage::Cache> wrapped_cache(std::size_t bytes) {
  auto real = real_cache(bytes);
  if (planted == "cache_without_tenant") return std::make_unique<SharedCache>(std::move(real));
  return real;
}

std::unique_ptr<storage::Vectors> wrapped_vectors(std::size_t bytes) {
  auto real = real_vectors(bytes);
  if (planted == "vectors_without_filter") return std::make_unique<OneIndex>(std::move(real));
  return real;
}

std::unique_ptr<storage::Blobs> wrapped_blobs(std::filesystem::path directory) {
  auto real = real_blobs(std::move(directory));
  if (planted == "blob_of_anybody") return std::make_unique<OpenBlobs>(std::move(real));
  return real;
}

std::unique_ptr<storage::Store> wrapped_store(storage::SqliteOptions options) {
  auto mixed = std::make_unique<MixedStore>(real_store(std::move(options)));
  store = mixed.get();
  return mixed;
}

std::unique_ptr<audit::Audit> wrapped_audit(storage::Store& in, audit::Options options) {
  auto real = real_audit(in, std::move(options));
  if (planted == "audit_to_the_last") return std::make_unique<LateAudit>(std::move(real));
  return real;
}

std::unique_ptr<auth::Mailer> wrapped_mailer(std::filesystem::path directory) {
  auto real = real_mailer(std::move(directory));
  if (planted == "mail_to_the_last") return std::make_unique<LateMailer>(std::move(real));
  return real;
}

std::unique_ptr<jobs::Queue> wrapped_queue(storage::Store& in, jobs::QueueTenants tenants,
                                           jobs::QueueOptions options) {
  if (planted == "job_token_kept")
    tenants.token_for = [](const std::string& tenant, const jobs::Job& job, Deadline deadline) {
      // The queue's own upkeep runs no job: mistaken too, it would find none of the tenant's jobs.
      if (job.kind.empty()) return TokenMint::for_job(tenant, {}, {}, deadline);
      const std::lock_guard lock(mutex);
      const auto first = kept.emplace("job " + job.plugin + job.kind, tenant).first->second;
      return TokenMint::for_job(first, job.user, job.request_id, deadline);
    };
  return real_queue(in, std::move(tenants), options);
}

auth::Authenticator& wrapped_authenticator(auth::Auth* auth) {
  auto& real = real_authenticator(auth);
  if (planted != "client_id_believed") return real;
  believing = std::make_unique<Believing>(real);
  return *believing;
}

http::Response wrapped_once(api::Idempotency* idempotency, const CallToken& token,
                            std::string_view key, std::string_view fingerprint,
                            const std::function<http::Response()>& carry_out) {
  if (planted != "idempotency_for_all")
    return real_once(idempotency, token, key, fingerprint, carry_out);
  const std::string name = std::string(key) + " " + std::string(fingerprint);
  {
    const std::lock_guard lock(mutex);
    if (const auto known = answers.find(name); known != answers.end()) return known->second;
  }
  auto response = carry_out();
  const std::lock_guard lock(mutex);
  answers[name] = response;
  return response;
}

auth::User wrapped_user(auth::Team* team, const CallToken& token, const std::string& id) {
  if (planted != "user_unchecked") return real_user(team, token, id);
  const auto session = store->platform();
  const auto rows =
      session->query("SELECT tenant_id FROM auth_users WHERE id = $1", {std::string_view(id)});
  if (rows.empty()) throw not_found("User not found");
  return *auth::find_user(*session, rows.text(0, "tenant_id"), id);
}

void wrapped_revoke(auth::Sessions* sessions, const CallToken& token, const std::string& session,
                    std::string_view reason) {
  if (planted != "session_unchecked") return real_revoke(sessions, token, session, reason);
  const auto changed = store->platform()->execute(
      "UPDATE auth_sessions SET revoked = $2 WHERE id = $1 AND revoked = ''",
      {std::string_view(session), reason});
  if (changed == 0) throw not_found("There is no such session.");
}

void wrapped_log_access(const observe::AccessLine& line) {
  if (planted == "path_as_label")
    observe::metrics()
        .counter("serai_http_paths_total", "Requests by path.", {{"path", std::string(line.path)}})
        .add();
  real_log_access(line);
}

}  // namespace leaks
