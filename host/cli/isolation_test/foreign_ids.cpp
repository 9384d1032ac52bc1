// The other tenant's ids in a path.
#include <algorithm>

#include "cli/isolation_test/attacks.hpp"

namespace host::cli::isolation_test {
namespace {

constexpr std::size_t kMostDigits = 9;  // of what counts upwards

bool counts(const std::string& value) {
  return !value.empty() && value.size() <= kMostDigits &&
         value.find_first_not_of("0123456789") == value.npos;
}

}  // namespace

// What counts upwards is guessed: around one's own, and around what the victim was given last.
void Attacks::numbers_beside(const Target& target, Actor& actor) {
  for (const auto& [name, value] : target.own.path) {
    std::set<long> numbers;
    const auto around = [&](const std::string& text) {
      if (!counts(text)) return;
      for (long step = -3; step <= 3; ++step)
        if (const auto number = std::stol(text) + step; number >= 0) numbers.insert(number);
    };
    around(value);
    for (const auto* side : {&attacker_, &victim_})
      if (const auto known = side->pool.for_path(target.operation, name, 1); !known.empty())
        around(known.front());
    for (const auto number : numbers) {
      Shape beside = target.own;
      beside.path[name] = std::to_string(number);
      send(target, actor, "number beside", beside);
    }
  }
}

void Attacks::foreign_path(const Target& target, Actor& actor) {
  numbers_beside(target, actor);
  Shape shape = target.own;
  shape.path = target.foreign.path;
  bool known = false, guessable = false;
  for (const auto& [name, value] : shape.path) {
    known = known || took_.contains(value) || value == target.own.path.at(name);
    guessable = guessable || !is_unguessable(value);
  }
  Shape nowhere = shape;
  for (auto& [name, value] : nowhere.path) value = unknown_like(value, random_);
  const auto control = send(target, actor, "unknown id", nowhere);
  const auto answer = send(target, actor, "foreign id", shape);
  if (control.good()) takes_any_id_.insert(target.operation.id);
  if (known || guessable || target.operation.method == "PUT") return;
  auto& row = this->row(target, actor, "foreign id");
  const auto ask = to_ask(target.operation, shape, actor);
  if (answer.status != control.status || code_of(answer) != code_of(control))
    judge_.leak(row,
                "answered " + std::to_string(answer.status) + " " + code_of(answer) +
                    " where an id that nobody has is " + std::to_string(control.status) + " " +
                    code_of(control),
                ask);
  if (shape.path.size() == 1) others(target, actor, control);
  if (shape.path.size() < 2) return;
  for (const auto& [name, value] : target.own.path) {  // one of theirs among ours
    Shape mixed = target.own;
    mixed.path[name] = target.foreign.path.at(name);
    send(target, actor, "one foreign id", mixed);
  }
}

// What worked once may be gone since: things of the victim's that are new.
void Attacks::others(const Target& target, Actor& actor, const Answer& control) {
  auto& row = this->row(target, actor, "foreign id");
  const auto& name = target.foreign.path.begin()->first;
  for (const auto& id : victim_.pool.for_path(target.operation, name, 3)) {
    if (!is_only_the_victims(id)) continue;
    Shape shape = target.own;
    shape.path[name] = id;
    const auto answer = send(target, actor, "foreign id", shape);
    if (answer.status != control.status || code_of(answer) != code_of(control))
      judge_.leak(row,
                  "answered " + std::to_string(answer.status) + " where an id that nobody has is " +
                      std::to_string(control.status),
                  to_ask(target.operation, shape, actor));
  }
}

}  // namespace host::cli::isolation_test
