#include "cli/house.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "api/openapi.hpp"
#include "api/plugin_routes.hpp"
#include "api/routes/access_routes.hpp"
#include "api/routes/audit_routes.hpp"
#include "api/routes/auth_routes.hpp"
#include "api/routes/client_routes.hpp"
#include "api/routes/mail_diagnosis_routes.hpp"
#include "api/routes/mail_in_routes.hpp"
#include "api/routes/mail_webhook_routes.hpp"
#include "api/routes/move_routes.hpp"
#include "api/routes/operations_routes.hpp"
#include "api/routes/package_routes.hpp"
#include "api/routes/plugin_admin_routes.hpp"
#include "api/routes/tenant_admin_routes.hpp"
#include "api/routes/usage_routes.hpp"
#include "api/routes/user_routes.hpp"
#include "auth/ecdsa.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "cli/host_services.hpp"
#include "cli/room_options.hpp"
#include "cli/version.hpp"
#include "isolation/cgroup.hpp"
#include "isolation/kernel.hpp"
#include "observe/log.hpp"
#include "plugins/service_call.hpp"
#include "tenancy/token_mint.hpp"

namespace host::cli {
namespace {

using tenancy::TokenMint;

// For what comes after the last request: writing what is in memory, stopping the plugins.
constexpr std::chrono::seconds kToLeave{5};
constexpr std::chrono::seconds kForHealth{1};  // whoever asks waits on an I/O thread

// One key for one purpose: what is derived for the audit chain says nothing about the secrets'.
template <class Key>
Key derived(const std::string& master, std::string_view purpose) {
  Key key{};
  crypto_generichash_state state;
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
  crypto_generichash_init(&state, nullptr, 0, key.size());
  const std::uint64_t size = purpose.size();
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof size);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(purpose.data()),
                            purpose.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(master.data()),
                            master.size());
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(key.data()), key.size());
  return key;
}

std::vector<std::string> active_ids(tenancy::Tenants& tenants) {
  std::vector<std::string> ids;
  for (const auto& tenant : tenants.list()) {
    // One that is paused for a moment goes on in a moment, mostly.
    if (tenant.status != tenancy::TenantStatus::suspended) ids.push_back(tenant.id);
  }
  return ids;
}

std::unique_ptr<jobs::Queue> queue_of(Rooms& rooms, const config::Profile& profile) {
  jobs::QueueTenants tenants;
  tenants.token_for = [](const std::string& tenant, const jobs::Job& job, Deadline deadline) {
    return TokenMint::for_job(tenant, job.user, job.request_id, deadline);
  };
  tenants.active = [&rooms] { return active_ids(*rooms.tenants); };
  tenants.on = [&rooms](const std::string& tenant, const std::string& plugin) {
    const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    return !rooms.registry ||
           rooms.registry->enabled_for(TokenMint::for_job(tenant, {}, {}, soon), plugin);
  };
  jobs::QueueOptions options;
  options.workers = profile.job_workers;
  options.lease = profile.job_lease;
  // The data directory is locked by this process, but not the database of other nodes.
  options.sole_runner = profile.storage_engine == "sqlite";
  return jobs::make_queue(*rooms.store, std::move(tenants), options);
}

std::string url_of(const http::Server& server, const std::string& address, bool tls) {
  if (address.starts_with("unix:")) return address;
  return (tls ? "https://" : "http://") + address.substr(0, address.rfind(':')) + ":" +
         std::to_string(server.port());
}

// What links begin with.
std::string own_url(const config::Listen& listen) {
  if (!listen.url.empty()) return listen.url;
  if (listen.address.starts_with("unix:")) return "http://localhost";
  return (listen.certificate.empty() ? "http://" : "https://") + listen.address;
}

// Where the profile says that mail comes in.
std::string mail_door(const config::MailIn& from) {
  return from.listen.empty() ? "" : from.protocol + " " + from.listen;
}

