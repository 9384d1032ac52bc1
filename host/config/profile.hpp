// What the operator decides: the profile file (YAML, strict) and what the environment adds to it.
// Reading never stops at the first fault: all are collected, each one sentence that says where,
// what and how to mend it. Values are plain; the rooms that use them know nothing of YAML.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host::config {

// "how many per how long"
struct Rate {
  std::uint32_t count = 0;
  std::chrono::seconds per{60};
};

struct Listen {
  std::string address = "127.0.0.1:8080";  // host:port or unix:/path
  std::string url;                         // as clients call it; empty: by the address
  std::string adapter = "pistache";        // pistache | asio
  unsigned threads = 2;
  std::string certificate, private_key;  // PEM files; both or neither; asio only
};

struct HttpLimits {
  std::uint64_t request_line = 8 << 10, header_bytes = 32 << 10, header_count = 100;
  std::uint64_t body = 10 << 20;
  std::uint64_t connections = 10'000, connections_per_address = 1'000;
  std::uint64_t streams_per_user = 8, streams_per_tenant = 500;  // event streams open at once
  std::chrono::milliseconds header_time{10'000}, body_time{60'000}, idle_time{75'000},
      write_time{60'000}, handler_time{30'000}, overdue_time{10'000}, shutdown_time{20'000},
      drain_time{0};  // asked to stop: still served so long, while proxies turn elsewhere
};

// Where large bytes lie.
struct BlobStore {
  std::string engine = "files";  // files | s3
  // Of S3:
  std::string endpoint, public_endpoint;  // http(s)://host[:port]; the second is for links
  std::string region = "us-east-1", bucket, prefix = "serai";
  std::string addressing = "path";    // path | host: where the bucket's name stands
  std::string downloads = "proxied";  // proxied | presigned
  std::chrono::seconds link_life{60};
  std::uint64_t part_size = 8 << 20;
  std::chrono::milliseconds connect_time{5'000}, request_time{30'000}, total_time{60'000};
};

// How much of a unit each tenant may use through a plugin.
struct PluginQuota {
  std::string unit;
  std::uint64_t limit = 0;
  std::string per = "month";  // hour, day, month
};

struct PluginChoice {
  std::string id;
  std::string settings = "{}";                 // JSON object: defaults of all tenants
  bool for_all_tenants = true;                 // else only where the tenant has it switched on
  std::vector<std::string> denied_interfaces;  // of those its manifest asks for
  std::vector<std::string> denied_hosts;       // "host" or "host:port"
  std::vector<PluginQuota> quotas;
  std::string placement = "in-process";  // in-process | isolated
  // Of isolated plugins:
  std::string processes = "shared";  // shared | per-tenant
  std::uint64_t memory = 0;          // bytes of one process; 0: what the manifest says
  unsigned calls = 8;                // at once in one process
  unsigned max_failures = 5;         // within a minute, then it is stopped
  unsigned max_processes = 100;      // of one plugin, with a process per tenant
};

// Mail that comes to the host itself.
struct MailIn {
  std::string listen;             // host:port or unix:/path; empty: no listener
  std::string protocol = "lmtp";  // lmtp | smtp
  std::vector<std::string> domains;
  // Of address, local_part, plus, header, subject; tried in this order.
  std::vector<std::string> strategies{"address", "local_part", "plus"};
  std::string unknown = "keep";  // keep | refuse: mail for nobody known at our domains
  std::uint64_t message_size = 25 << 20;
  unsigned connections = 20;
  std::uint64_t inbox_messages = 1000, inbox_size = 512 << 20;  // what is kept at most
  bool webhook = false;     // providers may post mail for the whole platform
  std::string webhook_key;  // by which they sign it, public; empty: they do not

  bool on() const { return !listen.empty() || webhook; }
};

struct Profile {
  std::string name = "minimal";
  std::string environment = "development";  // development | production
  std::filesystem::path data = "data";
  Listen listen;
  std::string management = "127.0.0.1:9090";
  std::vector<std::string> trusted_proxies;
  std::string log_level = "info";
  HttpLimits limits;
  unsigned worker_threads = 4, blocking_threads = 2;
  std::uint64_t worker_queue = 1024;
  std::vector<std::string> cors_origins;
  std::string storage_engine = "sqlite";           // sqlite | postgres
  unsigned database_connections = 16;              // to PostgreSQL, of this process
  std::vector<std::string> replicas;               // of PostgreSQL: names in the environment
  std::chrono::milliseconds max_staleness{2'000};  // of what is read from them
  std::uint64_t open_tenants = 500, cache_bytes = 32 << 20, vector_bytes = 256 << 20;
  BlobStore blobs;
  std::string redis_address, redis_user, redis_prefix = "serai";  // no address: no Redis
  std::chrono::seconds access_token{900}, refresh_token{30 * 86400}, refresh_grace{30};
  std::string frontend_url = "http://127.0.0.1:8080";
  Rate login{5}, reset{3}, refresh{60}, per_tenant{6000}, per_user{1200};
  unsigned job_workers = 2;
  std::chrono::milliseconds job_lease{30'000};  // how long a killed node's jobs wait for another
  std::filesystem::path plugin_directory;       // empty: lib/serai/plugins beside the executable
  std::filesystem::path plugin_trust;  // folder of trusted keys; empty: share/serai/trust there
  bool developer_mode = false;         // unsigned plugins may run in this process
  std::vector<PluginChoice> plugins;
  bool allow_private_addresses = false;
  std::string outbound_authorities;  // PEM file; empty: the system's
  MailIn mail_in;

  bool production() const { return environment == "production"; }
};

// Secrets that come from the environment (NAME or NAME_FILE) or, in development, are made once and
// kept in DATA/secrets.
struct Keys {
  std::string master;       // at least 32 characters; the key is derived from it
  std::string jwt;          // at least 32 bytes
  std::string admin_token;  // empty: the admin API answers 503
  std::string redis_password = {};
  // Connections to PostgreSQL, where that is the engine: the application's, and the owner's for
  // migrations (empty: they must have been applied).
  std::string postgres = {}, postgres_owner = {};
  std::vector<std::string> replicas = {};      // connections, as the profile names them
  std::string s3_access = {}, s3_secret = {};  // where blobs lie in S3
  std::string mail_in = {};                    // what providers who post mail know; empty: none may
};

// The application's, and the owner's for migrations (empty: they must have been applied).
struct PostgresKeys {
  std::string application, owner;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

struct Loaded {
  Profile profile;
  std::vector<std::string> faults;  // empty: fine
};

Loaded load_profile(const std::filesystem::path& file);
// `name` is for messages.
Loaded parse_profile(std::string_view yaml, std::string_view name);

// Faults that lie between profile and environment: secrets missing or weak in production, and so
// on.
std::vector<std::string> check_environment(const Profile& profile, const Environment& environment);

// Reads the keys; in development, makes and keeps those that are missing. Throws std::runtime_error
// if production lacks one (check_environment says so first).
Keys load_keys(const Profile& profile, const Environment& environment);
// These two alone. Throws std::runtime_error if the application's is not set.
PostgresKeys load_postgres_keys(const Environment& environment);

// The value of NAME, or the content of the file that NAME_FILE names, without a final line break.
// Throws std::runtime_error if that file cannot be read.
std::optional<std::string> secret_from(const Environment& environment, const std::string& name);

// "10 MiB" -> bytes, "30 s" -> milliseconds, "5/min" -> Rate; nullopt if malformed.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::optional<Rate> parse_rate(std::string_view text);

}  // namespace host::config
