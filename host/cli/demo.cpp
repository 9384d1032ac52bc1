#include "cli/demo.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/random.hpp"
#include "cli/demo_sales_desk.hpp"
#include "cli/http_client.hpp"
#include "cli/profile_options.hpp"
#include "tenancy/token_mint.hpp"

namespace host::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr auto kTenant = "demo";
constexpr auto kOwner = "owner@demo.example";
constexpr auto kConsultant = "consultant@demo.example";
constexpr auto kPatience = std::chrono::minutes(2);

constexpr auto kInstructions = R"text(
The demo tenant is Blue Lagoon Travel. Sign in as @EMAIL@ with @PASSWORD@
(kept in @FILE@, with the administrator's token). Paste these:

# 1. Sign in
TOKEN=$(@CURL@ @BASE@/api/v1/auth/login -H 'Content-Type: application/json' \
  -d '{"email":"@EMAIL@","password":"@PASSWORD@"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

# 2. Ask the helpdesk about the documents
@CURL@ @BASE@/api/v1/helpdesk/ask -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"question":"How much deposit do we ask for to confirm a booking?"}'; echo

# 3. Upload a document of your own, and wait until it is indexed
printf '# Office dog\n\nThe office dog is called Biscuit. Biscuit is walked at half past three.\n' > /tmp/office-dog.md
ID=$(@CURL@ @BASE@/api/v1/knowledge/documents -H "Authorization: Bearer $TOKEN" -F file=@/tmp/office-dog.md \
  | sed 's/.*"document_id":"\([^"]*\)".*/\1/')
until @CURL@ @BASE@/api/v1/knowledge/documents/$ID -H "Authorization: Bearer $TOKEN" | grep -q '"status":"indexed"'; do sleep 0.2; done

# 4. Ask again, about that
@CURL@ @BASE@/api/v1/helpdesk/ask -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"question":"When is Biscuit walked?"}'; echo

)text";

constexpr auto kMailInstructions =
    R"text(# 5. Send a mail; the demo's mails go nowhere but to a page: open the address this prints
@CURL@ @BASE@/api/v1/mail/messages -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"to":"thandi@example.com","subject":"Your quote","text":"Good day Thandi","html":"<p>Good day <b>Thandi</b></p>"}'; echo
@CURL@ -X POST @BASE@/api/v1/mail/sink -H "Authorization: Bearer $TOKEN" | sed 's/.*"url":"\([^"]*\)".*/\1/'; echo

)text";

Json read_json(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return nullptr;
  return Json::parse(in, nullptr, false);
}

// The tenant and its users, if they are not there; the password is new on the first start only.
void make_tenant(House& house, const config::Keys& keys) {
  auto& rooms = house.rooms();
  const auto file = rooms.directory.path() / "demo.json";
  Json known = read_json(file);
  std::string password = known.is_object() ? known.value("password", "") : "";
  if (!rooms.tenants->find(kTenant) || password.empty()) {
    const auto operator_token = Rooms::operator_token();
    if (rooms.tenants->find(kTenant)) rooms.tenants->destroy(operator_token, kTenant);
    tenancy::Tenant tenant;
    tenant.id = kTenant;
    tenant.name = "Blue Lagoon Travel";
    tenant.timezone = "Africa/Johannesburg";
    tenant.currency = "ZAR";
    tenant.plan = "standard";
    tenant.settings = Json::object();
    tenant.plugins = Json::object();
    rooms.tenants->create(operator_token, tenant);
    password = random_token(12);
    const auto token = tenancy::TokenMint::for_tenant_administration(operator_token, kTenant);
    rooms.auth->team().create(token, kOwner, "Olivia Owner", "owner", password);
    rooms.auth->team().create(token, kConsultant, "Carl Consultant", "consultant", password);
  }
  const Json demo{{"url", house.url()},   {"management_url", house.management_url()},
                  {"tenant", kTenant},    {"email", kOwner},
                  {"password", password}, {"admin_token", keys.admin_token}};
  rooms.directory.write("demo.json", demo.dump(2) + "\n", true);
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

HttpClient signed_in(House& house) {
  const Json demo = read_json(house.rooms().directory.path() / "demo.json");
  HttpClient client(house.url());
  const auto answer =
      client.post("/api/v1/auth/login", {{"email", demo["email"]}, {"password", demo["password"]}});
  if (answer.status != 200)
    throw std::runtime_error("the demo's owner cannot sign in: " + answer.body);
  client.header("Authorization",
                "Bearer " + Json::parse(answer.body)["access_token"].get<std::string>());
  return client;
}

void upload_documents(const HttpClient& client, const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto answer = client.upload("/api/v1/knowledge/documents", file.filename().string(),
                                      read_text(file), {{"category", "policies"}});
    if (answer.status >= 300 && answer.status != 409) {
      throw std::runtime_error("the demo's " + file.filename().string() +
                               " was refused: " + answer.body);
    }
  }
}

// Returns when every document is indexed or has failed.
void wait_until_indexed(const HttpClient& client) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    const auto answer = client.get("/api/v1/knowledge/documents?limit=100");
    const Json list = Json::parse(answer.body).value("data", Json::array());
    const bool busy = std::any_of(list.begin(), list.end(), [](const Json& document) {
      const auto status = document.value("status", "");
      return status == "pending" || status == "processing";
    });
    if (answer.status == 200 && !list.empty() && !busy) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("the demo's documents were not indexed in time");
}

}  // namespace

bool serves(House& house, const char* id) {
  const auto plugin = house.rooms().registry->find(id);
  return plugin && plugin->state == plugins::State::running;
}

void seed_demo(House& house, const config::Keys& keys, const fs::path& content) {
  if (house.profile().production())
    throw std::runtime_error("--demo is not for production: it writes a password to disk");
  make_tenant(house, keys);
  if (!serves(house, "knowledge")) return;
  const auto client = signed_in(house);
  const auto list = Json::parse(client.get("/api/v1/knowledge/documents?limit=1").body);
  if (list.value("count", 0) == 0) upload_documents(client, content / "documents");
  wait_until_indexed(client);
  HttpClient administrator(house.url());
  administrator.header("X-Admin-Token", keys.admin_token);
  seed_sales_desk(house, client, administrator, content / "sales-desk");
}

std::string demo_instructions(House& house, const fs::path& content) {
  const auto file = (house.rooms().directory.path() / "demo.json").string();
  if (!serves(house, "helpdesk")) return "The demo tenant's login is kept in " + file + "\n";
  const Json demo = read_json(file);
  const std::string url = house.url();
  const bool local = url.starts_with("unix:");
  std::string text = kInstructions;
  if (serves(house, "mail")) text += kMailInstructions;
  text += sales_desk_instructions(house, content / "sales-desk");
  for (const auto& [mark, value] :
       {std::pair<std::string, std::string>{"@EMAIL@", demo["email"]},
        {"@PASSWORD@", demo["password"]},
        {"@FILE@", file},
        {"@CURL@", local ? "curl -sS --unix-socket " + url.substr(5) : "curl -sS"},
        {"@BASE@", local ? "http://localhost" : url}}) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

}  // namespace host::cli
