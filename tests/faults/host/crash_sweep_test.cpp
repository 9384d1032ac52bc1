// kill -9 while clients write, again and again: whatever was acknowledged is there afterwards, the
// databases are whole, the jobs run on, and every document can be found exactly once.
// SERAI_HOST_CRASHES: how often (default 25). SERAI_HOST_SEED: the sequence of moments to kill at.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "e2e/help_desk.hpp"
#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;

unsigned from_environment(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(text));
}

std::string integrity_of(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  std::string result = "cannot be opened";
  if (sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_busy_timeout(database, 10'000);
    if (sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, nullptr) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
      result = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    } else {
      result = sqlite3_errmsg(database);
    }
    sqlite3_finalize(statement);
  }
  sqlite3_close(database);
  return result;
}

// What the host has said yes to.
struct Acknowledged {
  struct Document {
    std::string id, word;
  };
  std::mutex mutex;
  std::vector<Document> documents;
  std::vector<std::pair<std::string, std::string>> notes;  // id, text
  std::vector<std::string> invited;                        // addresses
  std::string greeting = "hello", name = "";               // the last setting and name
  int exchanges = 0;                                       // of the conversation
  std::atomic<unsigned> count{0};
};

class CrashSweep : public testing::Test {
 protected:
  static RunningHost::Options options() {
    RunningHost::Options out;
    out.plugins = {"probe", "ai", "knowledge", "helpdesk"};
    out.profile["auth"]["access_token"] = "1 h";
    return out;
  }

  // Each writes until it gets no answer, which is when the host is gone.
  void upload_documents(unsigned round) {
    for (unsigned number = 0;; ++number) {
      const auto word = "zebrafact" + std::to_string(round) + "x" + std::to_string(number);
      const auto answer = host_.client(owner_).upload(
          "/api/v1/knowledge/documents",
          {"file", word + ".md", "text/markdown",
           "# Fact " + word + "\n\nThe " + word + " lodge has a pool and a view of the river.\n"});
      if (answer.status == 0) return;
      ASSERT_EQ(answer.status, 201) << answer.body;
      const std::lock_guard lock(done_.mutex);
      done_.documents.push_back({answer.json()["data"]["document_id"], word});
      ++done_.count;
    }
  }
  void write_notes(unsigned round) {
    for (unsigned number = 0;; ++number) {
      const auto text = "note " + std::to_string(round) + "/" + std::to_string(number);
      const auto answer = host_.client(owner_).post("/api/v1/probe/notes",
                                                    {{"text", text}, {"tags", json::array()}});
      if (answer.status == 0) return;
      ASSERT_EQ(answer.status, 201) << answer.body;
      const std::lock_guard lock(done_.mutex);
      done_.notes.emplace_back(answer.json()["data"]["id"], text);
      ++done_.count;
    }
  }
  void invite_people(unsigned round) {
    for (unsigned number = 0;; ++number) {
      const auto email =
          "p" + std::to_string(round) + "-" + std::to_string(number) + "@crash.example";
      const auto answer = host_.client(owner_).post("/api/v1/users/invite", {{"email", email}});
      if (answer.status == 0) return;
      ASSERT_EQ(answer.status, 200) << answer.body;
      const std::lock_guard lock(done_.mutex);
      done_.invited.push_back(email);
      ++done_.count;
    }
  }
  void change_settings(unsigned round) {
    for (unsigned number = 0;; ++number) {
      const auto value = std::to_string(round) + "." + std::to_string(number);
      // While the answer is out, the old value and the new may be the true one.
      {
        const std::lock_guard lock(done_.mutex);
        pending_greeting_ = "greeting " + value;
        pending_name_ = "Name " + value;
      }
      const auto set =
          host_.admin().send("PUT", "/api/v1/admin/tenants/crash/plugins/probe",
                             json{{"settings", {{"greeting", "greeting " + value}}}}.dump());
      if (set.status == 0) return;
      ASSERT_EQ(set.status, 200) << set.body;
      {
        const std::lock_guard lock(done_.mutex);
        done_.greeting = "greeting " + value;
        ++done_.count;
      }
      const auto named =
          host_.client(owner_).patch("/api/v1/auth/profile", {{"name", "Name " + value}});
      if (named.status == 0) return;
      ASSERT_EQ(named.status, 200) << named.body;
      const std::lock_guard lock(done_.mutex);
      done_.name = "Name " + value;
      ++done_.count;
    }
  }
  void talk() {
    while (true) {
      const auto answer = host_.client(owner_).post("/api/v1/helpdesk/agent/chat",
                                                    {{"question", "Which lodge has a pool?"}});
      if (answer.status == 0) return;
      ASSERT_EQ(answer.status, 200) << answer.body;
      const std::lock_guard lock(done_.mutex);
      ++done_.exchanges;
      ++done_.count;
    }
  }

  void write_until_killed_after(unsigned acknowledgements, unsigned round) {
    const unsigned goal = done_.count + acknowledgements;
    std::vector<std::jthread> writers;
    writers.emplace_back([&] { upload_documents(round); });
    writers.emplace_back([&] { write_notes(round); });
    writers.emplace_back([&] { invite_people(round); });
    writers.emplace_back([&] { change_settings(round); });
    writers.emplace_back([&] { talk(); });
    EXPECT_TRUE(eventually([&] { return done_.count >= goal; }));
    host_.kill();
  }

