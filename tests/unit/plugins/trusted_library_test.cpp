// The loader and the trust policy: what was verified is what is mapped, and nothing else gets in.
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/library.hpp"
#include "serai/abi/entry.h"
#include "trust/package_file.hpp"
#include "unit/plugins/world.hpp"
#include "unit/trust/author.hpp"

namespace host::plugins {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using trust::testing::Author;
using trust::testing::Operator;
using trust::testing::write;

struct TrustedLibrary : ::testing::Test {
  TrustedLibrary() { op.trusts(ada, "core"); }

  std::string signed_package(const std::filesystem::path& library) {
    const std::string plain = trust::pack(library);
    trust::Package package;
    EXPECT_EQ(trust::parse_package(plain, package), "");
    return trust::with_signature(package, ada.sign(package.hash()));
  }
  // The reason why these bytes are not loaded; empty: they are accepted.
  std::string refusal(const std::string& bytes, bool isolated = false) {
    write(file, bytes);
    const auto policy = op.policy();
    try {
      const Library library(file, &policy, isolated);
      verdict = library.verdict();
      return "";
    } catch (const LoadError& error) {
      return error.what();
    }
  }

  Author ada;
  Operator op;
  Folder folder;
  const std::filesystem::path file = folder.path() / "gamma.seraiplugin";
  trust::Verdict verdict;
};

TEST_F(TrustedLibrary, comes_out_of_its_package_with_its_verdict) {
  const auto bytes = signed_package(PROBE_GAMMA);
  EXPECT_EQ(refusal(bytes), "");
  EXPECT_EQ(verdict.level, trust::Level::core);
  EXPECT_EQ(verdict.key, ada.id());
  const auto policy = op.policy();
  Library library(file, &policy);
  EXPECT_EQ(library.manifest().id, "gamma");
  EXPECT_EQ(library.load().abi_epoch, SERAI_ABI_EPOCH);
  EXPECT_TRUE(library.unload());
}

TEST_F(TrustedLibrary, has_the_package_hash_it_would_have_when_packed) {
  op.developer_mode = true;
  EXPECT_EQ(refusal(trust::read_file(PROBE_GAMMA)), "");
  const auto bare = verdict;
  EXPECT_EQ(refusal(signed_package(PROBE_GAMMA)), "");
  EXPECT_EQ(bare.package, verdict.package);
  EXPECT_EQ(bare.level, trust::Level::none);
  op.revokes("packages: [\"" + bare.package + "\"]\n");
  EXPECT_THAT(refusal(trust::read_file(PROBE_GAMMA)), HasSubstr("is revoked"));
}

TEST_F(TrustedLibrary, without_a_signature_needs_a_developer_or_isolation) {
  const auto bare = trust::read_file(PROBE_GAMMA);
  EXPECT_THAT(refusal(bare), HasSubstr("gamma.seraiplugin: it is not signed"));
  EXPECT_EQ(refusal(bare, true), "");
  op.developer_mode = true;
  EXPECT_EQ(refusal(bare), "");
}

// The real file: every bit of frame, MANIFEST and signature, and bits all over the library.
TEST_F(TrustedLibrary, does_not_load_with_one_flipped_bit) {
  const auto good = signed_package(PROBE_GAMMA);
  const auto code = good.find("file plugin.so");
  ASSERT_NE(code, good.npos);
  const std::size_t head = good.find('\n', code) + 1;
  std::vector<std::size_t> bits;
  for (std::size_t bit = 0; bit < head * 8; ++bit) bits.push_back(bit);
  for (std::size_t i = 0; i < 300; ++i)
    bits.push_back((head + (good.size() - head) * i / 300) * 8 + i % 8);
  for (std::size_t bit = (good.size() - 5) * 8; bit < good.size() * 8; ++bit) bits.push_back(bit);
  for (const auto bit : bits) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const auto reason = refusal(bad);
    ASSERT_NE(reason, "") << "bit " << bit % 8 << " of byte " << bit / 8;
    ASSERT_EQ(reason.find('\n'), reason.npos) << reason;
  }
  EXPECT_EQ(refusal(good), "");
}

TEST_F(TrustedLibrary, is_another_when_the_library_was_swapped_after_signing) {
  auto package = signed_package(PROBE_GAMMA);
  const auto evil = trust::read_file(PROBE_BETA);
  const auto at = package.find("file plugin.so");
  package = package.substr(0, at) + "file plugin.so " + std::to_string(evil.size()) + "\n" + evil +
            "\nend\n";
  EXPECT_THAT(refusal(package), HasSubstr("its file plugin.so is not the one its MANIFEST lists"));
  EXPECT_THAT(refusal(package, true), HasSubstr("its file plugin.so is not the one"));
  op.developer_mode = true;
  EXPECT_THAT(refusal(package), HasSubstr("its file plugin.so is not the one"));
}

// Between the check and the mapping the file belongs to whoever can write it.
TEST_F(TrustedLibrary, maps_what_it_verified_whatever_becomes_of_the_file) {
  write(file, signed_package(PROBE_GAMMA));
  const auto policy = op.policy();
  Library library(file, &policy);
  write(file, signed_package(PROBE_BETA));
  std::filesystem::resize_file(file, 1000);
  const auto& entry = library.load();
  EXPECT_THAT(std::string(entry.manifest.data, entry.manifest.size), HasSubstr("id: gamma"));
  EXPECT_TRUE(library.unload());
}

