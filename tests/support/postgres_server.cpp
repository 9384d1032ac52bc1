#include "support/postgres_server.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace serai_test {
namespace {

namespace fs = std::filesystem;

constexpr auto kPatience = std::chrono::minutes(2);
constexpr const char* kTemplate = "serai_template";

fs::path program(const std::string& name) {
  for (const char* folder : {"/usr/lib/postgresql/15/bin", "/usr/local/bin", "/usr/bin"}) {
    if (fs::exists(fs::path(folder) / name)) return fs::path(folder) / name;
  }
  throw std::runtime_error(name + " is not installed; it comes with the package postgresql-15");
}

// Who the server runs as; null: as we do.
const passwd* unprivileged() {
  if (::geteuid() != 0) return nullptr;
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* user = ::getpwnam(name)) return user;
  }
  throw std::runtime_error("PostgreSQL refuses root, and there is no user postgres or nobody");
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// `full`: the switch of full_disk.c.
pid_t spawn(const std::vector<std::string>& command, const fs::path& log, const fs::path& full) {
  std::vector<char*> argv;
  for (const auto& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const passwd* user = unprivileged();
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid > 0) return pid;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
                          ::setuid(user->pw_uid) != 0 || ::chdir("/") != 0)) {
    ::_exit(126);
  }
  ::setenv("LD_PRELOAD", SERAI_FULL_DISK, 1);
  ::setenv("SERAI_TEST_FULL_DISK", full.c_str(), 1);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // not to outlive a test that crashes
  if (::getppid() != parent) ::_exit(125);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

int wait_for(pid_t pid) {
  int raw = 0;
  ::waitpid(pid, &raw, 0);
  return WIFEXITED(raw) ? WEXITSTATUS(raw) : -WTERMSIG(raw);
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

void PostgresServer::give_directory_away() const {
  if (const passwd* user = unprivileged();
      user != nullptr && ::chown(directory_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("the server's directory cannot be given away");
  }
}

PostgresServer::PostgresServer(bool for_replicas) : for_replicas_(for_replicas) {
  give_directory_away();
  const fs::path log = directory_.path() / "log";
  const int status = wait_for(
      spawn({program("initdb").string(), "--pgdata", data().string(), "--username=postgres",
             "--auth=trust", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"},
            log, full()));
  if (status != 0) throw std::runtime_error("initdb failed: " + read(log));
  start();
  sql("postgres", std::string("CREATE DATABASE ") + kTemplate);
  psql(kTemplate, "--file=" SERAI_SOURCE_DIRECTORY "/packaging/postgres/setup.sql");
}

PostgresServer::PostgresServer(const PostgresServer& primary, bool) : for_replicas_(true) {
  give_directory_away();
  const fs::path log = directory_.path() / "log";
  const int status =
      wait_for(spawn({program("pg_basebackup").string(), "--pgdata=" + data().string(),
                      "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf",
                      "--no-sync", "--dbname=" + primary.connection("postgres", "postgres")},
                     log, full()));
  if (status != 0) throw std::runtime_error("pg_basebackup failed: " + read(log));
  start();
}

std::unique_ptr<PostgresServer> PostgresServer::make_replica() const {
  return std::unique_ptr<PostgresServer>(new PostgresServer(*this, true));
}

std::string PostgresServer::position() const {
  return sql("postgres",
             "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE "
             "pg_current_wal_flush_lsn() END - '0/0'::pg_lsn");
}

PostgresServer::~PostgresServer() { crash(); }

void PostgresServer::start() {
  const fs::path log = directory_.path() / "log";
  std::vector<std::string> command{program("postgres").string(), "-D", data().string()};
  for (const char* setting :
       {"listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=200",
        "shared_buffers=32MB", "max_locks_per_transaction=128", "logging_collector=off",
        "log_min_messages=error", "log_min_error_statement=panic"}) {
    command.insert(command.end(), {"-c", setting});
  }
  for (const char* setting : for_replicas_ ? std::array{"wal_level=replica", "max_wal_senders=4"}
                                           : std::array{"wal_level=minimal", "max_wal_senders=0"}) {
    command.insert(command.end(), {"-c", setting});
  }
  command.insert(command.end(), {"-c", "unix_socket_directories=" + directory_.path().string()});
  pid_ = spawn(command, log, full());
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (PQping(connection("postgres", "postgres").c_str()) != PQPING_OK) {
    int raw = 0;
    if (::waitpid(pid_, &raw, WNOHANG) == pid_ || std::chrono::steady_clock::now() > until) {
      throw std::runtime_error("PostgreSQL did not start: " + read(log));
    }
    ::poll(nullptr, 0, 10);  // lets it have the processor between two questions
  }
}

void PostgresServer::crash() {
  if (pid_ <= 0) return;
  thaw();
  ::kill(pid_, SIGQUIT);
  wait_for(pid_);
  pid_ = -1;
}

void PostgresServer::fill_disk() { std::ofstream(full()) << "full"; }
void PostgresServer::give_room() { fs::remove(full()); }

// The server first, so that it makes no more; then the processes it has made.
void PostgresServer::signal_all(int number) const {
  if (pid_ <= 0) return;
  ::kill(pid_, number);
  const std::string task = "/proc/" + std::to_string(pid_) + "/task/" + std::to_string(pid_);
  std::istringstream children(read(task + "/children"));
  for (pid_t child = 0; children >> child;) ::kill(child, number);
}

std::string PostgresServer::connection(const std::string& database, const std::string& role) const {
  return "host=" + directory_.path().string() + " dbname=" + database + " user=" + role;
}

std::string PostgresServer::psql(const std::string& database, const std::string& arguments) const {
  const std::string command = program("psql").string() + " --no-psqlrc --quiet --tuples-only " +
                              "--no-align --set=ON_ERROR_STOP=1 --dbname='" +
                              connection(database, "postgres") + "' " + arguments + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("no shell");
  std::string output;
  std::array<char, 4096> buffer;
  while (const auto got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), got);
  }
  if (::pclose(pipe) != 0) throw std::runtime_error("psql: " + output);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

std::string PostgresServer::sql(const std::string& database, const std::string& text) const {
  static std::atomic<int> count{0};
  const fs::path file = directory_.path() / ("sql-" + std::to_string(count++));
  {
    std::ofstream out(file);
    out << text << ";\n";
  }
  return psql(database, "--file=" + file.string());
}

std::string PostgresServer::make_database() {
  std::string name = "test_" + std::to_string(++databases_);
  sql("postgres",
      "CREATE DATABASE " + name + " TEMPLATE " + kTemplate + ";REVOKE ALL ON DATABASE " + name +
          " FROM PUBLIC; GRANT CONNECT ON DATABASE " + name + " TO serai_owner, serai_app");
  return name;
}

void PostgresServer::drop_database(const std::string& name) {
  sql("postgres", "DROP DATABASE " + name + " WITH (FORCE)");
}

}  // namespace serai_test
