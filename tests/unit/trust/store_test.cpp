// The trust store: strict, and all faults at once.
#include "trust/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/trust/author.hpp"

namespace host::trust::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Store : ::testing::Test {
  LoadedStore load() { return load_store(folder.path()); }
  // The faults of a key file, `what` in it replaced.
  std::vector<std::string> faults(const std::string& what, const std::string& by) {
    auto text = ada.key_file();
    const auto at = text.find(what);
    if (at == text.npos) return {"the test looks for what is not there: " + what};
    write(folder.path() / "ada.yaml", text.replace(at, what.size(), by));
    return load().faults;
  }
  Author ada, eve;
  serai_test::TemporaryDirectory folder;
};

TEST_F(Store, knows_levels_tenants_and_revocations) {
  write(folder.path() / "ada.yaml", ada.key_file("core"));
  write(folder.path() / "eve.yaml", eve.key_file("tenant-private") + "tenants: [lagoon, reef]\n");
  const auto package = to_hex(blake2b_256("bad"));
  write(folder.path() / "revoked.yaml",
        "serai_revocations: 1\nkeys: [\"" + eve.id() + "\"]\npackages: [\"" + package + "\"]\n");
  write(folder.path() / "README.md", "why we trust them");
  const auto loaded = load();
  ASSERT_THAT(loaded.faults, IsEmpty());
  EXPECT_EQ(loaded.store.keys.at(ada.id()).level, Level::core);
  EXPECT_EQ(loaded.store.keys.at(ada.id()).key, ada.key.public_key());
  EXPECT_EQ(loaded.store.keys.at(eve.id()).level, Level::tenant_private);
  EXPECT_THAT(loaded.store.keys.at(eve.id()).tenants, ElementsAre("lagoon", "reef"));
  EXPECT_THAT(loaded.store.revoked_keys, ElementsAre(eve.id()));
  EXPECT_THAT(loaded.store.revoked_packages, ElementsAre(package));
}

TEST_F(Store, without_a_folder_trusts_nobody) {
  EXPECT_THAT(load_store({}).store.keys, IsEmpty());
  EXPECT_THAT(load_store({}).faults, IsEmpty());
  EXPECT_THAT(load_store(folder.path() / "nowhere").faults,
              ElementsAre(HasSubstr("plugins.trust")));
}

// keygen leaves the level open: nobody is trusted by putting a file somewhere.
TEST_F(Store, asks_for_the_level_that_keygen_leaves_open) {
  write(folder.path() / "ada.yaml", ada.key_file(""));
  EXPECT_THAT(load().faults, ElementsAre(HasSubstr("level is missing; write core, verified or")));
}

TEST_F(Store, lists_all_faults_at_once_and_then_trusts_nobody) {
  write(folder.path() / "ada.yaml", ada.key_file());
  write(folder.path() / "bad.yaml",
        "serai_key: 2\nid: x\npublic_key: AA\nlevel: holy\ntenants: [NO!]\nnot_before: "
        "now\ncolour: red\n");
  write(folder.path() / "revoked.yaml", "serai_revocations: 1\nkeys: [short]\npackages: all\n");
  write(folder.path() / "ada.secret", "whatever");
  const auto loaded = load();
  EXPECT_THAT(loaded.store.keys, IsEmpty()) << "ada's good file counts no more";
  const auto has = [&](const std::string& text) {
    EXPECT_THAT(loaded.faults, ::testing::Contains(HasSubstr(text)));
  };
  has("bad.yaml:1: the version must be 1");
  has("bad.yaml:3: public_key must be 64");
  has("bad.yaml:4: level must be one of");
  has("bad.yaml:5: must be a list of tenants' ids");
  has("bad.yaml:6: must be a time such as");
  has("bad.yaml:7: colour is not a known key");
  has("bad.yaml: not_after is missing");
  has("revoked.yaml:2: must be a list of key ids");
  has("revoked.yaml:3: must be a list of package hashes");
  has("ada.secret: does not belong into a trust store");
  EXPECT_EQ(loaded.faults.size(), 10u);
}

TEST_F(Store, refuses_a_second_document_in_a_key) {
  EXPECT_THAT(faults("level: verified", "level: verified\n---\nlevel: core"),
              ElementsAre(HasSubstr("one YAML document")));
}

TEST_F(Store, refuses_what_contradicts_itself) {
  EXPECT_THAT(faults("serai_key: 1", "serai_key: 1 "), IsEmpty()) << "the test's own baseline";
  EXPECT_THAT(faults(ada.id(), eve.id()),
              ElementsAre(HasSubstr("id is not that of the public_key")));
  EXPECT_THAT(faults("2026-06-11", "2026-05-01"),
              ElementsAre(HasSubstr("not_after must be later")));
  EXPECT_THAT(faults("level: verified", "level: tenant-private"),
              ElementsAre(HasSubstr("tenants")));
  EXPECT_THAT(faults("level: verified", "level: verified\ntenants: [lagoon]"),
              ElementsAre(HasSubstr("tenants")));
  EXPECT_THAT(faults("level: verified", "level: verified\nlevel: core"),
              ElementsAre(HasSubstr("twice")));
  EXPECT_THAT(faults("serai_key: 1", "{ not: [yaml"), ElementsAre(HasSubstr("not YAML")));
  write(folder.path() / "ada.yaml", ada.key_file());
  write(folder.path() / "ada-again.yaml", ada.key_file("core"));
  EXPECT_THAT(load().faults, ElementsAre(HasSubstr("stands in two files")));
}

}  // namespace
}  // namespace host::trust::testing
