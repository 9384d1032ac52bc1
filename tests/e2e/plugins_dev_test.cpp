// `serai plugin dev` as an author meets it: a plugin from the template, outside the tree, built
// against an installed SDK; files are saved, answers are asked for over HTTP.
#include <array>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr auto kPatience = std::chrono::minutes(5);

// The command as a child; what it prints is read until something awaited has come.
class Dev {
 public:
  Dev(const fs::path& serai, const fs::path& folder, const fs::path& temporary) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    const std::string tmpdir = "TMPDIR=" + temporary.string();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::putenv(const_cast<char*>(tmpdir.c_str()));
      ::setenv("CMAKE_CXX_COMPILER_LAUNCHER", SERAI_LAUNCHER, 1);
      ::execl(serai.c_str(), "serai", "plugin", "dev", folder.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    // Always read, as a terminal does: a command that may not print would wait for that.
    reader_ = std::jthread([this, output = ends[0]] {
      std::array<char, 4096> buffer;
      for (ssize_t got; (got = ::read(output, buffer.data(), buffer.size())) > 0;) {
        const std::lock_guard lock(mutex_);
        printed_.append(buffer.data(), static_cast<std::size_t>(got));
        more_.notify_all();
      }
      ::close(output);
      const std::lock_guard lock(mutex_);
      ended_ = true;
      more_.notify_all();
    });
  }
  ~Dev() {
    if (pid_ > 0) interrupt();
  }

  // True: `text` has come since the last call that found something. What it says of several
  // things to come tells which of them came first.
  bool prints(const std::string& text) {
    std::unique_lock lock(mutex_);
    std::size_t at = std::string::npos;
    more_.wait_for(lock, kPatience, [&] {
      at = printed_.find(text, read_);
      return at != std::string::npos || ended_;
    });
    if (at == std::string::npos) return false;
    read_ = at + text.size();
    return true;
  }
  std::string printed() const {
    const std::lock_guard lock(mutex_);
    return printed_;
  }
  // The rest of the line that begins with `name`=.
  std::string value(const std::string& name) const {
    const auto text = printed();
    const auto at = text.rfind("\n" + name + "=");
    if (at == std::string::npos) throw std::runtime_error("no " + name + " in: " + text);
    const auto begin = at + name.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }
  HttpClient client() const { return HttpClient(value("URL")).bearer(value("TOKEN")); }

  // Ctrl-C; the exit status.
  int interrupt() {
    ::kill(pid_, SIGINT);
    int raw = 0;
    ::waitpid(pid_, &raw, 0);
    pid_ = -1;
    return WIFEXITED(raw) ? WEXITSTATUS(raw) : -WTERMSIG(raw);
  }

 private:
  pid_t pid_ = -1;
  std::size_t read_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::string printed_;
  bool ended_ = false;
  std::jthread reader_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("no " + from);
  return text.replace(at, from.size(), to);
}

