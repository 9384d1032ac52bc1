// The only file that includes CLI11, which is slow to compile.
#include "cli/command_line.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/plugin_check.hpp"
#include "cli/plugin_dev.hpp"
#include "cli/version.hpp"

namespace host::cli {
namespace {

void add_profile(CLI::App& app, ProfileOptions& options) {
  app.add_option("--profile", options.profile, "Profile file (YAML)")->capture_default_str();
  app.add_option("--data", options.data, "Directory of all state; overrides the profile");
}

void add_serving(CLI::App& app, ProfileOptions& options) {
  app.add_option("--listen", options.listen,
                 "Address to serve on, host:port or unix:/path; overrides the profile");
  app.add_option("--management", options.management,
                 "Address of metrics and health; overrides the profile");
  app.add_option("--adapter", options.adapter, "Listener, pistache or asio; overrides the profile");
}

void add_admin(CLI::App& app, AdminOptions& options) {
  add_profile(app, options.profile);
  app.add_option("--url", options.url,
                 "Base URL of the running host; default: the profile's listen address");
}

// Keeps its options for as long as the command line lives.
struct PluginCheck {
  serai::check::Options options;
  bool list = false;
  std::int64_t time_limit = 45, fuzz_time = 60;
  std::string operation;

  void add(CLI::App& plugin_command, int& status) {
    auto* check = plugin_command.add_subcommand(
        "check", "Prove that a plugin keeps the ABI's laws, each check in a process of its own");
    check->add_option("file", options.plugins, "Plugin file (.so)");
    check->add_flag("--list", list, "Name the checks and what each proves");
    check->add_option("--only", options.only, "Only the check of this name; may be repeated");
    check->add_flag("--json", options.json, "Print the results as JSON");
    check->add_option("--junit", options.junit, "Write the results as JUnit XML into this file");
    check->add_option("--seed", options.seed, "Replay what is random");
    check->add_option("--time-limit", time_limit, "Seconds for each check")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    check
        ->add_option("--fuzz-time", fuzz_time,
                     "Seconds of fuzzing, and of failing each host call again")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    check->add_option("--world", options.world,
                      "What settings, other plugins and the outside say (YAML)");
    check->add_option("--allow-library", options.allowed_libraries,
                      "A library it may need (libfoo); may be repeated");
    check->callback([this, &status] {
      options.time_limit = std::chrono::seconds(time_limit);
      options.fuzz_time = std::chrono::seconds(fuzz_time);
      if (list)
        serai::check::list_checks();
      else
        status = plugin_check(options);
    });
    auto* one = plugin_command.add_subcommand("check-one", "")->group("");
    one->add_option("operation", operation)->required();
    one->callback([this, &status] { status = plugin_check_child(operation); });
  }
};

void add_passphrase(CLI::App& command, SecretSource& passphrase) {
  command.add_option("--passphrase-file", passphrase.file,
                     "Holds the passphrase; default: " + passphrase.environment + ", or asked for");
}

// Likewise.
struct PluginSigning {
  KeygenOptions keygen;
  PackOptions pack;
  SignOptions sign;
  VerifyOptions verify;

