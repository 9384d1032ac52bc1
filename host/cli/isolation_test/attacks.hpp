// Every route, as every role of one tenant, with everything of the other's: systematically first,
// then at random.
#pragma once

#include "cli/isolation_test/exercise.hpp"
#include "cli/isolation_test/judge.hpp"

namespace host::cli::isolation_test {

class Attacks {
 public:
  Attacks(TestHouse& house, Exercise& exercise, const std::vector<Operation>& operations,
          Side& attacker, Side& victim, Random& random, Report& report)
      : house_(house),
        exercise_(exercise),
        operations_(operations),
        attacker_(attacker),
        victim_(victim),
        random_(random),
        report_(report),
        judge_(house, attacker, victim, random, report) {}

  // Each route x role x kind of attack once.
  void systematic();
  // Random combinations until `requests` have been sent in all.
  void storm(std::uint64_t requests);
  // The victim goes on working: something new of everything, and everything looked at.
  void warm_all();
  Judge& judge() { return judge_; }

 private:
  struct Target {
    const Operation& operation;
    const Shape& own;
    const Shape& foreign;
  };
  void on_route(const Target& target);
  void as_actor(const Target& target, Actor& actor);
  void foreign_path(const Target& target, Actor& actor);
  void others(const Target& target, Actor& actor, const Answer& control);
  void headers(const Target& target, Actor& actor);
  void links();
  void warm(const Target& target);
  Row& row(const Target& target, const Actor& actor, const std::string& attack);
  // Sends and applies the rules that hold for every attack.
  Answer send(const Target& target, Actor& actor, const std::string& attack, const Shape& shape,
              const Pairs& headers = {});
  void expect_refused(Row& row, const Answer& answer, const Ask& ask, const std::string& why);
  Shape mixed(const Operation& operation, const Shape& own, const Shape& foreign);
  Pairs random_headers();
  const Operation& some_operation();
  void strike(const Operation& operation, Actor& actor);

  TestHouse& house_;
  Exercise& exercise_;
  const std::vector<Operation>& operations_;
  Side& attacker_;
  Side& victim_;
  Random& random_;
  Report& report_;
  Judge judge_;
  std::set<std::string> took_;  // ids of the victim that the attacker gave to things of its own
  std::set<std::string> takes_any_id_;  // operations that answer 2xx to ids that nobody has
  std::vector<std::string> etags_;      // of the victim's answers
};

// The same letters and digits in other places: an id of that form that nobody has.
std::string unknown_like(const std::string& id, Random& random);

// Whether a field of that name holds what opens a door to whoever has it.
bool is_credential(std::string_view name);

// Whether other tenants cannot have the same by chance or custom.
bool is_unguessable(const std::string& id);

}  // namespace host::cli::isolation_test
