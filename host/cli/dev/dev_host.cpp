#include "cli/dev/dev_host.hpp"

#include <fstream>
#include <stdexcept>
#include <system_error>

#include <stdlib.h>

#include "cli/http_client.hpp"
#include "cli/profile_options.hpp"

namespace host::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

fs::path new_folder() {
  std::string name = (fs::temp_directory_path() / "serai-dev-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), name);
  return name;
}

// Generous, and with a token that lasts a day's work; everything else as in production.
Json profile_of(const DevHostOptions& options, const fs::path& plugins) {
  Json enabled = Json::array({{{"id", options.plugin}, {"settings", options.settings}}});
  for (const auto& file : options.with) enabled.push_back({{"id", file.stem().string()}});
  return {
      {"profile", "dev"},
      {"environment", "development"},
      {"developer_mode", true},  // the build leaves no signature
      {"auth", {{"access_token", "12 h"}}},
      {"rate_limits", {{"login", "1000/min"}, {"tenant", "1000000/min"}, {"user", "1000000/min"}}},
      {"outbound", {{"allow_private_addresses", true}}},
      {"plugins", {{"directory", plugins.string()}, {"enabled", enabled}}}};
}

}  // namespace

DevHost::DevHost(DevHostOptions options) : options_(std::move(options)), folder_(new_folder()) {
  fs::create_directory(folder_ / "plugins");
  for (const auto& file : options_.with) fs::copy_file(file, folder_ / "plugins" / file.filename());
  std::ofstream profile(folder_ / "profile.yaml");
  profile << profile_of(options_, folder_ / "plugins").dump(1);  // JSON is YAML
  if (!profile.flush())
    throw std::runtime_error(folder_.string() + ": the profile could not be written");
}

DevHost::~DevHost() {
  child_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void DevHost::place(const fs::path& plugin_file) const {
  const auto target = folder_ / "plugins" / (options_.plugin + ".so");
  auto beside = target;
  beside += ".new";
  fs::copy_file(plugin_file, beside, fs::copy_options::overwrite_existing);
  fs::rename(beside, target);
}

void DevHost::start() {
  ready_ = false;
  pending_.clear();
  fs::create_directory(data());
  fs::permissions(data(), fs::perms::owner_all);
  child_ = std::make_unique<Child>(std::vector<std::string>{
      (executable_directory() / "serai").string(), "serve", "--profile",
      (folder_ / "profile.yaml").string(), "--data", data().string(), "--listen", options_.listen,
      "--management", "127.0.0.1:0", "--demo"});
}

bool DevHost::read(std::vector<std::string>& lines, std::string& ended) {
  std::string text = std::move(pending_);
  const bool more = child_->read(text);
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  pending_ = text.substr(begin);
  if (!ready_) {
    for (const auto& line : lines) {
      if (!line.starts_with("serai serving on ")) continue;
      ready_ = true;
      options_.listen = demo_file().at("url").get<std::string>().substr(7);  // http://
      break;
    }
  }
  if (more) return true;
  ended = how_it_ended(child_->wait());
  child_.reset();
  ready_ = false;
  return false;
}

void DevHost::stop(bool forget) {
  child_.reset();
  ready_ = false;
  if (forget) fs::remove_all(data());
}

Json DevHost::demo_file() const {
  std::ifstream in(data() / "demo.json");
  return Json::parse(in);
}

DevHost::Demo DevHost::demo() const {
  const Json file = demo_file();
  Demo demo{file.at("url"), file.at("tenant"), file.at("email"), file.at("password"), "", ""};
  HttpClient admin(demo.url);
  admin.header("X-Admin-Token", file.at("admin_token"));
  const auto login =
      admin.post("/api/v1/auth/login", {{"email", demo.email}, {"password", demo.password}});
  if (login.status != 200) throw std::runtime_error("the demo login failed: " + login.body);
  demo.token = Json::parse(login.body).at("access_token");
  for (const Json& plugin : Json::parse(admin.get("/api/v1/admin/plugins").body).at("data")) {
    if (plugin.at("id") == options_.plugin && plugin.at("state") != "running")
      demo.fault = plugin.value("reason", "it does not run.");
  }
  return demo;
}

std::string DevHost::reload() const {
  const Json file = demo_file();
  HttpClient admin(file.at("url"));
  admin.header("X-Admin-Token", file.at("admin_token"));
  const auto answer =
      admin.send("POST", "/api/v1/admin/plugins/" + options_.plugin + "/reload", "");
  if (answer.status == 200) return {};
  const Json problem = Json::parse(answer.body, nullptr, false);
  return problem.is_object() ? problem.value("detail", answer.body) : answer.body;
}

}  // namespace host::cli