  void add(CLI::App& plugin, int& status) {
    auto* keygen_command = plugin.add_subcommand("keygen", "Make a key pair for signing plugins");
    keygen_command->add_option("name", keygen.name, "Files: NAME.secret, NAME.yaml")->required();
    keygen_command->add_option("--owner", keygen.owner, "Whose key it is, for people");
    keygen_command->add_option("--days", keygen.days, "Valid for so long")
        ->check(CLI::Range(1, 36'500))
        ->capture_default_str();
    keygen_command
        ->add_option("--level", keygen.level,
                     "Written into NAME.yaml, for a trust store of your own")
        ->check(CLI::IsMember({"core", "verified"}));
    keygen_command->callback([this, &status] { status = plugin_keygen(keygen); });

    auto* pack_command =
        plugin.add_subcommand("pack", "Make a package of a folder with plugin.so, or of one .so");
    pack_command->add_option("source", pack.source, "Folder or .so")->required();
    pack_command->add_option("--out", pack.out, "Package to write; default: NAME.seraiplugin here");
    pack_command->callback([this, &status] { status = plugin_pack(pack); });

    auto* sign_command = plugin.add_subcommand("sign", "Sign a package");
    sign_command->add_option("package", sign.package, "File of `serai plugin pack`")->required();
    sign_command->add_option("--key", sign.key, "Secret key of `serai plugin keygen`")->required();
    auto* days = sign_command->add_option("--days", sign.days, "Valid for so long")
                     ->check(CLI::Range(1, 36'500))
                     ->capture_default_str();
    sign_command->add_option("--not-before", sign.not_before, "2026-11-21T15:00:00Z; default: now");
    sign_command->add_option("--not-after", sign.not_after, "Instead of --days")->excludes(days);
    sign_command->callback([this, &status] { status = plugin_sign(sign); });

    auto* verify_command =
        plugin.add_subcommand("verify", "Who signed a package, and whether they are trusted");
    verify_command->add_option("package", verify.package, "Package")->required();
    verify_command->add_option("--trust", verify.trust,
                               "Trust store; default: the one that came with this host");
    verify_command->callback([this, &status] { status = plugin_verify(verify); });
  }
};

// What was asked for where a command is due and none of that name is there; "" if that is not it.
std::string unknown_command(const CLI::App& app) {
  const CLI::App* command = &app;
  std::string path = "serai";
  for (auto given = app.get_subcommands(); !given.empty(); given = command->get_subcommands()) {
    command = given.front();
    path += ' ' + command->get_name();
  }
  const auto rest = app.remaining(true);
  if (command->get_require_subcommand_min() == 0 || rest.empty() || rest.front().starts_with('-'))
    return "";
  return "there is no command \"" + path + ' ' + rest.front() + "\"; \"" + path +
         " --help\" lists what there is";
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app{
      "Serai: login, tenants, isolation, storage and operations for a SaaS; the rest are plugins."};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  int status = 0;

  ServeOptions serve_options;
  auto* serve_command = app.add_subcommand("serve", "Run the host");
  add_profile(*serve_command, serve_options.profile);
  add_serving(*serve_command, serve_options.profile);
  serve_command->add_flag("--demo", serve_options.demo,
                          "Seed a demo tenant and print how to try it");
  serve_command->add_option("--demo-content", serve_options.demo_content,
                            "Directory of what the demo tenant has: documents, sales-desk");
  serve_command->callback([&] { status = serve(serve_options); });

  ProfileOptions check_options;
  auto* check_command =
      app.add_subcommand("check", "List every fault of profile, environment and plugins at once");
  add_profile(*check_command, check_options);
  add_serving(*check_command, check_options);
  check_command->callback([&] { status = check(check_options); });

  AdminOptions admin;
  std::string plugin, tenant, reason;
  auto* plugin_command =
      app.add_subcommand("plugin", "Plugins of a running host, and writing new ones");
  plugin_command->require_subcommand(1);
  auto* list_command =
      plugin_command->add_subcommand("list", "What is loaded, and what is out and why");
  add_admin(*list_command, admin);
  list_command->callback([&] { status = plugin_list(admin); });
  for (const auto& [action, help] :
       {std::pair{"reload", "Load a plugin's file anew, without dropping a call"},
        std::pair{"enable", "Switch a plugin on, for the host or one tenant"},
        std::pair{"disable", "Switch a plugin off, for the host or one tenant"}}) {
    auto* command = plugin_command->add_subcommand(action, help);
    add_admin(*command, admin);
    command->add_option("id", plugin, "Plugin id")->required();
    if (std::string(action) != "reload")
      command->add_option("--tenant", tenant, "Only for this tenant");
    command->callback([&status, &admin, &plugin, &tenant, name = std::string(action)] {
      status = plugin_action(admin, name, plugin, tenant);
    });
  }
  PluginInstallOptions install;
  auto* install_command = plugin_command->add_subcommand(
      "install", "Put a package on a running host, or replace a plugin by it");
  add_admin(*install_command, admin);
  install_command->add_option("package", install.package, "Package, or a .so")->required();
  install_command
      ->add_option("--placement", install.placement,
                   "Default: the profile's; in-process for level core; else isolated")
      ->check(CLI::IsMember({"isolated", "in-process"}));
  install_command->add_flag("--where-enabled", install.where_enabled,
                            "Off for a tenant until it is switched on for it");
  install_command->callback([&] { status = plugin_install(admin, install); });
  auto* remove_command =
      plugin_command->add_subcommand("remove", "Stop and remove an installed plugin");
  add_admin(*remove_command, admin);
  remove_command->add_option("id", plugin, "Plugin id")->required();
  remove_command->callback([&] { status = plugin_remove(admin, plugin); });
  PluginNewOptions new_options;
  auto* new_command = plugin_command->add_subcommand(
      "new", "Write a new plugin that builds, passes its test and answers");
  new_command->add_option("name", new_options.name, "Plugin id: lower case, digits, '-'")
      ->required();
  new_command->add_option("--directory", new_options.directory, "Where its folder goes")
      ->capture_default_str();
  new_command->add_option("--template", new_options.template_directory, "Template folder");
  new_command->callback([&] { status = plugin_new(new_options); });

  PluginCheck plugin_check_command;
  plugin_check_command.add(*plugin_command, status);
  PluginDevOptions dev_options;
  auto* dev_command = plugin_command->add_subcommand(
      "dev", "Build, load and watch a plugin's folder; reload it whenever a file is saved");
  dev_command->add_option("directory", dev_options.directory, "The plugin's folder")
      ->capture_default_str();
  dev_command->add_option("--listen", dev_options.listen, "Address of the host, host:port")
      ->capture_default_str();
  dev_command->add_option("--set", dev_options.settings, "A setting of the plugin, name=value");
  dev_command->add_option("--with", dev_options.with, "File of another plugin that it needs");
  dev_command->add_option("--build", dev_options.build, "Build folder; default: build inside it");
  dev_command->add_option("--sdk", dev_options.sdk,
                          "Prefix of the SDK; default: where this program is installed");
  dev_command->callback([&] { status = plugin_dev(dev_options); });

  PluginSigning signing;
  signing.add(*plugin_command, status);

  IsolationTestOptions isolation;
  auto* isolation_command = app.add_subcommand(
      "isolation-test",
      "Prove that tenants stay apart: two with marked data in a scratch folder, one attacks");
  isolation_command->add_option("--profile", isolation.profile, "Profile file (YAML)")
      ->capture_default_str();
  isolation_command->add_option("--plugin", isolation.plugins,
                                "Plugin file (.so) beside the profile's; may be repeated");
  isolation_command->add_option("--only", isolation.only,
                                "Attack only routes of this plugin, or of host; may be repeated");
  isolation_command->add_option("--requests", isolation.requests, "At least so many")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  isolation_command->add_option("--seed", isolation.seed, "Replay what is random");
  isolation_command->add_flag("--postgres", isolation.postgres,
                              "In the empty database of SERAI_POSTGRES and SERAI_POSTGRES_OWNER");
  isolation_command->add_flag("--json", isolation.json, "Print every row as JSON");
  isolation_command->callback([&] { status = isolation_test_command(isolation); });

  auto* tenant_command = app.add_subcommand("tenant", "Tenants");
  tenant_command->require_subcommand(1);
  auto* tenants_command = tenant_command->add_subcommand("list", "All tenants of a running host");
  add_admin(*tenants_command, admin);
  tenants_command->callback([&] { status = tenant_list(admin); });
  for (const auto* action : {"suspend", "activate", "delete"}) {
    auto* command =
        tenant_command->add_subcommand(action, std::string(action) + " a tenant of a running host");
    add_admin(*command, admin);
    command->add_option("id", tenant, "Tenant id")->required();
    if (std::string(action) == "suspend")
      command->add_option("--reason", reason, "Why, 5 to 500 characters")->required();
    command->callback([&status, &admin, &tenant, &reason, name = std::string(action)] {
      status = tenant_action(admin, name, tenant, reason);
    });
  }
  TenantImportOptions import_options;
  auto* import_command = tenant_command->add_subcommand(
      "import",
      "Take a tenant in from an archive, or, while the host is stopped, create and update tenants "
      "from a folder of YAML files");
  add_admin(*import_command, import_options.host);
  import_command
      ->add_option("source", import_options.source,
                   "Archive, or folder of <id>.yaml or <id>/client.yaml")
      ->required();
  import_command->add_flag("--dry-run", import_options.dry_run,
                           "Of a folder: say what would be done, change nothing");
  import_command->add_option("--as", import_options.as, "Of an archive: the tenant's id here");
  add_passphrase(*import_command, import_options.passphrase);
  import_command->callback([&] { status = tenant_import(import_options); });

  TenantExportOptions export_options;
  auto* tenant_export_command = tenant_command->add_subcommand(
      "export", "Everything of a tenant, encrypted, into a file; the host may run");
  add_admin(*tenant_export_command, export_options.host);
  tenant_export_command->add_option("id", export_options.tenant, "Tenant id")->required();
  tenant_export_command->add_option("--to", export_options.to, "The new file")->required();
  add_passphrase(*tenant_export_command, export_options.passphrase);
  tenant_export_command->callback([&] { status = tenant_export(export_options); });

  TenantMoveOptions move;
  auto* move_command = tenant_command->add_subcommand(
      "move", "Take a tenant to another host, while both go on serving");
  add_admin(*move_command, move.from);
  move_command->add_option("id", move.tenant, "Tenant id")->required();
  move_command->add_option("--to", move.to, "Address of the other host")->required();
  move_command->add_option(
      "--to-token-file", move.to_token.file,
      "Holds its admin token; default: " + move.to_token.environment + ", or asked for");
  move_command
      ->add_option_function<unsigned>(
          "--patience", [&](unsigned seconds) { move.patience = std::chrono::seconds(seconds); },
          "Seconds after which a host that has gone silent is given up; default: 30")
      ->check(CLI::Range(1U, 3600U));
  move_command->callback([&] { status = tenant_move(move); });

  auto* fingerprint_command = tenant_command->add_subcommand(
      "fingerprint", "Rows and hash of each table of a tenant, alike in every house");
  add_admin(*fingerprint_command, admin);
  fingerprint_command->add_option("id", tenant, "Tenant id")->required();
  fingerprint_command->callback([&] { status = tenant_fingerprint(admin, tenant); });

  ProfileOptions local;
  auto* openapi_command = app.add_subcommand("openapi", "Print the OpenAPI document of a profile");
  add_profile(*openapi_command, local);
  openapi_command->callback([&] { status = openapi(local); });

  MigrateOptions migrate;
  auto* migrate_command = app.add_subcommand(
      "migrate", "Schema migrations of the tenants' databases, while the host is stopped");
  migrate_command->require_subcommand(1);
  const auto add_migrate = [&](const char* name, const char* help,
                               int (*command)(const MigrateOptions&)) {
    auto* one = migrate_command->add_subcommand(name, help);
    add_profile(*one, migrate.profile);
    one->add_option("--tenant", migrate.tenant, "Tenant id (default: all)");
    one->callback([&status, &migrate, command] { status = command(migrate); });
    return one;
  };
  add_migrate("status", "What is applied", migrate_status);
  add_migrate("check", "What is pending, was changed or cannot be undone", migrate_check);
  add_migrate("up", "Apply what is pending, now and not when a tenant comes", migrate_up);
  auto* down_command = add_migrate("down", "Undo an owner's migrations", migrate_down);
  down_command->add_option("--owner", migrate.owner, "Plugin id, or host")->required();
  down_command->add_option("--to", migrate.number, "Last migration to keep; 0: none")->required();

  std::filesystem::path path;
  auto* audit_command = app.add_subcommand("audit", "The hash-chained record");
  audit_command->require_subcommand(1);
  auto* verify_command = audit_command->add_subcommand(
      "verify", "Verify an exported chain, with nothing else at hand");
  verify_command->add_option("file", path, "Exported chain, one JSON object a line")->required();
  verify_command->callback([&] { status = audit_verify(path); });
  auto* export_command =
      audit_command->add_subcommand("export", "Print a chain, one JSON object a line");
  add_profile(*export_command, local);
  export_command->add_option("--tenant", tenant, "Tenant id; without: the platform's chain");
  export_command->callback([&] { status = audit_export(local, tenant); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (const auto why = unknown_command(app); !why.empty()) {
      std::cerr << "serai: " << why << '\n';
      return 2;
    }
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "serai: " << error.what() << '\n';
    return 1;
  }
  return status;
}

}  // namespace host::cli
