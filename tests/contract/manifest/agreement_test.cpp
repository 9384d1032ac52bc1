// The host's reader of plugin.yaml beside the fake host's: an author whose tests pass must not
// learn from the real host that the manifest was wrong.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <serai/testing/fake_host.hpp>

#include "plugins/manifest.hpp"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Files = std::vector<std::pair<std::string, std::string>>;

std::string bundle_of(const std::string& manifest, const Files& files = {}) {
  std::string bundle = "serai-bundle 1\n";
  const auto add = [&](const std::string& path, const std::string& content) {
    bundle += "file " + path + " " + std::to_string(content.size()) + "\n" + content + "\n";
  };
  add("plugin.yaml", manifest);
  for (const auto& [path, content] : files) add(path, content);
  return bundle + "end\n";
}

std::string host_says(const std::string& manifest, const Files& files = {}) {
  std::string all;
  for (const auto& fault : host::plugins::parse_manifest(bundle_of(manifest, files), "x.so").faults)
    all += fault + "\n";
  return all;
}

std::string fake_says(const std::string& manifest, const Files& files = {}) {
  const std::string bundle = bundle_of(manifest, files);
  serai_entry entry{};
  entry.struct_size = sizeof entry;
  entry.abi_epoch = SERAI_ABI_EPOCH;
  entry.manifest = {bundle.data(), bundle.size()};
  try {
    const serai::testing::FakeHost host(entry);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

// JSON is YAML.
json good() {
  return json::parse(R"({
    "manifest": 1, "id": "good", "version": "1.0.0", "name": "Good", "description": "Nothing wrong.",
    "mounts": ["/api/v1/good"], "interfaces": ["sql", "http_client", "jobs", "metrics", "events"], "optional_interfaces": ["program", "links"],
    "programs": ["pdftotext"],
    "outbound": ["setting:url", "api.example.com:8443"],
    "permissions": [{"id": "good.read", "summary": "Read", "roles": ["admin"]}],
    "settings": {"url": {"type": "string", "summary": "Where"},
                 "key": {"type": "string", "summary": "Key", "secret": true},
                 "size": {"type": "integer", "summary": "Size", "default": 5, "minimum": 1}},
    "routes": [{"method": "POST", "path": "/api/v1/good/{id}", "handler": "h", "summary": "S",
                "permission": "good.read", "body": {"type": "object"}, "timeout": "5 s",
                "body_limit": "1 MiB",
                "query": [{"name": "limit", "type": "integer", "default": 3}]},
               {"method": "GET", "path": "/api/v1/good/feed", "handler": "f", "summary": "S", "permission": "good.read", "event_stream": "number"},
               {"method": "GET", "path": "/api/v1/good/l/{link}", "handler": "l", "summary": "S", "access": "link"},
               {"method": "POST", "path": "/api/v1/good/p/{link}", "handler": "p", "summary": "S", "access": "link",
                "signature": {"scheme": "sendgrid", "key": "setting:url", "required": false}}],
    "jobs": [{"kind": "work", "handler": "w", "attempts": 3}],
    "schedules": [{"kind": "work", "every": "1 h"}],
    "events": {"publishes": [{"type": "good.done", "summary": "Done"}]},
    "services": {"provides": [{"name": "good.ask/1", "handler": "a", "summary": "Ask"}]},
    "metrics": [{"name": "asked_total", "type": "counter", "summary": "Asked"}],
    "limits": {"concurrency": 4}})");
}

TEST(Manifests, that_are_good_please_both) {
  const auto text = good().dump();
  EXPECT_EQ(host_says(text), "");
  EXPECT_EQ(fake_says(text), "");
}

TEST(Manifests, of_this_tree_please_the_fake_host) {
  int seen = 0;
  std::error_code none;
  for (const char* folder : {"plugins", "sdk/examples"}) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(SERAI_SOURCE_DIRECTORY) / folder)) {
      if (entry.path().filename() != "plugin.yaml") continue;
      std::ifstream in(entry.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      Files migrations;
      for (const auto& file : fs::directory_iterator(entry.path().parent_path() / "migrations",
                                                     fs::directory_options::none, none))
        migrations.emplace_back("migrations/" + file.path().filename().string(), "SELECT 1;");
      EXPECT_EQ(fake_says(text, migrations), "") << entry.path();
      EXPECT_EQ(host_says(text, migrations), "") << entry.path();
      ++seen;
    }
  }
  EXPECT_GE(seen, 8);
}

