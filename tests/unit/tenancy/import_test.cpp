// Tenants from YAML: idempotent, without secrets, faults named file by file.
#include "tenancy/import.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

#include "tenancy/yaml_settings.hpp"
#include "unit/tenancy/fixture.hpp"

namespace {

using namespace host;
using tenancy::Imported;

const char* const kBlue = R"(
client:
  id: blue
  name: "Blue Lagoon Travel"
  short_name: blue
  timezone: Africa/Johannesburg
  currency: ZAR
infrastructure:
  gcp: {project_id: blue-1, region: us-central1, dataset: blue_db}
  supabase:
    url: https://blue.example
    anon_key: not-to-be-kept-1
    service_key: not-to-be-kept-2
  vapi: {api_key: not-to-be-kept-3, assistant_id: a-1}
  openai:
    api_key: ${OPENAI_KEY_not-to-be-kept-4}
    model: gpt-4o-mini
email:
  primary: sales@blue.example
  smtp: {host: mail.blue.example, port: 587, username: blue, password: not-to-be-kept-5}
  relay: "smtp://blue:not-to-be-kept-6@mail.blue.example:25"
branding: {primary_color: "#123456"}
destinations:
  - {name: Zanzibar, code: ZNZ, enabled: true}
  - {name: Maldives, code: MLE, enabled: false}
quotes: {auto_send: true, validity_days: 14, margin: 5.5}
consultants:
  - {id: c1, name: Ann, phone: "+27110000000", active: true}
)";

struct Import : tenancy_test::Fixture {
  Import() { std::filesystem::create_directories(source); }
  void write(const std::string& name, const std::string& text) {
    const auto path = source / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::vector<Imported> run(bool dry_run = false) {
    return tenancy::import_tenants(*tenants, admin, source, dry_run);
  }
  std::filesystem::path source = folder / "clients";
};

TEST_F(Import, takes_both_shapes_of_folder_and_knows_them_the_second_time) {
  write("blue/client.yaml", kBlue);
  write("green.yaml", "client: {id: green, name: Green, timezone: UTC}");
  auto reports = run();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].tenant, "blue");
  EXPECT_EQ(reports[0].outcome, Imported::Outcome::created);
  EXPECT_EQ(reports[1].outcome, Imported::Outcome::created);
  const auto blue = tenants->find("blue");
  ASSERT_TRUE(blue);
  EXPECT_EQ(blue->name, "Blue Lagoon Travel");
  EXPECT_EQ(blue->currency, "ZAR");
  EXPECT_EQ(tenants->find("green")->currency, "USD");
  EXPECT_EQ(blue->settings["quotes"]["validity_days"], 14);
  EXPECT_EQ(blue->settings["quotes"]["auto_send"], true);
  EXPECT_EQ(blue->settings["quotes"]["margin"], 5.5);
  EXPECT_EQ(blue->settings["consultants"][0]["phone"], "+27110000000");
  EXPECT_EQ(blue->settings["infrastructure"]["openai"]["model"], "gpt-4o-mini");
  for (const auto& report : run()) EXPECT_EQ(report.outcome, Imported::Outcome::unchanged);
}

TEST_F(Import, keeps_no_secret_and_names_each_that_it_left_out) {
  write("blue/client.yaml", kBlue);
  const auto reports = run();
  EXPECT_EQ(tenants->find("blue")->settings.dump().find("not-to-be-kept"), std::string::npos);
  const std::vector<std::string> expected = {"infrastructure.supabase.anon_key",
                                             "infrastructure.supabase.service_key",
                                             "infrastructure.vapi.api_key",
                                             "infrastructure.openai.api_key",
                                             "email.smtp.password",
                                             "email.relay"};
  EXPECT_EQ(reports[0].skipped_secrets, expected);
}

