// A house of the test's own: the profile's plugins on a scratch folder that goes away with the
// object, with limits that do not stand in the way, its log in a file, and nothing outside of it
// reachable (outside.hpp). The operator's own data, keys and providers are never touched. One in a
// process at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "cli/house.hpp"
#include "cli/isolation_test/books.hpp"
#include "cli/isolation_test/outside.hpp"
#include "cli/isolation_test/side.hpp"
#include "cli/scratch_folder.hpp"

namespace host::cli::isolation_test {

// Sends standard error into a file for as long as it lives; this is where a house's log goes.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& file);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  // What was written since the last call, whole lines.
  std::string read_new();

 private:
  int saved_ = -1, descriptor_ = -1;
  long at_ = 0;
  std::string part_;  // a line that is not whole
};

class TestHouse {
 public:
  // `more`: files of plugins beside the profile's. Throws std::exception if it does not come up.
  // `postgres`: its two connections, to a database with nothing in it; without, SQLite.
  TestHouse(config::Profile profile, const std::vector<std::filesystem::path>& more,
            const std::optional<config::PostgresKeys>& postgres);
  ~TestHouse();

  Door& door() { return *door_; }
  Rooms& rooms() { return house_->rooms(); }
  LogFile& log() { return *log_; }
  Outside& outside() { return outside_; }
  const Books& books() const { return *books_; }
  std::filesystem::path data() const { return folder_.path() / "data"; }
  const std::filesystem::path& plugin_folder() const { return plugins_; }

  // A tenant with a person of every role and those whose credentials must not work.
  std::unique_ptr<Side> make_side(const std::string& label, Random& random);
  Actor platform() const;
  // A new user with a session; `password` for those who will sign in.
  Actor make_person(Side& side, const std::string& role, const std::string& password = {});
  // A new session of the same user, or a new user in the place of one who is gone.
  void renew(Side& side, Actor& actor);
  // Whether the actor's role has no permission still: its own administrators may change that.
  bool may_nothing(const Side& side, const Actor& actor);
  // Jobs run here and nowhere else: who is settled first decides in which order two tenants' jobs
  // run. False: something is still due after a minute.
  bool settle(const Side& side);
  // The newest token that was mailed to the address; empty: none.
  std::string mailed_token(const Side& side, const std::string& address) const;
  CallToken token(const std::string& tenant) const;

 private:
  void add_untrusted(Side& side);

  const Signer signer_;
  Outside outside_;       // outlives the house
  ScratchFolder folder_;  // outlives the house
  std::filesystem::path plugins_;
  config::Keys keys_;
  std::unique_ptr<LogFile> log_;
  std::unique_ptr<House> house_;
  std::unique_ptr<Books> books_;
  std::unique_ptr<Door> door_;
};

}  // namespace host::cli::isolation_test
