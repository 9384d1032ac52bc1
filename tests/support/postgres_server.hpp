// A PostgreSQL server of this test program's own: made by initdb in a temporary directory, reached
// over a Unix socket there and nowhere else, gone with the program. As root it runs as an
// unprivileged user, because PostgreSQL refuses root. Its disk is not synced: it forgets everything
// anyway.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <signal.h>
#include <sys/types.h>

#include "support/temporary_directory.hpp"

namespace serai_test {

class PostgresServer {
 public:
  // The one of this program, started when it is first asked for.
  static PostgresServer& shared();

  // `for_replicas`: its log says enough for them; costs time.
  explicit PostgresServer(bool for_replicas = false);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A server that follows this one by streaming replication: pg_basebackup of what there is now,
  // and everything that comes. This one must have been made for replicas, and outlives it.
  std::unique_ptr<PostgresServer> make_replica() const;
  // How far its log reaches, or how far it has replayed that of its primary.
  std::string position() const;

  // A new database, made ready by packaging/postgres/setup.sql. Throws std::runtime_error.
  std::string make_database();
  void drop_database(const std::string& name);
  // What to connect with, as one of the roles of setup.sql or as "postgres", the superuser.
  std::string connection(const std::string& database, const std::string& role) const;
  // Runs SQL as the superuser, by psql; its output. Throws std::runtime_error with what it said.
  std::string sql(const std::string& database, const std::string& text) const;

  pid_t pid() const { return pid_; }
  // SIGQUIT: every connection is cut, as by a crash. Then start() again on the same data.
  void crash();
  void start();
  // From now on no table or index can grow, until it is given room again. Takes effect at once.
  void fill_disk();
  void give_room();
  // All of its processes stand still: connections are kept, nothing is said.
  void freeze() { signal_all(SIGSTOP); }
  void thaw() { signal_all(SIGCONT); }

 private:
  explicit PostgresServer(const PostgresServer& primary, bool);
  void give_directory_away() const;
  std::string psql(const std::string& database, const std::string& arguments) const;
  void signal_all(int number) const;
  std::filesystem::path data() const { return directory_.path() / "data"; }
  std::filesystem::path full() const { return directory_.path() / "full"; }  // exists: it is

  TemporaryDirectory directory_;
  const bool for_replicas_;
  pid_t pid_ = -1;
  int databases_ = 0;
};

}  // namespace serai_test
