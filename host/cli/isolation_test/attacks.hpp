// Every route, as every role of one tenant, with everything of the other's: systematically first,
// then at random. In between the other tenant goes on working, so that what it did last, and what
// still waits to be done for it, is there to be leaked.
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
  // Random combinations until `requests` have been sent in all, and no fewer than a quarter of
  // that.
  void storm(std::uint64_t requests);
  // The victim makes something new of everything near the operation and looks at it. Its jobs are
  // left waiting.
  void victim_works(const Operation& near);
  // The same for all that is a plugin's.
  void victim_works(const std::string& plugin);
  Judge& judge() { return judge_; }

 private:
  struct Target {
    const Operation& operation;
    const Shape& own;
    const Shape& foreign;
  };
  void on_route(const Target& target);
  void as_actor(const Target& target, Actor& actor);
  void as_no_administrator(const Operation& operation);
  void foreign_path(const Target& target, Actor& actor);
  void numbers_beside(const Target& target, Actor& actor);
  void others(const Target& target, Actor& actor, const Answer& control);
  void foreign_words(const Target& target, Actor& actor);
  void headers(const Target& target, Actor& actor);
  void crossed_token(const Target& target, Actor& actor);
  void replay(const Target& target, Actor& actor);
  void links();

  void victim_works(const std::vector<const Operation*>& operations);
  void victim_does(const Operation& operation);
  bool victim_can(const Operation& operation) const;

  Row& row(const Target& target, const Actor& actor, const std::string& attack);
  // Sends and applies the rules that hold for every attack.
  Answer send(const Target& target, Actor& actor, const std::string& attack, const Shape& shape,
              const Pairs& headers = {});
  void check(const Operation& operation, const Actor& actor, Row& row, const Ask& ask,
             const Shape& shape, const Answer& answer);
  // What a good answer names is the attacker's own from now on.
  void takes(const Operation& operation, const Shape& shape, const Answer& answer);
  void expect_refused(Row& row, const Answer& answer, const Ask& ask, const std::string& why);
  bool is_only_the_victims(const std::string& value) const;
  Shape mixed(const Operation& operation, const Shape& own, const Shape& foreign);
  Pairs random_headers();
  const Operation& some_operation();
  // A random request, to be sent beside others; and what its answer means.
  struct Strike {
    const Operation& operation;
    Actor& actor;
    Shape shape;
    Pairs headers;
    Ask ask;
  };
  Strike aim(const Operation& operation, Actor& actor);
  void strike_together(const std::vector<Strike>& strikes);
  void judge_good(const Strike& strike, Row& row, const Answer& answer);

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
  std::uint64_t keys_ = 0;              // idempotency keys that were used
};

// "GET /api/v1/users/{id}"
std::string subject_of(const Operation& operation);

// The `code` of a problem; empty: none.
std::string code_of(const Answer& answer);

// The same letters and digits in other places: an id of that form that nobody has.
std::string unknown_like(const std::string& id, Random& random);

// Whether a field of that name holds what opens a door to whoever has it.
bool is_credential(std::string_view name);

// Whether other tenants cannot have the same by chance or custom.
bool is_unguessable(const std::string& id);

// A password's hash, or a walk along a whole chain: takes a hundred times as long as the rest. By
// what it is and not by its time, so that a seed replays.
bool is_costly(const Operation& operation);

}  // namespace host::cli::isolation_test
