// serai tenant export and import between real houses, on both engines.
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/moves/two_houses.hpp"
#include "moves/sealed_stream.hpp"
#include "moves/tables.hpp"
#include "support/postgres_server.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

CommandResult exported(const RunningHost& host, const std::string& tenant, const std::string& file,
                       const std::string& passphrase) {
  return host.run({"tenant", "export", tenant, "--to", file, "--passphrase-file", passphrase});
}
CommandResult imported(const RunningHost& host, const std::string& file,
                       const std::string& passphrase, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"tenant", "import", file, "--passphrase-file", passphrase};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return host.run(arguments);
}

// A tenant of a house on SQLite, and its archive.
class Archive : public testing::Test {
 protected:
  Archive() {
    const auto made = exported(from_, "lagoon", file_, passphrase_);
    if (made.status != 0) throw std::runtime_error(made.err);
  }
  std::string changed(const std::function<void(std::string&)>& change) const {
    auto bytes = read_file(file_);
    change(bytes);
    auto path = (from_.directory() / new_marker("changed")).string();
    write_file(path, bytes);
    return path;
  }

  RunningHost from_{house_on(Engine::sqlite)};
  Tenant tenant_ = furnish(from_, "lagoon");
  const std::string file_ = (from_.directory() / "lagoon.archive").string();
  const std::string passphrase_ = secret_file(from_, new_password());
};

TEST_F(Archive, goes_from_sqlite_to_postgres_and_back_with_every_row_as_it_was) {
  const auto there = own_rows(fingerprint(from_, "lagoon"));
  EXPECT_GT(there["knowledge_documents"][0].get<int>(), 0) << there.dump();
  EXPECT_EQ(there["auth_users"][0], 2);
  RunningHost other(house_on(Engine::postgres));
  const auto in = imported(other, file_, passphrase_);
  ASSERT_EQ(in.status, 0) << in.err;
  EXPECT_EQ(own_rows(fingerprint(other, "lagoon")), there);
  expect_everything(other, tenant_);
  EXPECT_EQ(other.client(tenant_.owner).get("/api/v1/audit").status, 200);

  const auto back = (from_.directory() / "back.archive").string();
  ASSERT_EQ(exported(other, "lagoon", back, passphrase_).status, 0);
  const auto now = own_rows(fingerprint(other, "lagoon"));
  RunningHost third(house_on(Engine::sqlite));
  const auto again = imported(third, back, passphrase_);
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(own_rows(fingerprint(third, "lagoon")), now);
  expect_everything(third, tenant_);

  // The history of all three houses, each signed where it happened.
  third.stop();
  const auto history = third.run({"audit", "export", "--tenant", "lagoon"});
  ASSERT_EQ(history.status, 0) << history.err;
  const auto chain = third.directory() / "chain.jsonl";
  write_file(chain, history.out);
  const auto verified = run_serai({"audit", "verify", chain.string()});
  EXPECT_EQ(verified.status, 0) << verified.err;
  auto forged = history.out;
  forged.replace(forged.find("auth.login"), 10, "auth.logon");
  write_file(chain, forged);
  EXPECT_THAT(run_serai({"audit", "verify", chain.string()}).err, HasSubstr("NOT intact"));
}

TEST_F(Archive, of_a_stopped_house_goes_into_a_stopped_house) {
  RunningHost other(house_on(Engine::sqlite));
  from_.stop();
  other.stop();
  const auto file = (from_.directory() / "cold.archive").string();
  const auto out = exported(from_, "lagoon", file, passphrase_);
  ASSERT_EQ(out.status, 0) << out.err;
  const auto in = imported(other, file, passphrase_, {"--as", "harbour"});
  ASSERT_EQ(in.status, 0) << in.err;
  const auto there = from_.run({"tenant", "fingerprint", "lagoon"});
  EXPECT_THAT(there.out, HasSubstr("\nprobe_notes 20 "));
  EXPECT_EQ(other.run({"tenant", "fingerprint", "harbour"}).out, there.out);
  other.start();
  tenant_.owner.tenant = "harbour";
  other.login(tenant_.owner);
  EXPECT_THAT(notes_of(other, tenant_.owner), HasSubstr(tenant_.mark + " 7"));
}

TEST_F(Archive, of_a_suspended_tenant_makes_a_suspended_one) {
  ASSERT_EQ(from_.admin()
                .send("POST", "/api/v1/admin/tenants/lagoon/suspend",
                      json{{"reason", "Has not paid since May"}}.dump())
                .status,
            200);
  const auto file = (from_.directory() / "suspended.archive").string();
  ASSERT_EQ(exported(from_, "lagoon", file, passphrase_).status, 0);
  RunningHost other(house_on(Engine::sqlite));
  const auto in = imported(other, file, passphrase_);
  ASSERT_EQ(in.status, 0) << in.err;
  EXPECT_THAT(in.out, HasSubstr("suspended, as it was: Has not paid since May"));
  EXPECT_EQ(status_of(other, "lagoon"), "suspended");
  EXPECT_EQ(other.admin().send("POST", "/api/v1/admin/tenants/lagoon/activate", "").status, 200);
  expect_everything(other, tenant_);
}

