// What the trust suites share: somebody who signs plugins with the real command line, an operator
// with a trust store, and packages that an attacker has changed.
#pragma once

#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {

// A library as the build made it, of another version: manifests are readable in the file, and the
// new number is as long as the old.
inline std::string library_of(const std::string& id, const std::string& version = "0.1.0") {
  auto bytes = read_file(built_plugin(id));
  const std::string old = "version: 0.1.0";
  for (auto at = bytes.find(old); at != bytes.npos; at = bytes.find(old, at + 1))
    bytes.replace(at, old.size(), "version: " + version);
  return bytes;
}

inline std::string run_well(const std::vector<std::string>& arguments) {
  const auto result = run_serai(arguments);
  EXPECT_EQ(result.status, 0) << arguments.at(1) << ": " << result.err;
  return result.out;
}

class Author {
 public:
  Author() {
    const auto out = run_well({"plugin", "keygen", path("ada"), "--owner", "Ada"});
    std::smatch found;
    if (std::regex_search(out, found, std::regex("key ([0-9a-f]{32})"))) id_ = found[1];
  }

  const std::string& id() const { return id_; }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string secret() const { return path("ada.secret"); }
  // As an operator writes it into the trust store.
  std::string key_file(const std::string& level, const std::string& more = "") const {
    return read_file(path("ada.yaml")) + "level: " + level + "\n" + more;
  }

  // Packs a library; the package's path.
  std::string pack(const std::string& library, const std::string& name = "plugin") const {
    write_file(path(name + ".so"), library);
    run_well({"plugin", "pack", path(name + ".so"), "--out", path(name + ".seraiplugin")});
    return path(name + ".seraiplugin");
  }
  std::string sign(const std::string& package, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"plugin", "sign", package, "--key", secret()});
    run_well(more);
    return package;
  }
  std::string signed_package(const std::string& library, const std::string& name = "plugin") const {
    return sign(pack(library, name));
  }

 private:
  TemporaryDirectory folder_;
  std::string id_;
};

// A host that trusts whom its store says, and nobody else.
class TrustingHost : public testing::Test {
 protected:
  static RunningHost::Options options(const TemporaryDirectory& store) {
    RunningHost::Options out;
    out.profile["developer_mode"] = false;
    out.profile["plugins"]["trust"] = store.path().string();
    return out;
  }

  void trust(const Author& author, const std::string& level, const std::string& more = "") {
    write_file(store_.path() / (author.id() + ".yaml"), author.key_file(level, more));
  }
  void revoke(const std::string& yaml) {
    write_file(store_.path() / "revoked.yaml", "serai_revocations: 1\n" + yaml);
  }
  nlohmann::json plugin(const std::string& id) {
    const auto list = host_.admin().get("/api/v1/admin/plugins").json();
    for (const auto& entry : list["data"])
      if (entry["id"] == id) return entry;
    return nullptr;
  }
  Answer upload(const std::string& package, const HttpClient::Headers& fields = {}) {
    return host_.admin().upload("/api/v1/admin/plugins",
                                {"file", "p.seraiplugin", "application/octet-stream", package},
                                fields);
  }
  // Refused with one sentence that has `words`; what ran goes on.
  void expect_refused(const std::string& package, const std::string& words,
                      const HttpClient::Headers& fields = {{"placement", "in-process"}}) {
    const auto before = plugin("hello");
    const auto answer = upload(package, fields);
    EXPECT_TRUE(answer.status == 409 || answer.status == 422) << answer.status << answer.body;
    if (answer.status != 409 && answer.status != 422) return;
    const std::string detail = answer.json()["detail"];
    EXPECT_THAT(detail, testing::HasSubstr(words));
    EXPECT_EQ(detail.find('\n'), detail.npos);
    EXPECT_EQ(plugin("hello"), before);
    if (!before.is_null()) {
      EXPECT_EQ(host_.client().get("/api/v1/hello/Anna").json()["hello"], "Anna");
    }
  }

  Author ada_;
  TemporaryDirectory store_;
  RunningHost host_{options(store_)};
};

}  // namespace serai_test
