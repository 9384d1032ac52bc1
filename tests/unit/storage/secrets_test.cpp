// Secrets under envelope encryption.
#include "storage/secrets.hpp"

#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sodium.h>

#include "base/problem.hpp"
#include "unit/storage/world.hpp"

namespace host::storage {
namespace {

using namespace testing;

MasterKey fresh_master() {
  MasterKey key;
  randombytes_buf(key.data(), key.size());
  return key;
}

struct EnvelopeSecrets : ::testing::Test {
  World world;
  MasterKey master = fresh_master();
  std::unique_ptr<Secrets> secrets = make_secrets(*world.store, master);
  CallToken acme = world.make("acme").through("mail"), other = world.make("other").through("mail");
};

TEST_F(EnvelopeSecrets, come_back_as_they_were_put) {
  EXPECT_FALSE(secrets->get(acme, "key"));
  const std::string value("a\0b\xff", 4);
  secrets->put(acme, "key", value);
  EXPECT_EQ(secrets->get(acme, "key"), value);
  secrets->put(acme, "key", "");
  EXPECT_EQ(secrets->get(acme, "key"), "");
  secrets->erase(acme, "key");
  EXPECT_FALSE(secrets->get(acme, "key"));
}

TEST_F(EnvelopeSecrets, survive_a_restart_under_the_same_master_key_only) {
  secrets->put(acme, "key", "value");
  secrets = make_secrets(*world.store, master);
  EXPECT_EQ(secrets->get(acme, "key"), "value");
  secrets = make_secrets(*world.store, fresh_master());
  EXPECT_THROW(secrets->get(acme, "key"), Problem);
  EXPECT_THROW(secrets->put(acme, "key", "x"), Problem);
}

TEST_F(EnvelopeSecrets, are_kept_apart_by_tenant_and_plugin) {
  secrets->put(acme, "key", "value");
  EXPECT_FALSE(secrets->get(other, "key"));
  EXPECT_FALSE(secrets->get(acme.through("crm"), "key"));
  secrets->erase(other, "key");
  secrets->erase(acme.through("crm"), "key");
  EXPECT_EQ(secrets->get(acme, "key"), "value");
}

TEST_F(EnvelopeSecrets, open_only_where_and_as_what_they_were_sealed) {
  const std::string sealed = secrets->seal(acme, "clients/7/phone", "+49 1");
  EXPECT_EQ(secrets->open(acme, "clients/7/phone", sealed), "+49 1");
  EXPECT_NE(secrets->seal(acme, "clients/7/phone", "+49 1"), sealed);
  EXPECT_THROW(secrets->open(acme, "clients/8/phone", sealed), Problem);
  EXPECT_THROW(secrets->open(acme.through("crm"), "clients/7/phone", sealed), Problem);
  secrets->seal(other, "x", "y");
  EXPECT_THROW(secrets->open(other, "clients/7/phone", sealed), Problem);
}

TEST_F(EnvelopeSecrets, refuse_whatever_was_tampered_with) {
  const std::string sealed = secrets->seal(acme, "c", "plain");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string bad = sealed;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    // The last character may carry unused bits; libsodium refuses those as well.
    EXPECT_THROW(secrets->open(acme, "c", bad), Problem) << i;
  }
  for (const char* bad : {"", "v1.", "v2.AAAA", "v1.AAAA", "v1.***"}) {
    EXPECT_THROW(secrets->open(acme, "c", bad), Problem) << bad;
  }
}

TEST_F(EnvelopeSecrets, bindings_cannot_be_shifted_between_their_parts) {
  const std::string sealed = secrets->seal(acme.through("ab"), "c", "plain");
  EXPECT_THROW(secrets->open(acme.through("a"), "bc", sealed), Problem);
}

TEST_F(EnvelopeSecrets, a_row_moved_to_another_name_does_not_open) {
  secrets->put(acme, "mine", "value");
  world.store->tenant(acme)->execute("UPDATE serai_secrets SET name = 'other'");
  EXPECT_THROW(secrets->get(acme, "other"), Problem);
}

TEST_F(EnvelopeSecrets, never_reach_the_disk_in_clear) {
  secrets->put(acme, "key", "correct horse battery staple");
  world.store.reset();
  for (const auto& file : std::filesystem::recursive_directory_iterator(world.folder.path())) {
    if (!file.is_regular_file()) continue;
    std::ostringstream bytes;
    bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(bytes.str().find("horse battery"), std::string::npos) << file.path();
  }
}

TEST_F(EnvelopeSecrets, are_unreadable_for_ever_once_the_data_key_is_destroyed) {
  secrets->put(acme, "key", "value");
  const std::string sealed = secrets->seal(acme, "c", "plain");
  secrets->put(other, "key", "kept");
  secrets->destroy(acme);
  EXPECT_THROW(secrets->get(acme, "key"), Problem);
  EXPECT_THROW(secrets->open(acme, "c", sealed), Problem);
  secrets->put(acme, "new", "value");  // under a new key
  EXPECT_EQ(secrets->get(acme, "new"), "value");
  EXPECT_THROW(secrets->open(acme, "c", sealed), Problem);
  EXPECT_EQ(secrets->get(other, "key"), "kept");
}

TEST_F(EnvelopeSecrets, refuse_tokens_without_a_tenant_and_unknown_tenants) {
  EXPECT_THROW(secrets->put(token(""), "k", "v"), Problem);
  EXPECT_THROW(secrets->seal(token("nobody"), "k", "v"), Problem);
}

TEST_F(EnvelopeSecrets, many_threads_agree_on_one_data_key) {
  std::vector<std::thread> threads;
  std::vector<std::string> sealed(6);
  for (std::size_t t = 0; t < sealed.size(); ++t) {
    threads.emplace_back([&, t] { sealed[t] = secrets->seal(acme, "c", std::to_string(t)); });
  }
  for (auto& thread : threads) thread.join();
  secrets = make_secrets(*world.store, master);
  for (std::size_t t = 0; t < sealed.size(); ++t) {
    EXPECT_EQ(secrets->open(acme, "c", sealed[t]), std::to_string(t));
  }
}

}  // namespace
}  // namespace host::storage