TEST_F(Archive, that_was_damaged_or_belongs_to_another_passphrase_leaves_nothing) {
  RunningHost other(house_on(Engine::sqlite));
  const auto refused = [&](const std::string& file, const std::string& passphrase) {
    const auto result = imported(other, file, passphrase);
    EXPECT_NE(result.status, 0);
    EXPECT_EQ(status_of(other, "lagoon"), "none") << result.err;
    return result.err;
  };
  const auto size = read_file(file_).size();
  ASSERT_GT(size, 5'000U);
  EXPECT_THAT(refused(file_, secret_file(from_, new_password())), HasSubstr("passphrase is wrong"));
  // A piece whose length was changed may reach beyond the end.
  for (const auto at : {size / 3, size / 2, size - 1})
    EXPECT_THAT(refused(changed([&](auto& bytes) { bytes[at] = static_cast<char>(bytes[at] ^ 1); }),
                        passphrase_),
                AnyOf(HasSubstr("damaged"), HasSubstr("too early")))
        << at;
  for (const auto left : {size / 2, size - 1})
    EXPECT_THAT(refused(changed([&](auto& bytes) { bytes.resize(left); }), passphrase_),
                HasSubstr("too early"))
        << left;
  EXPECT_THAT(refused(changed([](auto& bytes) { bytes += 'x'; }), passphrase_),
              HasSubstr("damaged"));
  EXPECT_THAT(refused(changed([](auto& bytes) { bytes[14] = '2'; }), passphrase_),
              HasSubstr("another format"));
  ASSERT_EQ(imported(other, file_, passphrase_).status, 0);
  EXPECT_THAT(imported(other, file_, passphrase_).err, HasSubstr("already"));
  EXPECT_EQ(status_of(other, "lagoon"), "active");
}

TEST_F(Archive, is_refused_by_a_house_whose_plugins_do_not_fit) {
  RunningHost other(house_on(Engine::sqlite, {"ai", "knowledge", "helpdesk"}));
  const auto result = imported(other, file_, passphrase_);
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("probe is not here"));
  EXPECT_EQ(status_of(other, "lagoon"), "none");
}

TEST_F(Archive, holds_nothing_of_another_tenant_and_nothing_that_can_be_read_without_the_key) {
  const auto other = furnish(from_, "savanna");
  const auto key = host::moves::StreamKey::random();
  for (const std::string tenant : {"lagoon", "savanna"}) {
    const auto stream = from_.admin().send("POST", "/api/v1/admin/tenants/" + tenant + "/export",
                                           "", {{"X-Archive-Key", key.hex()}});
    ASSERT_EQ(stream.status, 200) << stream.body;
    std::string all;
    host::moves::SealedReader reader(key, [&](host::moves::Item&& item, bool) {
      all += item.dump(-1, ' ', false, json::error_handler_t::replace);
      if (item.contains("data")) {
        const auto& bytes = item["data"].get_binary();
        all.append(bytes.begin(), bytes.end());
      }
    });
    reader.feed(stream.body);
    reader.end();
    const bool mine = tenant == "lagoon";
    EXPECT_THAT(all, HasSubstr(mine ? tenant_.mark : other.mark));
    EXPECT_THAT(all, Not(HasSubstr(mine ? other.mark : tenant_.mark)));
    EXPECT_THAT(all, Not(HasSubstr(mine ? "savanna" : "lagoon")));
    EXPECT_THAT(stream.body, Not(HasSubstr(tenant_.mark)));
  }
  // Only for the administrator.
  EXPECT_EQ(
      from_.client(tenant_.owner)
          .send("POST", "/api/v1/admin/tenants/lagoon/export", "", {{"X-Archive-Key", key.hex()}})
          .status,
      401);
}

TEST(Tables, of_the_platform_go_along_or_stay_by_decision) {
  auto& server = PostgresServer::shared();
  const auto database = server.make_database();
  auto options = house_on(Engine::postgres);
  options.environment["SERAI_POSTGRES"] = server.connection(database, "serai_app");
  options.environment["SERAI_POSTGRES_OWNER"] = server.connection(database, "serai_owner");
  const RunningHost host(options);
  std::istringstream tables(
      server.sql(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'serai_platform'"));
  std::set<std::string> decided;
  for (const auto& table : host::moves::platform_tables()) decided.insert(table.name());
  for (const auto& [name, reason] : host::moves::tables_left_out()) decided.emplace(name);
  std::size_t count = 0;
  for (std::string table; tables >> table; ++count) EXPECT_THAT(decided, Contains(table));
  EXPECT_GT(count, 15U);
}

TEST_F(Archive, of_people_who_are_here_already_is_refused_under_another_id) {
  const auto result = imported(from_, file_, passphrase_, {"--as", "harbour"});
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("here already"));
  EXPECT_EQ(status_of(from_, "harbour"), "none");
  expect_everything(from_, tenant_);
}

}  // namespace
}  // namespace serai_test