TEST_F(Import, a_changed_file_updates_and_leaves_what_it_does_not_name) {
  write("blue.yaml", kBlue);
  run();
  auto tenant = *tenants->find("blue");
  tenant.settings["company"] = {{"website", "https://kept.example"}};
  tenant.plugins = {{"crm", {{"enabled", true}}}};
  tenants->update(admin, tenant);
  write("blue.yaml", "client: {id: blue, name: Renamed, timezone: UTC}");
  EXPECT_EQ(run()[0].outcome, Imported::Outcome::updated);
  const auto after = tenants->find("blue");
  EXPECT_EQ(after->name, "Renamed");
  EXPECT_EQ(after->settings["company"]["website"], "https://kept.example");
  EXPECT_EQ(after->plugins["crm"]["enabled"], true);
}

TEST_F(Import, a_dry_run_says_what_would_happen_and_does_nothing) {
  write("blue.yaml", kBlue);
  EXPECT_EQ(run(true)[0].outcome, Imported::Outcome::created);
  EXPECT_FALSE(tenants->find("blue"));
}

TEST_F(Import, a_faulty_file_is_refused_with_its_reasons_and_the_others_go_on) {
  write("aaa-broken.yaml", "client: [unclosed");
  write("bbb-empty.yaml", "");
  write("ccc-other.yaml", "client: {id: somebody-else, name: X, timezone: UTC}");
  write("ddd-zone.yaml", "client: {id: ddd-zone, name: X, timezone: Nowhere, currency: dollars}");
  write("eee.yaml", "client: {id: eee, name: Fine, timezone: UTC}");
  write("fff-list.yaml", "- 1\n- 2\n");
  write("ggg-twice.yaml", "client: {id: ggg-twice, name: a, name: b, timezone: UTC}");
  write("notes.txt", "not a tenant");
  const auto reports = run();
  ASSERT_EQ(reports.size(), 7U);
  for (const auto& report : reports) {
    const bool fine = report.tenant == "eee";
    EXPECT_EQ(report.outcome == Imported::Outcome::created, fine) << report.tenant;
    EXPECT_EQ(report.reasons.empty(), fine) << report.tenant;
  }
  EXPECT_EQ(reports[3].reasons.size(), 2U);
  EXPECT_EQ(tenants->list().size(), 1U);
}

TEST_F(Import, a_second_document_in_a_file_is_a_fault_and_not_ignored) {
  write("two.yaml", "client: {id: two, name: A, timezone: UTC}\n---\nclient: {name: B}\n");
  const auto reports = run();
  ASSERT_EQ(reports.size(), 1U);
  ASSERT_EQ(reports[0].reasons.size(), 1U);
  EXPECT_NE(reports[0].reasons[0].find("line 2"), std::string::npos) << reports[0].reasons[0];
  EXPECT_TRUE(tenants->list().empty());
}

TEST_F(Import, files_made_to_explode_are_refused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const auto previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", " : "") + previous;
    bomb += "]\n";
  }
  write("bomb.yaml", bomb + "client: {id: bomb, name: X, timezone: UTC}");
  std::string deep = "client: {id: deep, name: X, timezone: UTC}\nx: ";
  deep += std::string(200, '[') + std::string(200, ']');
  write("deep.yaml", deep);
  write("large.yaml",
        "client: {id: large, name: X, timezone: UTC}\nx: " + std::string(2 << 20, 'y'));
  for (const auto& report : run())
    EXPECT_EQ(report.outcome, Imported::Outcome::refused) << report.tenant;
}

TEST_F(Import, a_missing_folder_is_a_404) {
  EXPECT_EQ(
      problem_of([&] { tenancy::import_tenants(*tenants, admin, source / "nowhere", false); }),
      "404 not_found");
}

TEST(SecretName, tells_secrets_from_harmless_words) {
  for (const char* name : {"api_key", "API_KEY", "password", "smtp_password", "service_key",
                           "client_secret", "access_token", "token", "private_key_pem"})
    EXPECT_TRUE(tenancy::secret_name(name)) << name;
  for (const char* name :
       {"name", "keyboard", "monkey", "corpus_id", "max_attempts", "prompt_file"})
    EXPECT_FALSE(tenancy::secret_name(name)) << name;
}

}  // namespace
