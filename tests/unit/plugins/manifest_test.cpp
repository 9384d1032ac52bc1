// The manifest parser: what it reads, and that every fault is one sentence with file, field and
// mend.
#include "plugins/manifest.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace host::plugins {
namespace {

struct BundleText {
  std::string text = "serai-bundle 1\n";
  void add(const std::string& path, const std::string& bytes) {
    text += "file " + path + " " + std::to_string(bytes.size()) + "\n" + bytes + "\n";
  }
  std::string done() const { return text + "end\n"; }
};

std::string bundle(const std::string& yaml) {
  BundleText text;
  text.add("plugin.yaml", yaml);
  return text.done();
}

const std::string kHead =
    "manifest: 1\n"
    "id: helpdesk\n"
    "version: 0.1.0\n"
    "name: Helpdesk\n"
    "description: Answers questions.\n";

const std::string kRoute = kHead +
                           "mounts: [/api/v1/helpdesk]\n"
                           "permissions: [{id: helpdesk.ask, summary: Ask, roles: [admin]}]\n";

// Expects exactly one fault, which contains every word.
void expect_fault(const std::string& yaml, const std::vector<std::string>& words) {
  const auto parsed = parse_manifest(bundle(yaml), "helpdesk.so");
  ASSERT_EQ(parsed.faults.size(), 1u) << yaml << ::testing::PrintToString(parsed.faults);
  const std::string& sentence = parsed.faults.front();
  EXPECT_TRUE(sentence.starts_with("helpdesk.so: ")) << sentence;
  EXPECT_TRUE(sentence.ends_with(".")) << sentence;
  for (const auto& word : words)
    EXPECT_NE(sentence.find(word), std::string::npos) << sentence << " lacks " << word;
}

TEST(Manifest, reads_everything_the_contract_names) {
  BundleText text;
  text.add("plugin.yaml", R"(manifest: 1
id: helpdesk
version: 0.1.0
name: Helpdesk
description: Answers staff questions.
license: Apache-2.0
abi: {epoch: 1, minor: 0}
mounts: [/api/v1/helpdesk]
interfaces: [log, config, sql, services, clock, http_client, jobs, events]
optional_interfaces: [metrics]
outbound: [api.example.com, "127.0.0.1:8080", "setting:base_url"]
permissions:
  - id: helpdesk.ask
    summary: Ask the helpdesk
    roles: [admin, consultant]
settings:
  top_k: {type: integer, default: 5, minimum: 1, maximum: 20, unit: passages, summary: Passages}
  base_url: {type: string, default: "https://x", summary: Where}
  api_key: {type: string, secret: true, summary: Key}
routes:
  - method: POST
    path: /api/v1/helpdesk/ask/{id}/{rest...}
    handler: ask
    permission: helpdesk.ask
    summary: Answer a question
    query: [{name: verbose, type: boolean, default: false, summary: More}, {name: n, type: integer, minimum: 1, maximum: 9, required: true}]
    body: {type: object, required: [question], additionalProperties: false, properties: {question: {type: string, minLength: 1, maxLength: 2000}}}
    response: {type: object}
    status: 201
    body_limit: 1 MiB
    timeout: 30 s
    read_only: true
  - {method: GET, path: /api/v1/helpdesk, handler: home, access: open, summary: Home, tag: Other}
jobs:
  - {kind: index, handler: index_document, attempts: 5, timeout: 300 s}
schedules:
  - {kind: index, every: 1 h}
events:
  publishes: [{type: knowledge.document.indexed, summary: Done}]
  subscribes: [{type: tenant.created, handler: on_tenant_created}]
services:
  provides: [{name: helpdesk.search/1, handler: search, summary: Search}]
  requires: [ai.chat/1]
  optional: [ai.embed/1]
metrics:
  - {name: questions_total, type: counter, summary: Questions}
limits: {concurrency: 16, memory: 512 MiB}
serial: true
blocking: true
migrations: migrations
)");
  text.add("migrations/001_create.up.sql", "CREATE TABLE helpdesk_a (id text)");
  text.add("migrations/001_create.down.sql", "DROP TABLE helpdesk_a");
  const auto parsed = parse_manifest(text.done(), "helpdesk.so");
  ASSERT_TRUE(parsed.faults.empty()) << testing::PrintToString(parsed.faults);
  const Manifest& m = parsed.manifest;
  EXPECT_EQ(m.id, "helpdesk");
  EXPECT_EQ(m.abi_epoch, 1u);
  EXPECT_EQ(m.outbound.size(), 3u);
  ASSERT_EQ(m.routes.size(), 2u);
  EXPECT_EQ(m.routes[0].permission, "helpdesk.ask");
  EXPECT_EQ(m.routes[0].tag, "Helpdesk");
  EXPECT_EQ(m.routes[0].status, 201);
  EXPECT_EQ(m.routes[0].body_limit, 1u << 20);
  EXPECT_EQ(m.routes[0].timeout, std::chrono::seconds(30));
  EXPECT_TRUE(m.routes[0].read_only);
  EXPECT_FALSE(m.routes[1].read_only);
  EXPECT_EQ(m.routes[0].query[0].default_value, "false");
  EXPECT_EQ(m.routes[0].query[1].maximum, 9);
  const auto schema = nlohmann::json::parse(m.routes[0].body_schema);
  EXPECT_EQ(schema["properties"]["question"]["maxLength"], 2000);
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_TRUE(m.routes[1].open);
  EXPECT_EQ(m.jobs[0].attempts, 5);
  EXPECT_EQ(m.schedules[0].every, std::chrono::hours(1));
  EXPECT_EQ(m.concurrency, 16u);
  EXPECT_EQ(m.memory, 512u << 20);
  EXPECT_TRUE(m.serial);
  EXPECT_TRUE(m.blocking);
  ASSERT_EQ(m.migrations.migrations.size(), 1u);
  EXPECT_EQ(m.migrations.owner, "helpdesk");
  EXPECT_EQ(m.migrations.migrations[0].name, "create");
  EXPECT_EQ(m.setting("top_k")->default_value, "5");
  EXPECT_TRUE(m.setting("api_key")->secret);
}

TEST(Manifest, table_prefix_turns_dashes_into_underscores) {
  const auto parsed = parse_manifest(
      bundle("manifest: 1\nid: inbound-email\nversion: 1.0.0\nname: N\ndescription: D\n"), "x");
  ASSERT_TRUE(parsed.faults.empty()) << testing::PrintToString(parsed.faults);
  EXPECT_EQ(parsed.manifest.table_prefix(), "inbound_email_");
}

TEST(Manifest, keeps_quoted_scalars_as_text_and_reads_plain_ones_by_kind) {
  const auto parsed = parse_manifest(
      bundle(kRoute + "routes: [{method: POST, path: /api/v1/helpdesk/a, handler: a, permission: "
                      "helpdesk.ask, summary: A, body: {a: '1', b: 1, c: 1.5, d: true, e: null, f: "
                      "yes, g: 0x10, h: .inf}}]"),
      "x");
  ASSERT_TRUE(parsed.faults.empty()) << testing::PrintToString(parsed.faults);
  EXPECT_EQ(nlohmann::json::parse(parsed.manifest.routes[0].body_schema),
            nlohmann::json::parse(R"({"a":"1","b":1,"c":1.5,"d":true,"e":null,"f":"yes","g":"0x10",
                                      "h":".inf"})"));
}

struct Case {
  const char* name;
  std::string yaml;
  std::vector<std::string> words;
};

class ManifestFault : public ::testing::TestWithParam<Case> {};

TEST_P(ManifestFault, is_one_sentence_with_field_and_mend) {
  expect_fault(GetParam().yaml, GetParam().words);
}

std::string route(const std::string& fields) { return kRoute + "routes: [{" + fields + "}]\n"; }
const std::string kGood =
    "method: POST, path: /api/v1/helpdesk/ask, handler: ask, permission: helpdesk.ask, summary: S";

// A route for links with that signature, and the settings it may name.
std::string signed_route(const std::string& signature, const std::string& method = "POST",
                         const std::string& access = "access: link") {
  return kRoute + "interfaces: [links]\nsettings:\n" + "  key: {type: string, summary: K}\n" +
         "  days: {type: integer, summary: K}\n" +
         "  word: {type: string, secret: true, summary: K}\n" + "routes: [{method: " + method +
         ", path: '/api/v1/helpdesk/in/{link}', handler: a, " + access +
         ", summary: S, signature: " + signature + "}]\n";
}

TEST(Manifest, reads_by_which_key_posts_are_signed) {
  const auto read = [](const std::string& signature) {
    const auto parsed = parse_manifest(bundle(signed_route(signature)), "helpdesk.so");
    EXPECT_TRUE(parsed.faults.empty()) << ::testing::PrintToString(parsed.faults);
    return parsed.manifest.routes.at(0).signature.value();
  };
  EXPECT_EQ(read("{scheme: sendgrid, key: 'setting:key'}").key, "key");
  EXPECT_TRUE(read("{scheme: sendgrid, key: 'setting:key'}").required);
  EXPECT_FALSE(read("{scheme: sendgrid, key: 'setting:key', required: false}").required);
}

INSTANTIATE_TEST_SUITE_P(
    All, ManifestFault,
    ::testing::Values(
        Case{"unknown_key",
             kHead + "colour: red\n",
             {"plugin.yaml: colour:", "not a known key", "mounts"}},
        Case{"format_missing",
             "id: ab\nversion: 1.0.0\nname: N\ndescription: D\n",
             {"manifest: is missing", "manifest: 1"}},
        Case{"format_too_new",
             "manifest: 2\nid: ab\nversion: 1.0.0\nname: N\ndescription: D\n",
             {"manifest:", "outside 1 to 1"}},
        Case{"id_bad",
             "manifest: 1\nid: Help\nversion: 1.0.0\nname: N\ndescription: D\n",
             {"id:", "\"Help\"", "a-z"}},
        Case{"id_reserved",
             "manifest: 1\nid: host\nversion: 1.0.0\nname: N\ndescription: D\n",
             {"id:", "reserved", "choose another"}},
        Case{"version_number",
             "manifest: 1\nid: ab\nversion: 1.0\nname: N\ndescription: D\n",
             {"version:", "quotes"}},
        Case{"version_bad",
             "manifest: 1\nid: ab\nversion: 1.0.x\nname: N\ndescription: D\n",
             {"version:", "1.2.3"}},
        Case{"name_missing",
             "manifest: 1\nid: ab\nversion: 1.0.0\ndescription: D\n",
             {"name: is missing", "add it"}},
        Case{"duplicate_key",
             kHead + "name: Again\n",
             {"line 6", "\"name\" appears twice", "remove"}},
        Case{"not_yaml", kHead + "mounts: [a\n", {"line", "correct the YAML"}},
        Case{"list_top", "- a\n", {"mapping"}},
        Case{"tag", kHead + "license: !!python/object x\n", {"tags", "remove"}},
        Case{"two_documents", kHead + "---\na: b\n", {"exactly one YAML document"}},
        Case{"no_document", "# nothing\n", {"exactly one YAML document"}},
        Case{"comma_behind_the_document",
             "{manifest: 1},\n",
             {"line 1, column 14", "correct the YAML"}},
        Case{"byte_not_utf8", kHead + "license: a\xff\n", {"not valid UTF-8", "save it"}},
        Case{"escaped_surrogate", kHead + "license: \"\\ud800\"\n", {"line 6", "correct the YAML"}},
        Case{"alias_of_nothing", kHead + "license: *a\n", {"line 6", "&a", "correct the YAML"}},
        Case{"tag_of_a_mapping", kHead + "limits: !x {}\n", {"tags", "remove"}},
        Case{"mount_bad", kHead + "mounts: [api]\n", {"mounts[0]:", "/api/v1/helpdesk"}},
        Case{"mounts_overlap",
             kHead + "mounts: [/a/b, /a/b/c]\n",
             {"mounts[1]:", "overlaps", "\"/a/b\""}},
        Case{"interface_unknown",
             kHead + "interfaces: [shell]\n",
             {"interfaces:", "\"shell\"", "use one of: log"}},
        Case{
            "interface_response", kHead + "interfaces: [response]\n", {"always granted", "remove"}},
        Case{"interface_twice",
             kHead + "interfaces: [log]\noptional_interfaces: [log]\n",
             {"optional_interfaces:", "twice"}},
        Case{"outbound_bad",
             kHead + "interfaces: [http_client]\noutbound: ['https://x']\n",
             {"outbound[0]:", "host:port"}},
        Case{"outbound_setting",
             kHead + "interfaces: [http_client]\noutbound: ['setting:url']\n",
             {"outbound[0]:", "not declared", "settings"}},
        Case{"outbound_without_interface",
             kHead + "outbound: [x.org]\n",
             {"outbound:", "add http_client"}},
        Case{"permission_prefix",
             kHead + "permissions: [{id: other.ask, summary: S}]\n",
             {"permissions[0].id:", "helpdesk.read"}},
        Case{"permission_twice",
             kHead + "permissions: [{id: helpdesk.a, summary: S}, {id: helpdesk.a, summary: S}]\n",
             {"permissions[1].id:", "twice"}},
        Case{"route_method",
             route("method: FETCH, path: /api/v1/helpdesk/a, handler: a, permission: "
                   "helpdesk.ask, summary: S"),
             {"routes[0].method:", "\"FETCH\"", "GET"}},
        Case{"route_outside",
             route("method: GET, path: /api/v1/helpdeskish, handler: a, permission: "
                   "helpdesk.ask, summary: S"),
             {"routes[0].path:", "outside the plugin's mounts", "add"}},
        Case{"route_permission_missing",
             route("method: GET, path: /api/v1/helpdesk/a, handler: a, summary: S"),
             {"routes[0].permission:", "is missing", "access: open"}},
        Case{"route_permission_undeclared",
             route("method: GET, path: /api/v1/helpdesk/a, handler: a, permission: helpdesk.b, "
                   "summary: S"),
             {"routes[0].permission:", "\"helpdesk.b\"", "not declared", "add it under"}},
        Case{"route_both", route(kGood + ", access: open"), {"routes[0].access:", "keep one"}},
        Case{"route_access",
             route("method: GET, path: /api/v1/helpdesk/a, handler: a, access: all, permission: "
                   "helpdesk.ask, summary: S"),
             {"routes[0].access:", "\"all\"", "open"}},
        Case{"route_twice",
             kRoute + "routes: [{" + kGood +
                 "}, {method: POST, path: /api/v1/helpdesk/ask, handler: "
                 "b, permission: helpdesk.ask, summary: S}]\n",
             {"routes[1].path:", "routes[0]", "remove one"}},
        Case{"route_same_shape",
             kRoute +
                 "routes: [{method: GET, path: '/api/v1/helpdesk/{a}', handler: b, permission: "
                 "helpdesk.ask, summary: S}, {method: GET, path: '/api/v1/helpdesk/{b}', "
                 "handler: b, permission: helpdesk.ask, summary: S}]\n",
             {"routes[1].path:", "routes[0]"}},
        Case{"route_half_parameter",
             route("method: GET, path: '/api/v1/helpdesk/a{b}', handler: a, permission: "
                   "helpdesk.ask, summary: S"),
             {"routes[0].path:", "whole segment"}},
        Case{"route_rest_inside",
             route("method: GET, path: '/api/v1/helpdesk/{r...}/x', handler: a, permission: "
                   "helpdesk.ask, summary: S"),
             {"routes[0].path:", "last segment"}},
        Case{"route_body_on_get",
             route("method: GET, path: /api/v1/helpdesk/a, handler: a, permission: helpdesk.ask, "
                   "summary: S, body: {type: object}"),
             {"routes[0].body:", "remove"}},
        Case{"route_body_limit",
             route(kGood + ", body_limit: 1 MB"),
             {"routes[0].body_limit:", "1 MiB"}},
        Case{"route_read_only_deletes",
             route("method: DELETE, path: /api/v1/helpdesk/a, handler: a, permission: "
                   "helpdesk.ask, summary: S, read_only: true"),
             {"routes[0].read_only:", "GET and POST"}},
        Case{"route_read_only_takes_files",
             route(kGood + ", multipart: true, read_only: true"),
             {"routes[0].read_only:", "without files"}},
        Case{"route_event_stream_posts",
             route(kGood + ", event_stream: answer"),
             {"routes[0].event_stream:", "GET"}},
        Case{"route_event_stream_is_old",
             route("method: GET, path: /api/v1/helpdesk/a, handler: a, permission: helpdesk.ask, "
                   "summary: S, event_stream: answer, read_only: true"),
             {"routes[0].event_stream:", "read_only"}},
        Case{"route_event_stream_name",
             route("method: GET, path: /api/v1/helpdesk/a, handler: a, permission: helpdesk.ask, "
                   "summary: S, event_stream: An answer"),
             {"routes[0].event_stream:", "word"}},
        Case{"signature_on_get",
             signed_route("{scheme: sendgrid, key: 'setting:key'}", "GET"),
             {"routes[0].signature:", "POST", "access: link", "remove"}},
        Case{"signature_without_link",
             signed_route("{scheme: sendgrid, key: 'setting:key'}", "POST", "access: open"),
             {"routes[0].signature:", "access: link", "remove"}},
        Case{"signature_scheme",
             signed_route("{scheme: hmac, key: 'setting:key'}"),
             {"routes[0].signature.scheme:", "\"hmac\"", "sendgrid"}},
        Case{"signature_without_key",
             signed_route("{scheme: sendgrid}"),
             {"routes[0].signature.key:", "missing"}},
        Case{"signature_key_of_no_setting",
             signed_route("{scheme: sendgrid, key: MFkwEw}"),
             {"routes[0].signature.key:", "\"MFkwEw\"", "setting:"}},
        Case{"signature_key_unknown",
             signed_route("{scheme: sendgrid, key: 'setting:kee'}"),
             {"routes[0].signature.key:", "\"setting:kee\"", "not declared", "settings"}},
        Case{"signature_key_no_text",
             signed_route("{scheme: sendgrid, key: 'setting:days'}"),
             {"routes[0].signature.key:", "string"}},
        Case{"signature_key_secret",
             signed_route("{scheme: sendgrid, key: 'setting:word'}"),
             {"routes[0].signature.key:", "no secret"}},
        Case{"signature_more",
             signed_route("{scheme: sendgrid, key: 'setting:key', header: X}"),
             {"routes[0].signature.header:", "not a known key"}},
        Case{"route_timeout", route(kGood + ", timeout: soon"), {"routes[0].timeout:", "30 s"}},
        Case{"route_status", route(kGood + ", status: 500"), {"routes[0].status:", "200 to 399"}},
        Case{"route_schema", route(kGood + ", body: text"), {"routes[0].body:", "JSON Schema"}},
        Case{"route_unknown", route(kGood + ", cache: 5"), {"routes[0].cache:", "not a known key"}},
        Case{"query_type",
             route(kGood + ", query: [{name: a, type: date}]"),
             {"routes[0].query[0].type:", "\"date\"", "integer"}},
        Case{"query_default",
             route(kGood + ", query: [{name: a, type: integer, default: x}]"),
             {"routes[0].query[0].default:", "integer"}},
        Case{"query_twice",
             route(kGood + ", query: [{name: a}, {name: a}]"),
             {"routes[0].query[1].name:", "twice"}},
        Case{"setting_type",
             kHead + "settings: {a: {type: date, summary: S}}\n",
             {"settings.a.type:", "\"date\""}},
        Case{"setting_default",
             kHead + "settings: {a: {type: integer, default: 9, maximum: 5, "
                     "summary: S}}\n",
             {"settings.a.default:", "at most 5"}},
        Case{"setting_secret_default",
             kHead + "settings: {a: {type: string, secret: true, default: x, summary: S}}\n",
             {"settings.a.default:", "secret", "remove"}},
        Case{"setting_summary",
             kHead + "settings: {a: {type: string}}\n",
             {"settings.a.summary:", "is missing"}},
        Case{"schedule_undeclared",
             kHead + "schedules: [{kind: x, every: 1 h}]\n",
             {"schedules[0].kind:", "not declared", "jobs"}},
        Case{"schedule_short",
             kHead + "jobs: [{kind: x, handler: h}]\nschedules: [{kind: x, every: 1 s}]\n",
             {"schedules[0].every:", "10 s"}},
        Case{"job_twice",
             kHead + "jobs: [{kind: x, handler: h}, {kind: x, handler: h}]\n",
             {"jobs[1].kind:", "twice"}},
        Case{"job_attempts",
             kHead + "jobs: [{kind: x, handler: h, attempts: 0}]\n",
             {"jobs[0].attempts:", "1 to 100"}},
        Case{"event_type",
             kHead + "interfaces: [events]\nevents: {publishes: [{type: sent, summary: S}]}\n",
             {"events.publishes[0].type:", "quote.sent"}},
        Case{"event_without_interface",
             kHead + "events: {publishes: [{type: a.b, summary: S}]}\n",
             {"events.publishes:", "add events"}},
        Case{"service_name",
             kHead + "services: {provides: [{name: search, handler: s, summary: S}]}\n",
             {"services.provides[0].name:", "knowledge.search/1"}},
        Case{"service_own",
             kHead + "interfaces: [services]\nservices: {provides: [{name: a.b/1, handler: s, "
                     "summary: S}], requires: [a.b/1]}\n",
             {"services.requires:", "own"}},
        Case{"service_without_interface",
             kHead + "services: {requires: [a.b/1]}\n",
             {"services.requires:", "add services"}},
        Case{"metric_type",
             kHead + "interfaces: [metrics]\nmetrics: [{name: a, type: timer, summary: S}]\n",
             {"metrics[0].type:", "counter, gauge or histogram"}},
        Case{"limits", kHead + "limits: {concurrency: 0}\n", {"limits.concurrency:", "1 to"}},
        Case{"flag", kHead + "serial: maybe\n", {"serial:", "true or false"}},
        Case{"abi_without_epoch", kHead + "abi: {minor: 0}\n", {"abi.epoch:", "missing"}},
        Case{"migrations_empty",
             kHead + "migrations: migrations\n",
             {"migrations:", "folder without migrations"}}),
    [](const auto& which) { return which.param.name; });

std::vector<std::string> faults_with(const std::vector<std::pair<std::string, std::string>>& files,
                                     const std::string& extra = "migrations: migrations\n") {
  BundleText text;
  text.add("plugin.yaml", kHead + extra);
  for (const auto& [path, bytes] : files) text.add(path, bytes);
  return parse_manifest(text.done(), "helpdesk.so").faults;
}

TEST(Manifest, refuses_a_gap_in_the_numbers_of_migrations) {
  const auto faults =
      faults_with({{"migrations/002_b.up.sql", "x"}, {"migrations/002_b.down.sql", "x"}});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("number 2 where 1 was expected"), std::string::npos) << faults[0];
}