TEST(PluginDev, follows_every_save_and_keeps_the_last_good_version) {
  const TemporaryDirectory work;
  const auto root = work.path();
  const auto prefix = root / "prefix", serai = prefix / "bin/serai";
  fs::create_directory(root / "tmp");
  const auto installed = shell(
      "cmake --install " SERAI_BUILD_DIRECTORY " --component sdk --prefix " + prefix.string());
  ASSERT_EQ(installed.status, 0) << installed.output;
  fs::create_directories(serai.parent_path());
  fs::copy_file(SERAI_BUILD_DIRECTORY "/bin/serai", serai);
  const auto written = shell(serai.string() + " plugin new packing --directory " + root.string());
  ASSERT_EQ(written.status, 0) << written.output;
  const auto folder = root / "packing", source = folder / "src/packing.cpp";

  Dev dev(serai, folder, root / "tmp");
  ASSERT_TRUE(dev.prints("Built and loaded")) << dev.printed();
  ASSERT_TRUE(dev.prints("/api/v1/packing/notes/ID'")) << dev.printed();
  EXPECT_THAT(dev.printed(), HasSubstr(R"(-d '{"text":"text"}')"));

  // The curl line it prints, as it stands.
  const auto begin = dev.printed().find("curl -sS -X POST");
  const auto curl = dev.printed().substr(begin, dev.printed().find('\n', begin) - begin);
  EXPECT_THAT(shell("TOKEN=" + dev.value("TOKEN") + "; " + curl).output,
              HasSubstr("\"success\":true"));
  EXPECT_TRUE(dev.prints("Note added")) << dev.printed();  // the plugin's log

  const auto client = dev.client();
  const auto answers = [&](const std::string& text) {
    return eventually(
        [&] { return client.get("/api/v1/packing/notes").body.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(answers("\"count\":1"));
  const auto good = read_file(source);

  // Saved: the answer changes, the data stays.
  const auto edited = replaced(good, "serai::list(rows.json())",
                               R"(serai::Json{{"edition", 2}, {"count", rows.size()}})");
  write_file(source, edited);
  EXPECT_TRUE(answers("\"edition\":2")) << dev.printed();
  EXPECT_TRUE(dev.prints("Built and loaded")) << dev.printed();
  EXPECT_TRUE(answers("\"count\":1"));

  // Broken: the compiler's words, none of the build tool's, and the old answer.
  write_file(source, replaced(edited, "{\"edition\", 2}", "{\"edition\", two}"));
  EXPECT_TRUE(dev.prints("error: ")) << dev.printed();
  EXPECT_TRUE(dev.prints("The build failed; the last good version goes on")) << dev.printed();
  EXPECT_THAT(dev.printed(), testing::Not(HasSubstr("FAILED: ")));
  EXPECT_TRUE(answers("\"edition\":2"));

  // Builds but does not load: why, and the old answer.
  const auto manifest = read_file(folder / "plugin.yaml");
  write_file(source, edited);
  EXPECT_TRUE(dev.prints("Built and loaded")) << dev.printed();
  write_file(folder / "plugin.yaml", replaced(manifest, "handler: get_note", "handler: find_note"));
  EXPECT_TRUE(dev.prints("Not loaded: ")) << dev.printed();
  EXPECT_TRUE(dev.prints("find_note")) << dev.printed();
  EXPECT_TRUE(answers("\"edition\":2"));

  // Whole again.
  write_file(folder / "plugin.yaml", manifest);
  write_file(source, replaced(edited, "{\"edition\", 2}", "{\"edition\", 3}"));
  EXPECT_TRUE(answers("\"edition\":3")) << dev.printed();

  // A migration that has run is changed: the demo tenant begins again.
  const auto migration = folder / "migrations/001_create_notes.up.sql";
  write_file(migration, replaced(read_file(migration), "  text text NOT NULL,",
                                 "  text text NOT NULL,\n  colour text,"));
  EXPECT_TRUE(dev.prints("starting again with empty tables")) << dev.printed();
  ASSERT_TRUE(dev.prints("Built and loaded")) << dev.printed();
  EXPECT_EQ(dev.client().get("/api/v1/packing/notes").json()["count"], 0);

  // A plugin that takes the host down: said, and mended by the next save.
  write_file(source, replaced(good, "const auto rows", "std::abort(); const auto rows"));
  ASSERT_TRUE(dev.prints("Built and loaded")) << dev.printed();
  EXPECT_EQ(dev.client().get("/api/v1/packing/notes").status, 0);  // no answer
  EXPECT_TRUE(dev.prints("The host ended with signal 6")) << dev.printed();
  write_file(source, good);
  ASSERT_TRUE(dev.prints("Built and loaded")) << dev.printed();
  EXPECT_EQ(dev.client().get("/api/v1/packing/notes").json()["count"], 0);

  const auto url = dev.value("URL");
  EXPECT_EQ(dev.interrupt(), 0);
  EXPECT_TRUE(fs::is_empty(root / "tmp"));
  EXPECT_EQ(HttpClient(url).get("/health/live").status, 0);  // nobody is there any more
}

TEST(PluginDev, says_what_is_missing) {
  const TemporaryDirectory work;
  const auto result = run_serai({"plugin", "dev", work.path().string()});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("it has no CMakeLists.txt"));
  write_file(work.path() / "CMakeLists.txt", "");
  write_file(work.path() / "plugin.yaml", "manifest: 1\n");
  EXPECT_THAT(run_serai({"plugin", "dev", work.path().string()}).err, HasSubstr("has no id"));
}

}  // namespace
}  // namespace serai_test
