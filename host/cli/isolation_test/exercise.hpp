// Fills a tenant through the routes themselves: every operation is called by its rightful owner
// until it is answered 2xx, with values from its schema and ids from earlier answers.
#pragma once

#include "cli/isolation_test/recipes.hpp"
#include "cli/isolation_test/report.hpp"

namespace host::cli::isolation_test {

class Exercise {
 public:
  // All must outlive the object.
  Exercise(TestHouse& house, const std::vector<Operation>& operations, Random& random)
      : house_(house), operations_(operations), random_(random) {}

  const std::vector<Operation>& operations() const { return operations_; }
  // Every operation that a tenant's user or nobody may call. What worked stands in side.worked.
  void fill(Side& side);
  // Once more something to work on: runs the operation that made things of this kind.
  bool make_another(Side& side, const Operation& operation);
  // The administrator's operations, on a tenant made for this alone; the last ones install and
  // remove a plugin. What did not work is reported.
  void administer(Random& random, Report& report);
  // Why an operation was not answered 2xx for that side, if it was not.
  std::string trouble(const Side& side, const Operation& operation) const;
  // A new request of that kind, with new marks; as it was when it worked.
  Shape again(Side& side, const Operation& operation);
  // What a good answer tells: names for later requests, and words that are the side's alone.
  void learn(Side& side, const Operation& operation, const Answer& answer);

 private:
  // A tenant made for this alone goes out of the house and comes in again.
  void travel(const std::string& tenant, Report& report);
  bool attempt(Side& side, const Operation& operation, bool last_resort);
  bool attempt_once(Side& side, const Operation& operation, const Actor& actor, const Shape& shape);
  std::optional<Shape> shape_of(Side& side, const Operation& operation, std::size_t variant,
                                bool last_resort);
  std::string table(Side& side, const Operation& operation, InventOptions options,
                    std::string otherwise);
  void look_again(Side& side);
  void look_for_things(Side& side);
  void make_more(Side& side, const Operation& operation);
  bool administer_one(Side& guest, const Operation& operation, const std::string& plugin,
                      const std::string& secret, Report& report);

  TestHouse& house_;
  const std::vector<Operation>& operations_;
  Random& random_;
  std::map<std::pair<std::string, std::string>, std::string> troubles_;
  std::map<std::pair<std::string, std::string>, std::size_t> variants_;  // what worked
};

// Creating first, deleting last.
int turn_of(const Operation& operation);

// Whether it is one of those that travel() calls.
bool is_of_a_journey(const Operation& operation);

// Whether a text field of that name looks for something.
bool searches(std::string_view name);

}  // namespace host::cli::isolation_test