TEST(Manifest, refuses_a_migration_without_a_way_back) {
  const auto faults = faults_with({{"migrations/001_a.up.sql", "x"}});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("no .down.sql"), std::string::npos) << faults[0];
}

TEST(Manifest, refuses_a_file_that_is_no_migration) {
  const auto faults = faults_with({{"migrations/001_a.up.sql", "x"},
                                   {"migrations/001_a.down.sql", "x"},
                                   {"migrations/readme.md", "x"}});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("NNN_name.up.sql"), std::string::npos) << faults[0];
}

TEST(Manifest, refuses_two_migrations_of_one_number) {
  const auto faults =
      faults_with({{"migrations/001_a.up.sql", "x"}, {"migrations/001_b.down.sql", "x"}});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("its own number"), std::string::npos) << faults[0];
}

TEST(Manifest, takes_the_folder_migrations_where_none_is_named) {
  BundleText text;
  text.add("plugin.yaml", kHead);
  text.add("migrations/001_a.up.sql", "x");
  text.add("migrations/001_a.down.sql", "y");
  const auto parsed = parse_manifest(text.done(), "helpdesk.so");
  ASSERT_TRUE(parsed.faults.empty()) << ::testing::PrintToString(parsed.faults);
  ASSERT_EQ(parsed.manifest.migrations.migrations.size(), 1u);
  EXPECT_EQ(parsed.manifest.migrations.migrations[0].up, "x");
}

