#include "cli/room_options.hpp"

#include <algorithm>
#include <charconv>

#include "base/random.hpp"
#include "cli/profile_options.hpp"
#include "storage/s3/blobs.hpp"
#include "tenancy/token_mint.hpp"

namespace host::cli {
namespace {

std::string secret_name(const std::string& plugin, const std::string& setting) {
  std::string name = "SERAI_PLUGIN_" + plugin + "_" + setting;
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (c == '-') c = '_';
  }
  return name;
}

}  // namespace

auth::Options auth_options(const config::Profile& profile, const config::Keys& keys) {
  auth::Options options;
  options.secret = keys.jwt;
  // One process family signs and verifies, so a shared secret is enough, and a thirtieth of the
  // cost of a signature on every request.
  options.algorithm = auth::JwtAlgorithm::hs256;
  options.access_ttl = profile.access_token;
  options.refresh_ttl = profile.refresh_token;
  options.refresh_grace = profile.refresh_grace;
  options.admin_token = keys.admin_token;
  options.frontend_url = profile.frontend_url;
  return options;
}

std::unique_ptr<storage::Store> store_of(const config::Profile& profile, const config::Keys& keys,
                                         const std::filesystem::path& data) {
  if (profile.storage_engine == "postgres") {
    storage::PostgresOptions postgres;
    postgres.connection = keys.postgres;
    postgres.owner_connection = keys.postgres_owner;
    postgres.connections = profile.database_connections;
    postgres.max_staleness = profile.max_staleness;
    for (std::size_t i = 0; i < keys.replicas.size(); ++i)
      postgres.replicas.push_back({profile.replicas[i], keys.replicas[i]});
    return storage::make_postgres_store(postgres);
  }
  storage::SqliteOptions sqlite;
  sqlite.directory = data;
  sqlite.open_tenants = profile.open_tenants;
  return storage::make_sqlite_store(sqlite);
}

std::unique_ptr<storage::Blobs> blobs_of(storage::Store& store, const config::Profile& profile,
                                         const config::Keys& keys,
                                         const std::filesystem::path& data) {
  const auto& from = profile.blobs;
  if (from.engine == "files") return storage::make_file_blobs(data / "blobs");
  storage::S3BlobOptions options;
  options.client.endpoint = from.endpoint;
  options.client.public_endpoint = from.public_endpoint;
  options.client.region = from.region;
  options.client.bucket = from.bucket;
  options.client.bucket_in_host = from.addressing == "host";
  options.client.credentials = {keys.s3_access, keys.s3_secret};
  options.client.connect_time = from.connect_time;
  options.client.request_time = from.request_time;
  options.client.total_time = from.total_time;
  options.prefix = from.prefix;
  options.part_size = from.part_size;
  options.links = from.downloads == "presigned";
  options.link_life = from.link_life;
  options.token_for = [](const std::string& tenant, Deadline deadline) {
    return tenancy::TokenMint::for_job(tenant, "", uuid_v7(), deadline);
  };
  return storage::make_s3_blobs(store, std::move(options));
}

std::unique_ptr<redis::Client> make_redis(const config::Profile& profile,
                                          const config::Keys& keys) {
  if (profile.redis_address.empty()) return nullptr;
  redis::Options options;
  options.address = profile.redis_address;
  options.user = profile.redis_user;
  options.password = keys.redis_password;
  options.prefix = profile.redis_prefix;
  return std::make_unique<redis::Client>(std::move(options));
}

std::filesystem::path plugin_directory(const config::Profile& profile) {
  return profile.plugin_directory.empty() ? executable_directory() / "../lib/serai/plugins"
                                          : profile.plugin_directory;
}

plugins::Installed::Setup installed_setup(storage::Store& store, const std::filesystem::path& data,
                                          const config::Profile& profile) {
  plugins::Installed::Setup setup;
  setup.store = &store;
  setup.folder = data / "plugins";
  setup.profile_directory = plugin_directory(profile);
  setup.trust = std::make_shared<const trust::Policy>(
      trust::Policy::Options{trust_store_of(profile), profile.developer_mode});
  for (const auto& choice : profile.plugins) {
    plugins::Grant grant;
    grant.id = choice.id;
    grant.settings = choice.settings;
    grant.for_all_tenants = choice.for_all_tenants;
    grant.denied_interfaces = choice.denied_interfaces;
    grant.denied_hosts = choice.denied_hosts;
    for (const auto& quota : choice.quotas)
      grant.quotas.push_back({quota.unit, static_cast<std::int64_t>(quota.limit),
                              usage::period_named(quota.per).value_or(usage::Period::month)});
    grant.isolation.isolated = choice.placement == "isolated";
    grant.isolation.per_tenant = choice.processes == "per-tenant";
    grant.isolation.memory = choice.memory;
    grant.isolation.calls = choice.calls;
    grant.isolation.max_failures = choice.max_failures;
    grant.isolation.max_processes = choice.max_processes;
    setup.profile.push_back(std::move(grant));
  }
  return setup;
}

