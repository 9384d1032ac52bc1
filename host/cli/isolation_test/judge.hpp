// Asks as the attacker and judges everything that comes of it: the answer, the log lines, the
// victim's data.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "cli/isolation_test/report.hpp"
#include "cli/isolation_test/tripwire.hpp"

namespace host::cli::isolation_test {

// One of several requests that are under way at the same time.
struct Attempt {
  Row* row;
  Actor* actor;
  Ask ask;
  Answer answer = {};
};

class Judge {
 public:
  Judge(TestHouse& house, Side& attacker, Side& victim, Random& random, Report& report)
      : house_(house),
        attacker_(attacker),
        victim_(victim),
        random_(random),
        report_(report),
        tripwire_(house, victim) {}

  // As the attacker. The actor's session is renewed once if it has ended. What it says, it knows.
  Answer attack(Row& row, Actor& actor, Ask ask);
  // The same with several at once; fills in their answers.
  void attack_together(std::vector<Attempt>& attempts);
  // As somebody of the victim's own, to have its data in use; arm() the tripwire anew afterwards.
  // Nothing of the attacker's may be in the answer.
  Answer use(const Ask& ask, const Operation& operation);
  // After some requests: has the victim's data changed, do log lines show it? Blames the row.
  void look_around(Row& row);
  // The victim is left alone from here on; jobs of its own may still be waiting.
  void arm();
  // The same, with its jobs done.
  void set_tripwire();
  bool touched() const { return tripwire_.touched(); }
  void leak(Row& row, const std::string& what, const Ask& ask);

 private:
  void read_log();
  void read_outside();
  std::string address();
  void prepare(Row& row, Ask& ask);
  void judge(Row& row, const Ask& ask, const Answer& answer);

  TestHouse& house_;
  Side& attacker_;
  Side& victim_;
  Random& random_;
  Report& report_;
  Tripwire tripwire_;
  std::uint64_t number_ = 0;
  std::unordered_map<std::string, Row*> asked_;  // by request id, since the log was read
  std::string last_line_;
};

}  // namespace host::cli::isolation_test