TEST(Manifest, refuses_migrations_in_a_folder_that_is_not_declared) {
  EXPECT_EQ(faults_with({{"migrations/001_a.up.sql", "x"}}, "migrations: sql\n").size(), 2u);
  EXPECT_EQ(faults_with({{"migrations/001_a.up.sql", "x"}}, "migrations: ''\n").size(), 1u);
  const auto faults = faults_with({{"sql/001_a.up.sql", "x"}}, "");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].find("not declared"), std::string::npos) << faults[0];
}

TEST(Manifest, lists_all_faults_at_once) {
  const auto parsed = parse_manifest(bundle("manifest: 1\nid: A\nversion: x\ncolour: red\n"), "x");
  EXPECT_EQ(parsed.faults.size(), 5u) << ::testing::PrintToString(parsed.faults);
}

TEST(Manifest, survives_aliases_that_multiply) {
  std::string yaml = kHead + "license: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  yaml += "settings:\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = std::to_string(i - 1);
    yaml += "  s" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) yaml += (j ? ", *a" : "*a") + last;
    yaml += "]\n";
  }
  expect_fault(yaml, {"20000 values", "shorten"});
}

TEST(Manifest, survives_an_alias_of_itself) {
  expect_fault(kHead + "license: &a [*a]\n", {"nested deeper"});
}