plugins::RegistryOptions registry_options(const plugins::Installed& installed,
                                          const config::Profile& profile,
                                          std::function<void()> on_change,
                                          std::function<void(pid_t)> on_stuck,
                                          std::function<void(const std::string&, bool)> on_switch) {
  plugins::RegistryOptions options;
  options.grants = installed.grants();
  options.trust = installed.trust();
  options.outbound.allow_private_addresses = profile.allow_private_addresses;
  options.outbound.authorities = profile.outbound_authorities;
  options.outbound.allow_plain_http = !profile.production();
  options.profile_secret = [](const std::string& plugin, const std::string& setting) {
    return config::secret_from(config::process_environment(), secret_name(plugin, setting));
  };
  options.overdue_time = profile.limits.overdue_time;
  options.on_change = std::move(on_change);
  options.on_stuck = std::move(on_stuck);
  options.on_switch = std::move(on_switch);
  return options;
}

http::Limits http_limits(const config::HttpLimits& from) {
  http::Limits limits;
  limits.request_line = from.request_line;
  limits.header_bytes = from.header_bytes;
  limits.header_count = from.header_count;
  limits.body = from.body;
  limits.connections = from.connections;
  limits.connections_per_address = from.connections_per_address;
  limits.header_time = from.header_time;
  limits.body_time = from.body_time;
  limits.idle_time = from.idle_time;
  limits.write_time = from.write_time;
  limits.handler_time = from.handler_time;
  return limits;
}

http::ListenAddress listen_address(const std::string& address) {
  http::ListenAddress listen;
  if (address.starts_with("unix:")) {
    listen.unix_path = address.substr(5);
    return listen;
  }
  const auto colon = address.rfind(':');
  listen.host = address.substr(0, colon);
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), listen.port);
  return listen;
}

api::PipelineOptions pipeline_options(const config::Profile& profile) {
  const auto rate = [](const config::Rate& from) {
    return api::PipelineOptions::Rate{from.count, from.per};
  };
  api::PipelineOptions options;
  options.handler_time = profile.limits.handler_time;
  options.body_limit = profile.limits.body;
  options.cors_origins = profile.cors_origins;
  options.trusted_proxies = profile.trusted_proxies;
  options.strict_transport = profile.production();
  options.per_tenant = rate(profile.per_tenant);
  options.per_user = rate(profile.per_user);
  options.per_address = {{"login", rate(profile.login)},
                         {"reset", rate(profile.reset)},
                         {"refresh", rate(profile.refresh)}};
  options.streams.per_user = profile.limits.streams_per_user;
  options.streams.per_tenant = profile.limits.streams_per_tenant;
  options.streams.visits = std::max(1u, profile.worker_threads / 2);
  return options;
}

mail_in::Options mail_in_options(const config::MailIn& from) {
  mail_in::Options options;
  options.rules.domains = from.domains;
  for (const auto& name : from.strategies)
    if (const auto strategy = mail_in::strategy_named(name))
      options.rules.strategies.insert(*strategy);
  options.keep_unknown = from.unknown == "keep";
  options.inbox = {from.inbox_messages, from.inbox_size};
  return options;
}

mail_in::ListenerOptions mail_listener_options(const config::Profile& profile) {
  const auto& from = profile.mail_in;
  mail_in::ListenerOptions options;
  options.address = listen_address(from.listen);
  options.protocol = from.protocol == "lmtp" ? mail_in::Protocol::lmtp : mail_in::Protocol::smtp;
  options.limits.message = from.message_size;
  if (!from.domains.empty()) options.name = from.domains.front();
  options.connections = from.connections;
  options.delivery_time = profile.limits.handler_time;
  return options;
}

}  // namespace host::cli