// Each changes a good manifest at one place: {pointer, new value}; "absent" takes it away.
TEST(Manifests, that_are_wrong_please_neither) {
  const json changes = json::parse(R"([
    ["/colour", "red"], ["/manifest", 2], ["/manifest", "absent"], ["/id", "Good"], ["/id", "absent"],
    ["/version", "1"], ["/name", "absent"], ["/mounts/0", "/api/v1/good/"], ["/mounts/0", "/other"],
    ["/interfaces/0", "sqll"], ["/interfaces/0", "http_client"], ["/interfaces/1", "log"],
    ["/interfaces/3", "log"], ["/interfaces/4", "log"],
    ["/outbound/0", "setting:nowhere"], ["/outbound/1", "https://api.example.com"],
    ["/permissions/0/id", "other.read"], ["/permissions/0/summary", "absent"],
    ["/permissions/0/rolls", []], ["/settings/size/type", "int"], ["/settings/size/default", 0],
    ["/settings/size/default", "five"], ["/settings/size/max", 5], ["/settings/Size", {"type": "string", "summary": "x"}],
    ["/settings/key/default", "k"], ["/settings/url/summary", "absent"],
    ["/routes/0/method", "FETCH"], ["/routes/0/method", "GET"], ["/routes/0/path", "/elsewhere"],
    ["/routes/0/handler", "absent"], ["/routes/0/summary", "absent"], ["/routes/0/permission", "absent"],
    ["/routes/0/permission", "good.write"], ["/routes/0/access", "open"], ["/routes/0/acess", "open"],
    ["/routes/0/multipart", true], ["/routes/0/timeout", "5"], ["/routes/0/body_limit", "1 MB"],
    ["/routes/0/status", 500], ["/routes/0/query/0/type", "int"], ["/routes/0/query/0/sumary", "x"],
    ["/routes/0/query/1", {"name": "limit"}],
    ["/jobs/0/attempts", 0], ["/jobs/0/kind", "Work"], ["/jobs/0/retries", 3], ["/jobs/1", {"kind": "work", "handler": "w"}],
    ["/schedules/0/kind", "other"], ["/schedules/0/every", "hourly"],
    ["/events/publishes/0/type", "done"], ["/events/publish", []],
    ["/services/provides/0/name", "good.ask"], ["/services/provides/0/name", "serai.ask/1"], ["/services/requires", ["x.y/1"]],
    ["/metrics/0/type", "meter"], ["/metrics/1", {"name": "asked_total", "type": "gauge", "summary": "x"}],
    ["/limits/cpu", 1], ["/serial", "yes"],
    ["/id", "host"], ["/version", "01.0.0"], ["/mounts/1", "/api/v1/good/more"], ["/mounts/0", "/api/../v1"],
    ["/programs/0", "/usr/bin/pdftotext"], ["/optional_interfaces", []], ["/outbound/1", "api.example.com:70000"],
    ["/routes/0/path", "/api/v1/good/{id}x"], ["/routes/0/path", "/api/v1/good/{rest...}/x"],
    ["/routes/0/path", "/api/v1/good/{id}/{id}"], ["/routes/0/path", "/api/v1/good/{Id}"],
    ["/routes/0/path", "/api/v1/good//x"], ["/routes/0/timeout", "0 s"], ["/routes/0/timeout", "400 d"],
    ["/routes/0/body_limit", "0 B"],
    ["/routes/2", {"method": "POST", "path": "/api/v1/good/{other}", "handler": "h", "summary": "S", "access": "open"}],
    ["/routes/2/permission", "good.read"], ["/routes/2/access", "links"], ["/routes/2/path", "/api/v1/good/l/{id}"],
    ["/routes/2/path", "/api/v1/good/l/{link}/{id}"], ["/routes/2/path", "/api/v1/good/l/{link...}"],
    ["/routes/1/event_stream", "A number"], ["/routes/1/method", "POST"], ["/routes/1/read_only", true],
    ["/routes/1/status", 201], ["/routes/1/permission", "absent"], ["/routes/2/event_stream", "number"],
    ["/routes/3/method", "PUT"], ["/routes/3/access", "open"], ["/routes/3/signature", "sendgrid"],
    ["/routes/3/signature/scheme", "hmac"], ["/routes/3/signature/scheme", "absent"],
    ["/routes/3/signature/key", "absent"], ["/routes/3/signature/key", "url"], ["/routes/3/signature/key", "setting:"],
    ["/routes/3/signature/key", "setting:nowhere"], ["/routes/3/signature/key", "setting:key"],
    ["/routes/3/signature/key", "setting:size"], ["/routes/3/signature/required", "yes"],
    ["/routes/3/signature/header", "X-Signature"],
    ["/routes/0/signature", {"scheme": "sendgrid", "key": "setting:url"}],
    ["/optional_interfaces", ["program"]],
    ["/routes/0/query/0/default", "three"], ["/routes/0/query/0/required", true],
    ["/schedules/0/every", "9 s"], ["/events/publishes/1", {"type": "good.done", "summary": "Again"}],
    ["/events/subscribes", [{"type": "a.b", "handler": "x"}, {"type": "a.b", "handler": "y"}]],
    ["/services/provides/1", {"name": "good.ask/1", "handler": "a", "summary": "Ask"}],
    ["/migrations", "sql"]])");
  for (const auto& change : changes) {
    json manifest = good();
    const json::json_pointer where(change[0].get<std::string>());
    if (change[1] == "absent")
      manifest.at(where.parent_pointer()).erase(where.back());
    else
      manifest[where] = change[1];
    EXPECT_NE(host_says(manifest.dump()), "") << "the host takes " << change;
    EXPECT_NE(fake_says(manifest.dump()), "") << "the fake host takes " << change;
  }
}