mail_in::Surroundings mail_surroundings(Rooms& rooms) {
  const auto& from = rooms.profile().mail_in;
  const auto receiver = [&registry = *rooms.registry] {
    return plugins::provider_of(registry, mail_in::kReceive);
  };
  return {mail_door(from),
          from.webhook,
          !rooms.mail_secret.empty(),
          !from.webhook_key.empty(),
          receiver,
          [&registry = *rooms.registry, receiver](const std::string& tenant) {
            return registry.enabled_for(
                TokenMint::for_public(tenant, {uuid_v7(), "", Deadline::max()}), receiver());
          }};
}

}  // namespace

Rooms::Rooms(const config::Profile& profile, const config::Keys& keys)
    : directory(profile.data), profile_(profile) {
  store = store_of(profile, keys, directory.path());
  blobs = blobs_of(*store, profile, keys, directory.path());
  redis = make_redis(profile, keys);
  cache = redis
              ? storage::make_redis_cache(*redis, profile.cache_bytes, store->changes() == nullptr)
              : storage::make_memory_cache(profile.cache_bytes);
  vectors = storage::make_faiss_vectors(profile.vector_bytes);
  audit::Options chain;
  const auto seed = derived<std::array<unsigned char, 32>>(keys.master, "audit");
  chain.signing_seed.assign(seed.begin(), seed.end());
  audit = audit::make_audit(*store, chain);
  secrets = storage::make_secrets(*store, derived<storage::MasterKey>(keys.master, "secrets"));
  tenants = tenancy::make_tenants(*store);
  mailer = auth::make_outbox_mailer(directory.path() / "outbox");
  auth =
      std::make_unique<auth::Auth>(*store, *tenants, *audit, *mailer, auth_options(profile, keys));
  queue = queue_of(*this, profile);
  installed =
      std::make_unique<plugins::Installed>(installed_setup(*store, directory.path(), profile));
  usage::LedgerOptions ledger;
  ledger.active = [this](const std::string& id) {
    return tenants->status(id) == tenancy::TenantStatus::active;
  };
  const bool shared = store->changes() != nullptr;
  if (shared) ledger.gather_every = ledger.write_every = std::chrono::milliseconds(400);
  usage = std::make_unique<usage::Ledger>(*store, std::move(ledger));
  quotas = std::make_unique<usage::Quotas>(*usage, shared);
  moves = std::make_unique<moves::Moves>(
      moves::House{*store, *blobs, *secrets, *audit, *tenants, *auth, *usage});
  tenants->on_destroy([this](const CallToken& token) {
    usage->forget(token);
    quotas->forget(token.tenant());
  });
  // Its jobs have come along, or have waited.
  tenants->on_activate([this](const CallToken& token) { queue->committed(token); });
  tenants->on_destroy([this](const CallToken& token) { vectors->destroy(token); });
  tenants->on_destroy([this](const CallToken& token) { cache->destroy(token); });
  tenants->on_destroy([this](const CallToken& token) { blobs->destroy(token); });
  tenants->on_destroy([this](const CallToken& token) { secrets->destroy(token); });
  tenants->on_destroy([this](const CallToken& token) { audit->destroy(token); });
}

CallToken Rooms::operator_token() {
  return TokenMint::for_platform_admin(
      "operator", {uuid_v7(), "", std::chrono::steady_clock::now() + std::chrono::hours(1)});
}

void Rooms::load_plugins() { registry->load(plugin_directory(profile_)); }

