// The subcommands. Each prints to standard output, faults to standard error, and returns the exit
// status. They throw only std::exception, which run() prints as one line.
#pragma once

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
  std::filesystem::path demo_documents;  // empty: share/serai/demo beside the executable
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

struct TenantImportOptions {
  ProfileOptions profile;
  std::filesystem::path directory;
  bool dry_run = false;
};
int tenant_import(const TenantImportOptions& options);

// Writes a new plugin from the template into `directory`/`name`.
struct PluginNewOptions {
  std::string name;
  std::filesystem::path directory = ".";
  std::filesystem::path template_directory;  // empty: share/serai/template beside the executable
};
int plugin_new(const PluginNewOptions& options);

int openapi(const ProfileOptions& options);
int migrate_status(const ProfileOptions& options, const std::string& tenant);
int migrate_down(const ProfileOptions& options, const std::string& tenant, const std::string& owner,
                 int number);
int audit_verify(const std::filesystem::path& exported);
int audit_export(const ProfileOptions& options, const std::string& tenant);

}  // namespace host::cli