TEST(Manifest, survives_endless_nesting) {
  const auto parsed = parse_manifest(bundle(kHead + "license: " + std::string(100'000, '[')), "x");
  EXPECT_EQ(parsed.faults.size(), 1u);
}

TEST(Manifest, refuses_bytes_that_are_not_utf8) {
  const auto parsed = parse_manifest(bundle(kHead + "license: \"\xff\xfe\"\n"), "x");
  EXPECT_FALSE(parsed.faults.empty());
}

TEST(Sizes, take_only_whole_numbers_with_a_unit) {
  EXPECT_EQ(parse_size("1 MiB"), 1u << 20);
  EXPECT_EQ(parse_size("512KiB"), 512u << 10);
  for (const char* bad :
       {"", "1", "MiB", "1 MB", "-1 MiB", "0 B", "1.5 MiB", "1  MiB", "99999999999999999999 B"})
    EXPECT_FALSE(parse_size(bad)) << bad;
}

TEST(Durations, take_only_whole_numbers_with_a_unit) {
  EXPECT_EQ(parse_duration("30 s"), std::chrono::seconds(30));
  EXPECT_EQ(parse_duration("2 d"), std::chrono::hours(48));
  for (const char* bad : {"", "30", "30 sec", "0 s", "-1 s", "9999999 d"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

}  // namespace
}  // namespace host::plugins
