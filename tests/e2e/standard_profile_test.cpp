// What `packaging/quickstart.sh --profile standard` shows after its build: packaging/parts.sh
// starts a PostgreSQL, a Redis and an S3 store, and the shipped profile serves on them.
#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "e2e/help_desk.hpp"

namespace serai_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kParts = SERAI_SOURCE_DIRECTORY "/packaging/parts.sh";
constexpr const char* kStandard = SERAI_SOURCE_DIRECTORY "/profiles/standard.yaml";

class StandardProfile : public testing::Test {
 protected:
  SeraiProcess::Options options() const {
    SeraiProcess::Options options;
    options.data = data();
    options.profile = parts() / "profile.yaml";
    options.launcher = {kParts, data().string(), kStandard};
    options.arguments = {"--demo", "--demo-content", SERAI_SOURCE_DIRECTORY "/packaging/demo"};
    return options;
  }
  fs::path data() const { return directory_.path() / "data"; }
  fs::path parts() const { return data() / "parts"; }

  static HttpClient owner(const SeraiProcess& host) {
    const auto demo = host.demo();
    const auto login = host.client().post(
        "/api/v1/auth/login", {{"email", demo["email"]}, {"password", demo["password"]}});
    if (login.status != 200) throw std::runtime_error(login.body);
    return host.client().bearer(login.json()["access_token"]);
  }
  // As the superuser, who is above the rules.
  std::string sql(const std::string& text) const {
    const auto result = shell(
        "psql --no-psqlrc --tuples-only --no-align --username=postgres "
        "--dbname=serai --host='" +
        (parts() / "postgres/socket").string() + "' --command=\"" + text + "\"");
    EXPECT_EQ(result.status, 0) << result.output;
    return result.output;
  }
  std::string redis(const std::string& command) const {
    return shell("REDISCLI_AUTH=$(cat '" + (parts() / "secrets/redis").string() +
                 "') redis-cli -s '" + (parts() / "redis/socket").string() + "' " + command)
        .output;
  }
  // Objects of the tenant in the S3 store that hold the text, found in the store's own files.
  int objects_with(const std::string& text) const {
    int found = 0;
    for (const auto& entry : fs::recursive_directory_iterator(parts() / "s3/serai/serai/demo"))
      if (entry.is_regular_file() && read_file(entry.path()).find(text) != std::string::npos)
        ++found;
    return found;
  }
  // The host, PostgreSQL, Redis and the S3 store.
  static std::vector<pid_t> children(const SeraiProcess& host) {
    const auto pid = std::to_string(host.pid());
    std::istringstream text(read_file("/proc/" + pid + "/task/" + pid + "/children"));
    std::vector<pid_t> pids;
    for (pid_t child = 0; text >> child;) pids.push_back(child);
    return pids;
  }
  // What has ended and waits for somebody to ask for its status is not.
  static bool alive(pid_t pid) {
    const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    const auto name_end = stat.rfind(") ");
    return name_end != stat.npos && stat[name_end + 2] != 'Z';
  }

  void expect_secrets_kept_from_others(const SeraiProcess& host) const {
    for (const auto& entry : fs::directory_iterator(parts() / "secrets")) {
      EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
          << entry.path();
      const std::string secret = read_file(entry.path());
      // Arguments of a process can be read by everybody.
      for (const pid_t pid : children(host))
        EXPECT_THAT(read_file("/proc/" + std::to_string(pid) + "/cmdline"), Not(HasSubstr(secret)));
      EXPECT_THAT(host.log(), Not(HasSubstr(secret)));
    }
    for (const auto* folder : {"secrets", "redis", "s3", "postgres"})
      EXPECT_EQ(fs::status(parts() / folder).permissions(), fs::perms::owner_all) << folder;
  }