TEST(Manifests, that_are_no_single_clear_document_please_neither) {
  const std::string text = good().dump();
  for (const std::string& wrong :
       {text + "\n---\n" + text, std::string("id: twice\nid: twice\n"), std::string("- a list\n"),
        std::string("{a: 1"), std::string()}) {
    EXPECT_NE(host_says(wrong), "") << wrong;
    EXPECT_NE(fake_says(wrong), "") << wrong;
  }
}

TEST(Migrations, that_are_good_please_both) {
  const Files files = {{"migrations/001_make.down.sql", "DROP TABLE good_a;"},
                       {"migrations/001_make.up.sql", "CREATE TABLE good_a (id text);"}};
  EXPECT_EQ(host_says(good().dump(), files), "");
  EXPECT_EQ(fake_says(good().dump(), files), "");
}

TEST(Migrations, that_are_wrong_please_neither) {
  const std::string up = "CREATE TABLE good_a (id text);", down = "DROP TABLE good_a;";
  const Files wrong[] = {
      {{"migrations/001_make.up.sql", up}},                                          // no way back
      {{"migrations/001_make.down.sql", down}},                                      // no way there
      {{"migrations/002_make.up.sql", up}, {"migrations/002_make.down.sql", down}},  // a gap
      {{"migrations/001_make.up.sql", up}, {"migrations/001_other.down.sql", down}},  // two names
      {{"migrations/1_make.up.sql", up}, {"migrations/1_make.down.sql", down}},       // short
      {{"sql/001_make.up.sql", up}, {"sql/001_make.down.sql", down}},                 // elsewhere
      {{"migrations/001_make.up.sql", ""}, {"migrations/001_make.down.sql", down}},   // empty
      {{"migrations/README.md", "Words."}}};
  for (const Files& files : wrong) {
    EXPECT_NE(host_says(good().dump(), files), "") << files.front().first;
    EXPECT_NE(fake_says(good().dump(), files), "") << files.front().first;
  }
}

}  // namespace
