// The subcommands. Each prints to standard output, faults to standard error, and returns the exit
// status. They throw only std::exception, which run() prints as one line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace host::cli {

// Where the profile is and what the command line changes in it.
struct ProfileOptions {
  std::filesystem::path profile = "profiles/minimal.yaml";
  std::optional<std::string> data, listen, management, adapter;
};

struct ServeOptions {
  ProfileOptions profile;
  bool demo = false;
  std::filesystem::path demo_content;  // empty: share/serai/demo beside the executable
};
int serve(const ServeOptions& options);

// All faults of profile, environment and plugins at once.
int check(const ProfileOptions& options);

// Talks to a running host's admin API.
struct AdminOptions {
  ProfileOptions profile;  // where the admin token and the address come from
  std::string url;         // "" : from the profile's listen address
};
int plugin_list(const AdminOptions& options);
int plugin_action(const AdminOptions& options, const std::string& action, const std::string& plugin,
                  const std::string& tenant);
int tenant_list(const AdminOptions& options);
int tenant_action(const AdminOptions& options, const std::string& action, const std::string& tenant,
                  const std::string& reason);

// Where a secret comes from that nobody may see in a list of processes: a file, or else the
// environment variable, or else a question at the terminal.
struct SecretSource {
  std::filesystem::path file;
  std::string environment, question;
};

struct TenantExportOptions {
  AdminOptions host;  // a running one; without one, the data of the profile
  std::string tenant;
  std::filesystem::path to;
  SecretSource passphrase{"", "SERAI_ARCHIVE_PASSPHRASE", "Passphrase of the archive: "};
};
int tenant_export(const TenantExportOptions& options);

struct TenantImportOptions {
  AdminOptions host;
  std::filesystem::path source;  // an archive, or a folder of YAML files (host stopped)
  bool dry_run = false;          // of a folder
  std::string as;                // of an archive: the id here
  SecretSource passphrase{"", "SERAI_ARCHIVE_PASSPHRASE", "Passphrase of the archive: "};
};
int tenant_import(const TenantImportOptions& options);

struct TenantMoveOptions {
  AdminOptions from;
  std::string tenant;
  std::string to;  // "https://host", "unix:/path"
  SecretSource to_token{"", "SERAI_MOVE_ADMIN_TOKEN", "Admin token of the other host: "};
  std::chrono::seconds patience{30};  // with a host that has gone silent
};
int tenant_move(const TenantMoveOptions& options);
int tenant_fingerprint(const AdminOptions& options, const std::string& tenant);

// Writes a new plugin from the template into `directory`/`name`.
struct PluginNewOptions {
  std::string name;
  std::filesystem::path directory = ".";
  std::filesystem::path template_directory;  // empty: share/serai/template beside the executable
};
int plugin_new(const PluginNewOptions& options);

// Puts a package (or a .so) on a running host.
struct PluginInstallOptions {
  std::filesystem::path package;
  std::string placement;       // isolated, in-process; empty: the host's default
  bool where_enabled = false;  // off for a tenant until it is switched on for it
};
int plugin_install(const AdminOptions& options, const PluginInstallOptions& install);
int plugin_remove(const AdminOptions& options, const std::string& plugin);

// A key pair: NAME.secret (mode 0600) and NAME.yaml for operators' trust stores.
struct KeygenOptions {
  std::filesystem::path name;
  std::string owner, level;
  int days = 3 * 365;
};
int plugin_keygen(const KeygenOptions& options);

// An unsigned package of a folder with plugin.so, or of one .so.
struct PackOptions {
  std::filesystem::path source;
  std::filesystem::path out;  // empty: <name>.seraiplugin in the working directory
};
int plugin_pack(const PackOptions& options);

// Puts a signature into a package, in place of any other.
struct SignOptions {
  std::filesystem::path package, key;
  int days = 365;
  std::string not_before, not_after;  // empty: now, and `days` later
};
int plugin_sign(const SignOptions& options);

// Who signed a package, and whether a trust store knows them.
struct VerifyOptions {
  std::filesystem::path package;
  std::filesystem::path trust;  // empty: the store that came with this host
};
int plugin_verify(const VerifyOptions& options);

// Two tenants with marked data in a scratch house of the profile's plugins; one of them attacks.
struct IsolationTestOptions {
  std::filesystem::path profile = ProfileOptions{}.profile;
  std::vector<std::filesystem::path> plugins;  // files, beside the profile's
  std::vector<std::string> only;               // plugins; "host" for the host's own routes
  std::uint64_t requests = 100'000;
  std::uint64_t seed = 0;  // 0: drawn
  bool postgres = false;   // the environment's, instead of SQLite
  bool json = false;
};
int isolation_test_command(const IsolationTestOptions& options);

int openapi(const ProfileOptions& options);

// Migrations of the tenants' databases. Exit status 1: of at least one tenant something is wrong.
struct MigrateOptions {
  ProfileOptions profile;
  std::string tenant;  // empty: all
  std::string owner;   // down: plugin id, or host
  int number = 0;      // down: the last one to keep
};
int migrate_status(const MigrateOptions& options);
int migrate_up(const MigrateOptions& options);
int migrate_down(const MigrateOptions& options);
// Changes nothing: what is pending, what was changed, and whether every plugin's can be undone.
int migrate_check(const MigrateOptions& options);

int audit_verify(const std::filesystem::path& exported);
int audit_export(const ProfileOptions& options, const std::string& tenant);

}  // namespace host::cli