TEST_F(TrustedLibrary, may_lie_behind_a_link_but_a_folder_or_a_pipe_is_none) {
  write(folder.path() / "real", signed_package(PROBE_GAMMA));
  std::filesystem::create_symlink("real", folder.path() / "link.seraiplugin");
  const auto policy = op.policy();
  EXPECT_EQ(Library(folder.path() / "link.seraiplugin", &policy).manifest().id, "gamma")
      << "the operator's own links in the operator's own folder";
  EXPECT_THROW(Library(folder.path(), &policy), LoadError);
}

struct TrustingWorld : TrustedLibrary {
  TrustingWorld() : world(options()) {}
  RegistryOptions options() {
    RegistryOptions options;
    options.grants = {{"alpha"}, {"beta"}};
    options.outbound = {true, true};
    options.trust = std::make_shared<const trust::Policy>(op.policy());
    return options;
  }
  std::filesystem::path package(const std::filesystem::path& library, const std::string& name) {
    write(folder.path() / name, signed_package(library));
    return folder.path() / name;
  }
  Grant grant(const std::string& id, const std::filesystem::path& where) {
    Grant out{id};
    out.file = where;
    return out;
  }
  void load() {
    world.registry->load_files(
        {package(PROBE_ALPHA, "alpha.seraiplugin"), package(PROBE_BETA, "beta.seraiplugin")});
  }
  testing::World world;
};

TEST_F(TrustingWorld, loads_what_is_signed_and_lists_why_the_rest_is_out) {
  world.registry->load_files({PROBE_ALPHA, package(PROBE_BETA, "beta.seraiplugin")});
  EXPECT_EQ(world.registry->find("beta")->state, State::running);
  EXPECT_EQ(world.registry->find("beta")->verdict.level, trust::Level::core);
  EXPECT_EQ(world.registry->find("alpha")->state, State::failed);
  EXPECT_THAT(world.registry->find("alpha")->reason, HasSubstr("it is not signed"));
}

TEST_F(TrustingWorld, places_a_plugin_that_was_not_there_and_withdraws_it) {
  load();
  EXPECT_EQ(world.registry->find("gamma"), std::nullopt);
  EXPECT_THROW(world.registry->place(grant("gamma", PROBE_GAMMA)), Problem) << "not signed";
  EXPECT_EQ(world.registry->find("gamma"), std::nullopt) << "and not listed as broken";
  world.registry->place(grant("gamma", package(PROBE_GAMMA, "gamma.seraiplugin")));
  EXPECT_EQ(world.registry->find("gamma")->state, State::running);
  EXPECT_TRUE(world.registry->enabled_for(testing::World::token(), "gamma"));
  world.registry->reload("gamma");
  EXPECT_EQ(world.registry->find("gamma")->generation, 2u);
  world.registry->withdraw("gamma");
  EXPECT_EQ(world.registry->find("gamma"), std::nullopt);
  EXPECT_FALSE(world.registry->enabled_for(testing::World::token(), "gamma"));
  EXPECT_THROW(world.registry->withdraw("gamma"), Problem);
  EXPECT_THROW(world.registry->reload("gamma"), Problem);
  world.registry->place(grant("gamma", package(PROBE_GAMMA, "gamma.seraiplugin")));
  EXPECT_EQ(world.registry->find("gamma")->generation, 3u) << "numbers are never used twice";
}

TEST_F(TrustingWorld, keeps_what_runs_when_a_placement_fails) {
  load();
  for (const char* bad : {PROBE_START_FAILS, PROBE_CREATE_FAILS, PROBE_GAMMA})
    EXPECT_THROW(world.registry->place(grant("alpha", package(bad, "bad.seraiplugin"))), Problem);
  EXPECT_EQ(world.registry->find("alpha")->state, State::running);
  EXPECT_EQ(world.registry->find("alpha")->generation, 1u);
  world.registry->reload("alpha");
  EXPECT_EQ(world.registry->find("alpha")->file, "alpha.seraiplugin") << "reload takes what ran";
}

TEST_F(TrustingWorld, keeps_a_private_plugin_to_its_tenants_on_every_road) {
  op.trusts(ada, "tenant-private", "tenants: [lagoon]\n");
  load();
  world.set_plugins("reef", {{"alpha", {{"enabled", true}}}});
  const auto ours = testing::World::token("lagoon"), theirs = testing::World::token("reef");
  EXPECT_TRUE(world.registry->enabled_for(ours, "alpha"));
  EXPECT_FALSE(world.registry->enabled_for(theirs, "alpha"));
  EXPECT_THAT(world.run("", theirs), HasSubstr("403 plugin_disabled"));
  EXPECT_EQ(world.run("", ours).find("403"), std::string::npos);
  // Jobs and events come in by another door than requests.
  const auto& handler = world.queue.plugins.at("alpha").handler;
  jobs::Job job;
  job.id = "job-1";
  job.kind = "no-such-kind";
  const auto refused = [&](const CallToken& token) -> std::string {
    try {
      handler(token, job);
    } catch (const Problem& problem) {
      return problem.code();
    }
    return "";
  };
  EXPECT_EQ(refused(theirs.through("alpha")), "plugin_disabled");
  EXPECT_EQ(refused(ours.through("alpha")), "not_found") << "past the door; there is no such job";
}

}  // namespace
}  // namespace host::plugins