std::vector<api::Route> all_routes(Rooms& rooms, const observe::Health& health) {
  std::vector<api::Route> routes = api::operations_routes(health, kVersion, false);
  const auto add = [&](std::vector<api::Route> more) {
    routes.insert(routes.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
  };
  add(api::auth_routes(*rooms.auth));
  add(api::user_routes(*rooms.auth));
  add(api::access_routes(*rooms.auth));
  add(api::client_routes(*rooms.tenants));
  add(api::audit_routes(*rooms.audit));
  add(api::tenant_admin_routes(*rooms.tenants, *rooms.auth, *rooms.audit));
  add(api::plugin_admin_routes(*rooms.registry, *rooms.tenants, *rooms.queue, *rooms.secrets,
                               *rooms.audit));
  add(api::package_routes(*rooms.registry, *rooms.installed, *rooms.audit));
  add(api::usage_routes(*rooms.usage));
  add(api::move_routes(*rooms.moves, *rooms.audit));
  if (rooms.mail_in) {
    const auto diagnosis = std::make_shared<const mail_in::Diagnosis>(
        *rooms.mail_in, *rooms.tenants, mail_surroundings(rooms));
    add(api::mail_in_routes(*rooms.mail_in, *rooms.audit, diagnosis));
    add(api::mail_diagnosis_routes(diagnosis, *rooms.mail_in, *rooms.audit));
    add(api::mail_webhook_routes(*rooms.mail_in,
                                 {rooms.mail_secret, rooms.profile().mail_in.webhook_key}));
  }
  add(api::plugin_routes(*rooms.registry, *rooms.blobs));
  add({api::openapi_route({"Serai", kVersion, "/"}, routes)});
  return routes;
}

House::House(config::Profile profile, const config::Keys& keys, HouseOptions chosen)
    : profile_(std::move(profile)),
      rooms_(profile_, keys),
      links_(derived<tenancy::Links::Key>(keys.master, "links"), own_url(profile_.listen)),
      idempotency_(*rooms_.store),
      workers_("worker", profile_.worker_threads, profile_.worker_queue),
      blocking_("blocking", profile_.blocking_threads, profile_.worker_queue) {
  plugins::Rooms below{rooms_.store.get(),
                       rooms_.blobs.get(),
                       rooms_.cache.get(),
                       rooms_.vectors.get(),
                       rooms_.secrets.get(),
                       rooms_.queue.get(),
                       rooms_.tenants.get(),
                       rooms_.audit.get(),
                       rooms_.usage.get(),
                       rooms_.quotas.get(),
                       &links_};
  if (!chosen.count_usage) {
    below.usage = nullptr;
    below.quotas = nullptr;
  }
  auto options = pipeline_options(profile_);
  options.shared_rates = rooms_.redis.get();
  options.on_refused = [this](const api::Refusal& refusal) {
    rooms_.audit->record(
        refusal.token,
        {"request.refused", "refused", refusal.token.user(), refusal.route.operation,
         std::string(refusal.address), refusal.token.request_id()},
        {{"permission", refusal.route.permission}});
  };
  options.plugin_on = [this](const CallToken& token, const std::string& plugin) {
    return rooms_.registry->enabled_for(token, plugin);
  };
  pipeline_ = std::make_unique<api::Pipeline>(std::move(options), rooms_.auth->authenticator(),
                                              links_, idempotency_, workers_, blocking_);
  management_ = std::make_unique<api::Management>(health_, kVersion);
  auto of_plugins = registry_options(
      *rooms_.installed, profile_, [this] { rebuild_routes(); },
      [this](pid_t thread) {
        // The thread may be lost; those who never called the plugin shall not lack it.
        if (!workers_.replace(thread) && !blocking_.replace(thread) &&
            !(mail_listener_ && mail_listener_->replace_worker(thread)))
          (void)rooms_.queue->replace_worker(thread);
      },
      [this](const std::string& id, bool on) { rooms_.installed->note_switch(id, on); });
  of_plugins.services = host_services(*rooms_.auth);
  of_plugins.on_written = [this](const std::string& tenant, const std::string& plugin) {
    pipeline_->streams().changed(tenant, plugin);
  };
  rooms_.registry = std::make_unique<plugins::Registry>(below, std::move(of_plugins));
  if (profile_.mail_in.on()) {
    mail_in::Delivery delivery(
        *rooms_.blobs, rooms_.registry->blob_keeper(),
        [this](const CallToken& token, std::string_view service, std::string_view payload) {
          return plugins::call_service(*rooms_.registry, token, service, payload);
        });
    const auto& key = profile_.mail_in.webhook_key;
    if (!key.empty() && !auth::EcdsaP256::with_key(key))
      throw std::runtime_error(
          "mail_in.webhook_key is no public key for P-256 in base64; give the one that SendGrid "
          "shows for the security policy.");
    rooms_.mail_secret = keys.mail_in;
    rooms_.mail_in = std::make_unique<mail_in::MailIn>(
        *rooms_.store, *rooms_.tenants, std::move(delivery), mail_in_options(profile_.mail_in));
  }
  if (!profile_.mail_in.listen.empty())
    mail_listener_ =
        std::make_unique<mail_in::Listener>(*rooms_.mail_in, mail_listener_options(profile_));
  health_.add("database", [this] {
    try {
      const auto session = rooms_.store->platform();
      session->set_deadline(std::chrono::steady_clock::now() + kForHealth);
      session->query("SELECT 1 AS one");
      return observe::CheckResult{};
    } catch (const std::exception&) {
      return observe::CheckResult{false, "the platform's database does not answer"};
    }
  });
  if (auto* changes = rooms_.store->changes()) {
    changes->on(plugins::Installed::kTopic, [this](std::string_view) {
      const std::lock_guard lock(watch_mutex_);
      plugins_changed_ = true;
      watch_wakes_.notify_all();
    });
    changes->on(plugins::kWrittenTopic, [this](std::string_view what) {
      const auto space = what.find(' ');  // "": anything may have changed
      const bool known = space != std::string_view::npos;
      pipeline_->streams().changed(known ? what.substr(space + 1) : "", what.substr(0, space));
    });
    health_.add("changes", [changes] {
      const bool hearing = changes->hearing();
      return observe::CheckResult{
          hearing, hearing ? "" : "changes of other nodes cannot be heard; nothing is remembered",
          false};
    });
  }
  if (!rooms_.store->replicas().empty()) {
    health_.add("replicas", [this] {
      observe::CheckResult result{true, "", false};
      for (const auto& replica : rooms_.store->replicas()) {
        if (replica.trouble.empty()) continue;
        result.healthy = false;
        result.detail += (result.detail.empty() ? "the primary answers instead of " : "; ") +
                         replica.name + ": " + replica.trouble;
      }
      return result;
    });
  }
  if (rooms_.redis) {
    health_.add("redis", [this] {
      const auto trouble = rooms_.redis->trouble();
      const bool healthy = trouble.empty();
      return observe::CheckResult{healthy, healthy ? "" : "this process does without: " + trouble,
                                  false};
    });
  }
  if (rooms_.blobs->shared()) {
    // Not required: whoever needs no file is still served, and the nodes share the trouble.
    health_.add("blobs", [this] {
      const auto trouble = rooms_.blobs->trouble();
      return observe::CheckResult{trouble.empty(), trouble, false};
    });
  }
  health_.add("plugins", [this] {
    observe::CheckResult result;
    for (const auto& plugin : rooms_.registry->list()) {
      using plugins::State;
      if (plugin.state == State::running || plugin.state == State::disabled) continue;
      result.healthy = false;
      result.detail += (result.detail.empty() ? "" : "; ") + plugin.id + ": " + plugin.reason;
    }
    return result;
  });
}

House::~House() {
  if (auto* changes = rooms_.store->changes()) changes->stop();  // it calls the rooms
  watcher_ = {};
  // Without a stop() before: plugins that end change the routes of a pipeline that must still be.
  if (rooms_.registry) rooms_.registry->stop_all();
}

void House::rebuild_routes() {
  const std::lock_guard lock(routes_mutex_);
  std::map<std::string, std::vector<auth::PluginPermission>> permissions;
  for (const auto& declared : rooms_.registry->permissions()) {
    permissions[declared.plugin].push_back({declared.permission.id, declared.permission.roles});
  }
  for (const auto& [plugin, declared] : permissions) permission_owners_.insert(plugin);
  for (const auto& plugin : permission_owners_)  // also those that are gone: of them, nothing
    rooms_.auth->roles().set_plugin_permissions(plugin, permissions[plugin]);
  pipeline_->set_routes(std::make_shared<const api::RouteTable>(all_routes(rooms_, health_)));
}

void House::watch() {
  watcher_ = std::jthread([this](const std::stop_token& stop) {
    std::unique_lock lock(watch_mutex_);
    bool behind = false;
    while (!stop.stop_requested()) {
      watch_wakes_.wait_for(lock, stop, std::chrono::seconds(1), [&] { return plugins_changed_; });
      if (stop.stop_requested()) return;
      behind = std::exchange(plugins_changed_, false) || behind;
      lock.unlock();
      if (behind) behind = !follow_plugins();
      rooms_.registry->watch();
      lock.lock();
    }
  });
}

// What another node did to the plugins.
bool House::follow_plugins() {
  try {
    rooms_.installed->sync(*rooms_.registry);
    return true;
  } catch (const std::exception& error) {
    observe::log(observe::Level::warning, "it cannot be read what plugins other nodes have",
                 {{"error", error.what()}});
    return false;
  }
}

void House::start() {
  if (std::any_of(profile_.plugins.begin(), profile_.plugins.end(),
                  [](const auto& choice) { return choice.placement == "isolated"; }))
    for (const auto& gap : isolation::probe_kernel().gaps())
      observe::log(observe::Level::warning, "The kernel cannot confine fully.", {{"gap", gap}});
  // Also for those that are installed while the host runs.
  if (isolation::Cgroups::prepare_host().obstacle().empty())
    observe::log(observe::Level::info, "Isolated plugins get a cgroup each.", {});
  auto* changes = rooms_.store->changes();
  if (changes) changes->start();
  rooms_.load_plugins();
  rooms_.store->migrate_platform();
  if (changes) (void)follow_plugins();
  rebuild_routes();
  const bool pistache = profile_.listen.adapter == "pistache";
  auto address = listen_address(profile_.listen.address);
  address.certificate = profile_.listen.certificate;
  address.private_key = profile_.listen.private_key;
  const auto limits = http_limits(profile_.limits);
  server_ = pistache
                ? http::make_pistache_server(address, limits, *pipeline_, profile_.listen.threads)
                : http::make_asio_server(address, limits, *pipeline_, profile_.listen.threads);
  management_server_ =
      http::make_asio_server(listen_address(profile_.management), limits, *management_, 1);
  management_server_->start();
  rooms_.usage->start();
  rooms_.blobs->start();
  rooms_.queue->start();
  server_->start();
  if (mail_listener_) mail_listener_->start();
  watch();
  health_.set_started();
  observe::log(observe::Level::info, "serving",
               {{"url", url()}, {"management_url", management_url()}, {"profile", profile_.name}});
}

std::size_t House::stop() {
  health_.set_stopping();
  const auto patience = profile_.limits.shutdown_time;
  const auto drain = profile_.limits.drain_time;
  stop_deadline_.begin(drain + patience + kToLeave);
  pipeline_->streams().stop();  // their clients come back, where another node serves
  if (drain.count() > 0) {
    server_->wind_down();
    std::this_thread::sleep_for(drain);  // nothing to wait for: only proxies know when they know
  }
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto cut = server_->stop(patience);
  if (mail_listener_)
    mail_listener_->stop(std::max(std::chrono::milliseconds(0),
                                  std::chrono::duration_cast<std::chrono::milliseconds>(
                                      until - std::chrono::steady_clock::now())));
  rooms_.usage->flush();  // what follows may wait in vain for a call
  workers_.stop();
  blocking_.stop();
  rooms_.queue->stop(patience);
  watcher_ = {};
  rooms_.registry->stop_all();
  rooms_.usage->stop();
  management_server_->stop(std::chrono::seconds(1));
  observe::log(observe::Level::info, "stopped", {{"requests_cut_off", cut}});
  observe::flush();
  return cut;
}

std::string House::url() const {
  return url_of(*server_, profile_.listen.address, !profile_.listen.certificate.empty());
}
std::string House::mail_url() const {
  const auto& listen = profile_.mail_in.listen;
  if (!mail_listener_ || listen.starts_with("unix:")) return mail_door(profile_.mail_in);
  return profile_.mail_in.protocol + "://" + listen.substr(0, listen.rfind(':')) + ":" +
         std::to_string(mail_listener_->port());
}
std::string House::management_url() const {
  return url_of(*management_server_, profile_.management, false);
}

}  // namespace host::cli
