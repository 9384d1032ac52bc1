// Subcommands that ask a running host through its admin API.
#include <fstream>
#include <iomanip>
#include <iostream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/http_client.hpp"
#include "cli/profile_options.hpp"
#include "config/admin_token.hpp"
#include "trust/package.hpp"
#include "trust/package_file.hpp"

namespace host::cli {

using Json = nlohmann::json;

std::string url_of_running_host(const config::Profile& profile) {
  std::ifstream in(profile.data / "serve.json");
  const Json run = in ? Json::parse(in, nullptr, false) : Json();
  return run.is_object() ? run.value("url", "") : "";
}

namespace {

HttpClient client_of(const std::string& url, const std::string& token) {
  HttpClient client(url);
  client.header("X-Admin-Token", token);
  return client;
}

}  // namespace

HttpClient admin_client(const AdminOptions& options) {
  const auto environment = config::process_environment();
  // On another machine there may be no profile.
  if (!options.url.empty()) {
    if (const auto token = config::given_admin_token(environment); !token.empty())
      return client_of(options.url, token);
    if (!has_profile(options.profile))
      throw std::runtime_error(
          "the administrator's token is wanted in SERAI_ADMIN_TOKEN, or in a file that "
          "SERAI_ADMIN_TOKEN_FILE names");
  }
  const auto profile = client_profile_or_fail(options.profile);
  std::string url = options.url;
  if (url.empty()) {
    url = url_of_running_host(profile);
    if (url.empty())
      throw std::runtime_error("no host runs on " + profile.data.string() +
                               "; start one, or name it with --url");
  }
  return client_of(url, config::load_admin_token(profile, environment));
}

Json checked(const HttpAnswer& answer) {
  Json document = Json::parse(answer.body, nullptr, false);
  if (answer.status >= 200 && answer.status < 300) return document;
  if (!document.is_object())
    throw std::runtime_error("the host answered " + std::to_string(answer.status));
  auto text = document.value("detail", answer.body);
  for (const auto& error : document.value("errors", Json::array()))
    text += "\n  " + error.value("pointer", "") + ": " + error.value("detail", "");
  throw std::runtime_error(text);
}

namespace {

void print_row(std::initializer_list<std::pair<std::string, int>> cells) {
  for (const auto& [text, width] : cells) std::cout << std::left << std::setw(width) << text << ' ';
  std::cout << '\n';
}

}  // namespace

int plugin_list(const AdminOptions& options) {
  const Json list = checked(admin_client(options).get("/api/v1/admin/plugins"));
  bool all_well = true;
  print_row({{"PLUGIN", 20},
             {"VERSION", 10},
             {"STATE", 10},
             {"LOADS", 6},
             {"PLACEMENT", 10},
             {"TRUST", 14},
             {"FROM", 9},
             {"REASON", 0}});
  for (const auto& plugin : list["data"]) {
    all_well = all_well && plugin["state"] != "failed";
    print_row({{plugin["id"], 20},
               {plugin["version"], 10},
               {plugin["state"], 10},
               {plugin["generation"].dump(), 6},
               {plugin["placement"], 10},
               {plugin["trust"], 14},
               {plugin["installed"].get<bool>() ? "installed" : "profile", 9},
               {plugin["reason"], 0}});
  }
  return all_well ? 0 : 1;
}

int plugin_action(const AdminOptions& options, const std::string& action, const std::string& plugin,
                  const std::string& tenant) {
  const auto client = admin_client(options);
  if (tenant.empty()) {
    const Json info =
        checked(client.send("POST", "/api/v1/admin/plugins/" + plugin + "/" + action, ""))["data"];
    std::cout << plugin << " " << info["version"].get<std::string>() << " is "
              << info["state"].get<std::string>() << '\n';
    return 0;
  }
  const Json body{{"enabled", action == "enable"}};
  checked(
      client.send("PUT", "/api/v1/admin/tenants/" + tenant + "/plugins/" + plugin, body.dump()));
  std::cout << plugin << " is " << action << "d for " << tenant << '\n';
  return 0;
}

int plugin_install(const AdminOptions& options, const PluginInstallOptions& install) {
  auto bytes = trust::read_file(install.package);
  // A library alone becomes an unsigned package here: the host takes packages only.
  if (!trust::is_package(bytes)) bytes = trust::pack(install.package);
  HttpClient::Fields fields;
  if (!install.placement.empty()) fields.emplace_back("placement", install.placement);
  if (install.where_enabled) fields.emplace_back("for_all_tenants", "false");
  const Json info = checked(admin_client(options).upload(
      "/api/v1/admin/plugins", install.package.filename().string(), bytes, fields))["data"];
  std::cout << info["id"].get<std::string>() << ' ' << info["version"].get<std::string>() << " is "
            << info["state"].get<std::string>() << ", trust " << info["trust"].get<std::string>()
            << ", " << info["placement"].get<std::string>() << '\n';
  return 0;
}

int plugin_remove(const AdminOptions& options, const std::string& plugin) {
  checked(admin_client(options).send("DELETE", "/api/v1/admin/plugins/" + plugin, ""));
  std::cout << plugin << " is removed; the tenants' data stays\n";
  return 0;
}

int tenant_list(const AdminOptions& options) {
  const Json list = checked(admin_client(options).get("/api/v1/admin/tenants"));
  print_row({{"TENANT", 24}, {"STATUS", 10}, {"NAME", 0}});
  for (const auto& tenant : list["data"]) {
    print_row({{tenant["tenant_id"], 24}, {tenant["status"], 10}, {tenant["company_name"], 0}});
  }
  return 0;
}

int tenant_action(const AdminOptions& options, const std::string& action, const std::string& tenant,
                  const std::string& reason) {
  const auto client = admin_client(options);
  const std::string path = "/api/v1/admin/tenants/" + tenant;
  if (action == "delete")
    checked(client.send("DELETE", path + "?confirm=true", ""));
  else
    checked(client.send("POST", path + "/" + action,
                        reason.empty() ? "" : Json{{"reason", reason}}.dump()));
  std::cout << tenant << ": " << action << (action.back() == 'e' ? "d" : "ed") << '\n';
  return 0;
}

}  // namespace host::cli