  void expect_everything_is_there() {
    const auto client = host_.client(owner_);
    const auto notes = client.get("/api/v1/probe/notes").json();
    std::map<std::string, std::string> by_id;
    for (const auto& note : notes["data"]) by_id[note["id"]] = note["text"];
    for (const auto& [id, text] : done_.notes) ASSERT_EQ(by_id[id], text);
    const auto invitations = client.get("/api/v1/users/invitations").body;
    for (const auto& email : done_.invited)
      ASSERT_NE(invitations.find('"' + email + '"'), invitations.npos) << email;
    for (const auto& document : done_.documents)
      ASSERT_EQ(client.get("/api/v1/knowledge/documents/" + document.id).status, 200)
          << document.word;
    const auto greeting =
        client.get("/api/v1/probe/settings").json()["data"]["greeting"].get<std::string>();
    EXPECT_THAT(greeting, testing::AnyOf(done_.greeting, pending_greeting_));
    done_.greeting = greeting;
    const auto name = client.get("/api/v1/auth/me").json()["user"]["name"].get<std::string>();
    if (!done_.name.empty()) {
      EXPECT_THAT(name, testing::AnyOf(done_.name, pending_name_));
    }
    done_.name = name;
    if (done_.exchanges > 0) {
      const auto stats = client.get("/api/v1/helpdesk/agent/stats");
      ASSERT_EQ(stats.status, 200) << stats.body;
      // A conversation keeps its last ten exchanges.
      EXPECT_GE(stats.json()["data"]["messages"], std::min(10, done_.exchanges));
    }
    EXPECT_EQ(client.get("/api/v1/audit/verify").json()["data"]["intact"], true);
    EXPECT_EQ(host_.admin().get("/api/v1/admin/audit/verify").json()["data"]["intact"], true);
  }

  void expect_databases_are_whole() {
    int checked = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(host_.data())) {
      if (entry.path().extension() != ".db") continue;
      EXPECT_EQ(integrity_of(entry.path()), "ok") << entry.path();
      ++checked;
    }
    EXPECT_GE(checked, 2);
  }

  void expect_all_jobs_complete() {
    const auto client = host_.client(owner_);
    json waiting;
    EXPECT_TRUE(eventually([&] {
      waiting = client.get("/api/v1/knowledge/documents?status=pending&limit=5").json()["data"];
      if (waiting.empty())
        waiting =
            client.get("/api/v1/knowledge/documents?status=processing&limit=5").json()["data"];
      return waiting.empty();
    })) << waiting;
    EXPECT_EQ(client.get("/api/v1/knowledge/documents?status=failed").json()["count"], 0);
    EXPECT_TRUE(eventually([&] {
      waiting = client.get("/api/v1/probe/notes").json()["data"];
      for (const auto& note : waiting)
        if (note["runs"] < 1) return false;
      return true;
    }));
  }

  void expect_each_document_is_found_once() {
    const auto client = host_.client(owner_);
    for (const auto& document : done_.documents) {
      const auto found =
          client.post("/api/v1/knowledge/search", {{"query", document.word}, {"top_k", 20}});
      ASSERT_EQ(found.status, 200) << found.body;
      int times = 0;
      for (const auto& passage : found.json()["data"].get<std::vector<json>>()) {
        if (passage["content"].get<std::string>().find(document.word + " ") == std::string::npos)
          continue;
        EXPECT_EQ(passage["document_id"], document.id);
        ++times;
      }
      EXPECT_EQ(times, 1) << document.word << ": " << found.body;
      const auto shown = client.get("/api/v1/knowledge/documents/" + document.id).json()["data"];
      EXPECT_EQ(shown["status"], "indexed");
      EXPECT_EQ(shown["chunk_count"], 1);
    }
  }

  RunningHost host_{options()};
  Person owner_ = host_.make_tenant("crash");
  Acknowledged done_;
  std::string pending_greeting_, pending_name_;
};

TEST_F(CrashSweep, loses_nothing_that_was_acknowledged) {
  const unsigned crashes = from_environment("SERAI_HOST_CRASHES", 25);
  const unsigned seed = from_environment("SERAI_HOST_SEED", 20261121);
  std::mt19937 random(seed);
  for (unsigned round = 0; round < crashes; ++round) {
    SCOPED_TRACE("crash " + std::to_string(round) + ", seed " + std::to_string(seed));
    write_until_killed_after(1 + random() % 40, round);
    host_.start();
    expect_everything_is_there();
    expect_databases_are_whole();
    if (HasFailure()) return;
  }
  expect_all_jobs_complete();
  expect_each_document_is_found_once();
  EXPECT_EQ(host_.stop(), 0);
  std::cout << crashes << " crashes, " << done_.count
            << " acknowledged writes: " << done_.documents.size() << " documents, "
            << done_.notes.size() << " notes, " << done_.invited.size() << " invitations, "
            << done_.exchanges << " exchanges\n";
}

// The first start too: a host that is killed before it has served comes up the next time.
TEST(CrashAtStart, leaves_a_data_directory_that_starts) {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  write_file(directory.path() / "profile.yaml", test_profile().dump());
  for (int delay = 1; delay <= 12; ++delay) {
    // Killed after a growing piece of its start: 3, 6, 9 ... ms.
    const auto seconds = "0." + std::to_string(1000 + 3 * delay).substr(1);
    const std::string binary = SERAI_TESTED_BINARY;
    const auto result = shell("timeout -s KILL " + seconds + " " + binary + " serve --profile '" +
                              (directory.path() / "profile.yaml").string() + "' --data '" +
                              data.string() + "' --listen 127.0.0.1:0 --management 127.0.0.1:0");
    EXPECT_NE(result.status, 1) << result.output;
  }
  SeraiProcess::Options options;
  options.profile = directory.path() / "profile.yaml";
  options.data = data;
  const SeraiProcess host(options);
  EXPECT_EQ(host.client().get("/health/ready").status, 200);
  EXPECT_EQ(integrity_of(data / "platform.db"), "ok");
}

}  // namespace
}  // namespace serai_test