  // As somebody pastes them who was told to.
  static void expect_a_quote_of_the_printed_lines(SeraiProcess& host) {
    const std::string end = "&& echo /tmp/$QUOTE.pdf";
    const auto printed = host.printed_until(end);
    const auto step = [&](const char* from, const std::string& to) {
      const auto begin = printed.find(from);
      EXPECT_NE(begin, printed.npos) << printed;
      return begin == printed.npos ? "" : printed.substr(begin, printed.find(to, begin) - begin);
    };
    const auto result = shell("set -e\n" + step("# 1.", "# 2.") + step("# 6.", end) + end);
    ASSERT_EQ(result.status, 0) << result.output;
    EXPECT_THAT(result.output, HasSubstr("thandi.nkosi@example.com"));
    const auto name = result.output.find("/tmp/QT-");
    ASSERT_NE(name, result.output.npos) << result.output;
    const fs::path pdf = result.output.substr(name, result.output.find('\n', name) - name);
    EXPECT_EQ(read_file(pdf).substr(0, 5), "%PDF-");
    fs::remove(pdf);
  }

  TemporaryDirectory directory_;
};

TEST_F(StandardProfile, serves_on_postgres_redis_and_s3_and_finds_everything_again) {
  const auto name = new_marker("Quag");
  const auto sentence = "The " + name + " lodge charges R4321 for parking per night.";
  const auto question = "What does the " + name + " lodge charge for parking?";
  std::vector<pid_t> pids;
  {
    SeraiProcess host(options());
    const auto client = owner(host);
    const auto id = upload(client, {"lodge.md", "text/markdown", "# Parking\n\n" + sentence});
    ASSERT_EQ(settled(client, id)["status"], "indexed");
    const auto answer = ask(client, question);
    EXPECT_THAT(answer["answer"].get<std::string>(), HasSubstr("R4321"));
    EXPECT_TRUE(has_source(answer, "lodge.md")) << answer;

    EXPECT_EQ(sql("SELECT tenant_id FROM serai_tenants.knowledge_documents WHERE document_id = '" +
                  id + "'"),
              "demo\n");
    EXPECT_EQ(objects_with(sentence), 1);
    EXPECT_FALSE(fs::exists(data() / "blobs")) << "files lie in S3, not here";
    EXPECT_FALSE(fs::exists(data() / "platform.db")) << "rows lie in PostgreSQL, not here";
    EXPECT_THAT(redis("--scan"), HasSubstr("serai")) << "rates are counted in Redis";
    EXPECT_THAT(host.client().get("/health/ready").body, Not(HasSubstr("\"healthy\":false")));

    const auto second = shell(std::string(kParts) + " '" + data().string() + "' " + kStandard +
                              " touch '" + (data() / "second").string() + "'");
    EXPECT_NE(second.status, 0);
    EXPECT_THAT(second.output, HasSubstr("is in use by another one"));
    EXPECT_FALSE(fs::exists(data() / "second"));

    expect_secrets_kept_from_others(host);
    expect_a_quote_of_the_printed_lines(host);

    pids = children(host);
    EXPECT_EQ(pids.size(), 4U);
    host.signal(SIGTERM);
    EXPECT_EQ(host.wait(), 0) << host.log();
    for (const pid_t pid : pids) EXPECT_FALSE(alive(pid)) << pid;
    EXPECT_FALSE(fs::exists(parts() / "postgres/cluster/postmaster.pid")) << "not shut down";
  }
  SeraiProcess host(options());
  EXPECT_THAT(ask(owner(host), question)["answer"].get<std::string>(), HasSubstr("R4321"));
  // Killed, so that it can stop nothing any more: the others notice.
  pids = children(host);
  host.signal(SIGKILL);
  host.wait();
  EXPECT_TRUE(eventually([&] {
    return std::none_of(pids.begin(), pids.end(), [](pid_t pid) { return alive(pid); });
  }));
}

TEST_F(StandardProfile, is_refused_by_name_where_a_value_to_fill_in_is_missing) {
  const auto profile = directory_.path() / "mine.yaml";
  write_file(profile, "profile: mine\n");
  const auto result =
      shell(std::string(kParts) + " '" + data().string() + "' '" + profile.string() + "' true");
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("does not say \"environment: production\""));
}

}  // namespace
}  // namespace serai_test
