#include "e2e/moves/two_houses.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/postgres_server.hpp"

namespace serai_test {

using nlohmann::json;
using testing::HasSubstr;

RunningHost::Options house_on(Engine engine, std::vector<std::string> plugins) {
  RunningHost::Options options;
  options.plugins = std::move(plugins);
  if (engine == Engine::postgres) {
    auto& server = PostgresServer::shared();
    const auto database = server.make_database();
    options.profile["storage"]["engine"] = "postgres";
    options.environment["SERAI_POSTGRES"] = server.connection(database, "serai_app");
    options.environment["SERAI_POSTGRES_OWNER"] = server.connection(database, "serai_owner");
  }
  return options;
}

Answer add_note(const RunningHost& host, const Person& person, const std::string& text) {
  return host.client(person).post("/api/v1/probe/notes", {{"text", text}, {"tags", json::array()}});
}

std::string notes_of(const RunningHost& host, const Person& person) {
  return host.client(person).get("/api/v1/probe/notes").body;
}

bool all_jobs_ran(const RunningHost& host, const Person& person) {
  const auto notes = json::parse(notes_of(host, person));
  return std::all_of(notes["data"].begin(), notes["data"].end(),
                     [](const json& note) { return note["runs"].get<int>() > 0; });
}

namespace {
// Nothing has changed between two looks.
bool quiet(const RunningHost& host, const std::string& tenant) {
  return own_rows(fingerprint(host, tenant)) == own_rows(fingerprint(host, tenant));
}
}  // namespace

Tenant furnish(RunningHost& host, const std::string& id) {
  Tenant tenant;
  tenant.owner = host.make_tenant(id, "Travel of " + id);
  tenant.mark = new_marker("mark");
  tenant.file = "# Kyoto\n\nIn Kyoto we recommend the ryokan " + tenant.mark +
                ", from R4,800 per person and night.\n" + std::string(30'000, 'k');
  const auto client = host.client(tenant.owner);
  tenant.document = upload(client, {"kyoto.md", "text/markdown", tenant.file});
  if (settled(client, tenant.document)["status"] != "indexed")
    throw std::runtime_error("the document was not indexed");
  ask(client, "Which ryokan do we recommend in Kyoto?");
  for (int i = 0; i < 20; ++i) {
    const auto added = add_note(host, tenant.owner, tenant.mark + " " + std::to_string(i));
    if (added.status != 201) throw std::runtime_error(added.body);
  }
  const auto set =
      host.admin().send("PUT", "/api/v1/admin/tenants/" + id + "/plugins/probe",
                        json{{"enabled", true}, {"settings", {{"greeting", tenant.mark}}}}.dump());
  const auto secret =
      host.admin().send("PUT", "/api/v1/admin/tenants/" + id + "/plugins/probe/secrets/key",
                        json{{"value", tenant.mark}}.dump());
  if (set.status != 200 || secret.status / 100 != 2)
    throw std::runtime_error(set.body + secret.body);
  host.invite(tenant.owner, "colleague@" + id + ".example", "consultant");
  if (!eventually([&] { return all_jobs_ran(host, tenant.owner) && quiet(host, id); }))
    throw std::runtime_error("the jobs did not come to an end");
  return tenant;
}

void expect_everything(const RunningHost& host, Tenant& tenant) {
  host.login(tenant.owner);
  const auto client = host.client(tenant.owner);
  EXPECT_EQ(client.get("/api/v1/knowledge/documents/" + tenant.document + "/download").body,
            tenant.file);
  const auto answer = ask(client, "Which ryokan do we recommend in Kyoto?");
  EXPECT_TRUE(has_source(answer, "kyoto.md")) << answer.dump();
  const auto settings = client.get("/api/v1/probe/settings").body;
  EXPECT_THAT(settings, HasSubstr(tenant.mark));
  EXPECT_THAT(settings, HasSubstr("\"has_key\":true"));  // read with this house's key
  const auto notes = notes_of(host, tenant.owner);
  for (int i = 0; i < 20; ++i) EXPECT_THAT(notes, HasSubstr(tenant.mark + " " + std::to_string(i)));
  EXPECT_THAT(client.get("/api/v1/users").body, HasSubstr("colleague@" + tenant.owner.tenant));
}

json fingerprint(const RunningHost& host, const std::string& tenant) {
  const auto answer = host.admin().get("/api/v1/admin/tenants/" + tenant + "/fingerprint");
  if (answer.status != 200) throw std::runtime_error(answer.body);
  return answer.json()["data"];
}

json own_rows(json fingerprint) {
  fingerprint.erase("usage_hours");
  return fingerprint;
}

std::string status_of(const RunningHost& host, const std::string& tenant) {
  const auto answer = host.admin().get("/api/v1/admin/tenants/" + tenant);
  if (answer.status == 404) return "none";
  return answer.json()["data"].value("status", "");
}

std::string secret_file(const RunningHost& host, const std::string& content) {
  const auto path = host.directory() / new_marker("secret");
  write_file(path, content + "\n");
  return path.string();
}

CommandResult move(const RunningHost& from, const RunningHost& to, const std::string& tenant) {
  return move(from, to, tenant, to.client().base_url());
}

CommandResult move(const RunningHost& from, const RunningHost& to, const std::string& tenant,
                   const std::string& address, int patience) {
  return from.run({"tenant", "move", tenant, "--to", address, "--to-token-file",
                   secret_file(from, to.admin_token()), "--patience", std::to_string(patience)});
}

bool serves(const RunningHost& host, Tenant& tenant) {
  // A pause outlives a killed host, for a few seconds, where others may share the database.
  return eventually([&] {
    try {
      host.login(tenant.owner);
    } catch (const std::runtime_error&) {
      return false;
    }
    return add_note(host, tenant.owner, "serves").status == 201;
  });
}

}  // namespace serai_test
