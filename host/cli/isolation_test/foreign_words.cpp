// The other tenant's queries, cursors, bodies, headers and keys.
#include <algorithm>

#include "cli/isolation_test/attacks.hpp"

namespace host::cli::isolation_test {

void Attacks::foreign_words(const Target& target, Actor& actor) {
  const auto& operation = target.operation;
  Shape shape = target.own;
  if (!target.foreign.query.empty()) {
    shape.query = target.foreign.query;
    send(target, actor, "foreign query", shape);
  }
  for (const auto& parameter : operation.query) {
    if (!names_a_cursor(parameter.name)) continue;
    for (const auto& cursor : victim_.pool.cursors(operation.path)) {
      shape = target.own;
      std::erase_if(shape.query, [&](const auto& pair) { return pair.first == parameter.name; });
      shape.query.emplace_back(parameter.name, cursor);
      send(target, actor, "foreign cursor", shape);
    }
  }
  if (target.foreign.has_body && !target.own.path.empty()) {
    shape = target.own;
    shape.body = target.foreign.body;
    send(target, actor, "foreign body", shape);
  }
}

void Attacks::headers(const Target& target, Actor& actor) {
  if (target.operation.method == "DELETE") return;
  auto& mismatch = row(target, actor, "client id");
  auto ask = to_ask(target.operation, target.own, actor);
  ask.headers.emplace_back("X-Client-ID", victim_.id);
  const auto answer = judge_.attack(mismatch, actor, ask);
  if (target.operation.guard == Guard::user)
    expect_refused(mismatch, answer, ask, "with another tenant's X-Client-ID");
  Pairs names;
  for (const auto* name : {"X-Tenant-ID", "X-Tenant", "X-Organization-ID", "X-Account-ID",
                           "X-Serai-Tenant", "X-Forwarded-Host", "X-User-ID"})
    names.emplace_back(name, std::string(name) == "X-User-ID" ? victim_.owner().user : victim_.id);
  send(target, actor, "tenant in headers", target.own, names);
  Shape shape = target.own;
  for (const auto* name : {"tenant_id", "tenant", "client_id"}) {
    shape.query.emplace_back(name, victim_.id);
    if (shape.has_body && shape.body.is_object()) shape.body[name] = victim_.id;
  }
  send(target, actor, "tenant in input", shape);
  Pairs conditions{{"Cookie", "tenant=" + victim_.id}};
  if (!etags_.empty()) conditions.emplace_back("If-None-Match", etags_.back());
  send(target, actor, "foreign etag", target.own, conditions);
  if (actor.name == "owner" && target.operation.guard == Guard::user) crossed_token(target, actor);
}

// The other way round: their token, our name. Refused, and theirs is the record of it.
void Attacks::crossed_token(const Target& target, Actor& actor) {
  auto ask = to_ask(target.operation, target.own, victim_.owner());
  ask.headers.emplace_back("X-Client-ID", attacker_.id);
  attacker_.marks.told(attacker_.id);  // it stands in the victim's own record of this
  judge_.look_around(row(target, actor, "own"));
  auto& row = this->row(target, actor, "crossed token");
  const auto refused = judge_.use(ask, target.operation);
  expect_refused(row, refused, ask, "to a token with another tenant's X-Client-ID");
  ++row.requests;
  ++row.statuses[refused.status];
  judge_.arm();
}

// The victim's request once more, with the key it had just used. The same words may rightly get
// the attacker the same names (of equal content, say): what it is answered under a key of its own
// is no secret.
void Attacks::replay(const Target& target, Actor& actor) {
  const auto& operation = target.operation;
  const auto shape = exercise_.again(victim_, operation);
  const auto key = "key-" + std::to_string(++keys_) + "-" + victim_.id;
  auto theirs = to_ask(operation, shape, victim_.owner());
  theirs.headers.emplace_back("Idempotency-Key", key);
  const auto first = judge_.use(theirs, operation);
  judge_.set_tripwire();
  auto& row = this->row(target, actor, "idempotency key");
  auto mine = to_ask(operation, shape, actor);
  mine.headers.emplace_back("Idempotency-Key", "own-" + key);
  const auto control = judge_.attack(row, actor, mine);
  takes(operation, shape, control);
  if (first.good()) exercise_.learn(victim_, operation, first);
  victim_.marks.told(control.text());
  mine.headers.back().second = key;
  const auto answer = judge_.attack(row, actor, mine);
  takes(operation, shape, answer);
  if (answer.headers.find("Idempotent-Replayed") != nullptr)
    judge_.leak(row, "the other tenant's answer was given again", mine);
  judge_.look_around(row);
}

}  // namespace host::cli::isolation_test
