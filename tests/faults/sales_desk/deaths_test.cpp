// The host dies, or the database server does, at every step of the way from the mail to the quote:
// a step is what is committed at once. On SQLite right before each commit and right after it, on
// PostgreSQL right before each.
#include <csignal>

#include <gmock/gmock.h>

#include "faults/sales_desk/one_of_each.hpp"
#include "support/postgres_server.hpp"

namespace serai_test {
namespace {

// More steps than a mail takes: then something goes round in circles.
constexpr int kMostSteps = 150;

class Deaths : public testing::TestWithParam<bool> {
 protected:
  static SalesDeskOptions options(const TemporaryDirectory& directory,
                                  std::map<std::string, std::string> database) {
    SalesDeskOptions options;
    options.isolated = GetParam();
    options.environment = std::move(database);
    options.environment["LD_PRELOAD"] = SERAI_FUSE;
    options.environment["SERAI_TEST_FUSE"] = (directory.path() / "fuse").string();
    return options;
  }

  std::filesystem::path fuse() const { return directory_.path() / "fuse"; }
  // In one piece, because the host reads it at any time.
  void light(const std::string& moment, int step, pid_t victim, const std::string& word) {
    const auto part = directory_.path() / "part";
    write_file(part,
               moment + " " + std::to_string(step) + " " + std::to_string(victim) + " " + word);
    std::filesystem::rename(part, fuse());
  }
  // Asks the database behind the host's back: a request would be a step of its own. Jobs of
  // tomorrow do not count.
  int waiting_jobs() {
    const std::string waiting = "state IN ('queued', 'running') AND run_at < ";
    if (on_postgres())
      return std::stoi(PostgresServer::shared().sql(
          database_,
          "SELECT count(*) FROM serai_tenants.serai_jobs WHERE tenant_id = 'lagoon' AND " +
              waiting +
              "to_char(now() AT TIME ZONE 'UTC' + interval '1 minute', "
              "'YYYY-MM-DD\"T\"HH24:MI:SS')"));
    const auto file = desk_.host().data() / "tenants/lagoon/tenant.db";
    return std::stoi(shell("sqlite3 -readonly -cmd '.timeout 10000' " + file.string() +
                           " \"SELECT count(*) FROM serai_jobs WHERE " + waiting +
                           "strftime('%Y-%m-%dT%H:%M:%f', 'now', '+1 minute')\"")
                         .output);
  }
  bool is_lit() const { return std::filesystem::exists(fuse()); }
  // Nothing is under way any more. A server that is just dying says nothing, or no number.
  bool is_idle() {
    try {
      return waiting_jobs() == 0;
    } catch (const std::exception&) {
      return false;
    }
  }

  // Kills at the first step, at the second (of isolated plugins, which commit as others do, at
  // every fourth), and so on until an enquiry is through before. Calls `mend` after each death. The
  // enquiries' names.
  std::vector<std::string> sweep(const std::string& moment, const std::function<pid_t()>& victim,
                                 const std::string& word, const std::function<void()>& mend) {
    std::vector<std::string> names;
    for (int step = 1; step <= kMostSteps; step += GetParam() ? 4 : 1) {
      names.push_back(moment + std::to_string(step));
      SCOPED_TRACE(names.back());
      light(moment, step, victim(), word);
      // Whoever posts mail and is not told that it was taken posts it again.
      const bool told = desk_.deliver(names.back()).status == 200;
      EXPECT_TRUE(eventually([&] { return !is_lit() || (told && is_idle()); }));
      const bool died = !std::filesystem::remove(fuse());
      if (died) mend();
      if (!told) {
        EXPECT_EQ(desk_.deliver(names.back()).status, 200);
      }
      EXPECT_TRUE(eventually([&] { return is_idle(); }));
      expect_one_of_each(desk_, names.back());
      if (!died) return names;
    }
    ADD_FAILURE() << "no end after " << kMostSteps << " steps";
    return names;
  }
  void come_back() {
    EXPECT_EQ(desk_.host().process().wait(), -SIGKILL);
    desk_.come_back();
  }

  TemporaryDirectory directory_;
  std::map<std::string, std::string> environment_ = database_environment();
  std::string database_ = database_of(environment_);
  SalesDesk desk_{options(directory_, environment_)};

 private:
  static std::string database_of(const std::map<std::string, std::string>& environment) {
    const auto found = environment.find("SERAI_POSTGRES");
    if (found == environment.end()) return {};
    const auto at = found->second.find("dbname=") + 7;
    return found->second.substr(at, found->second.find(' ', at) - at);
  }
};

TEST_P(Deaths, of_the_host_at_any_step_leave_one_of_each) {
  const auto self = [] { return pid_t{0}; };
  std::vector<std::string> names;
  for (const std::string& moment : on_postgres() ? std::vector<std::string>{"sent"}
                                                 : std::vector<std::string>{"commit", "synced"}) {
    const auto more =
        sweep(moment, self, on_postgres() ? "COMMIT" : "/tenants/lagoon/", [this] { come_back(); });
    EXPECT_GE(more.size(), 3U) << "a mail, a ticket, a quote and their mails are several steps";
    RecordProperty("steps_" + moment, std::to_string(more.size()));
    names.insert(names.end(), more.begin(), more.end());
  }
  expect_one_mail_each(desk_, names, "last");
  EXPECT_EQ(desk_.list(desk_.savanna(), "/api/v1/inbound/tickets").size(), 0U);
}

// SQLite has no server.
class ServersDeaths : public Deaths {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ServersDeaths);

TEST_P(ServersDeaths, at_any_step_leave_one_of_each) {
  auto& server = PostgresServer::shared();
  const auto names = sweep(
      "sent", [&] { return server.pid(); }, "COMMIT",
      [&] {
        server.crash();
        server.start();
        EXPECT_TRUE(eventually(
            [&] { return desk_.host().management().get("/health/ready").status == 200; }));
      });
  EXPECT_GE(names.size(), 3U);
  RecordProperty("steps", std::to_string(names.size()));
  expect_one_mail_each(desk_, names, "last");
}

std::string placement_of(const testing::TestParamInfo<bool>& isolated) {
  return isolated.param ? "isolated" : "in_process";
}
INSTANTIATE_TEST_SUITE_P(Placement, Deaths, testing::Bool(), placement_of);
INSTANTIATE_TEST_SUITE_P(Placement, ServersDeaths,
                         testing::ValuesIn(on_postgres() ? std::vector<bool>{false, true}
                                                         : std::vector<bool>{}),
                         placement_of);

}  // namespace
}  // namespace serai_test
