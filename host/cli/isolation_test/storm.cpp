// Random combinations: either tenant's ids, queries, bodies, headers and cursors, by anybody of the
// attacker's, in any order.
#include <algorithm>
#include <array>

#include "cli/isolation_test/attacks.hpp"

namespace host::cli::isolation_test {
namespace {

constexpr std::size_t kTogether = 4;  // requests under way at the same time
constexpr int kRound = 50;            // of these between two looks around
constexpr int kMeanwhile = 4;         // things that the victim does in between

bool is_id(std::string_view name) {
  return name == "id" || name.ends_with("_id") || name.ends_with("_ids") ||
         name.ends_with("reference") || name.ends_with("_ref") || names_a_cursor(name);
}

}  // namespace

const Operation& Attacks::some_operation() {
  for (;;) {
    const auto& operation = operations_[random_() % operations_.size()];
    if (operation.guard == Guard::admin && random_() % 8 != 0) continue;
    if (operation.method == "DELETE" && random_() % 4 != 0) continue;
    if (is_costly(operation) && random_() % 50 != 0) continue;
    if (operation.multipart && random_() % 8 != 0) continue;
    if (operation.guard == Guard::admin || attacker_.worked.contains(operation.id))
      return operation;
  }
}

Shape Attacks::mixed(const Operation& operation, const Shape& own, const Shape& foreign) {
  const auto coin = [this](unsigned of) { return random_() % of == 0; };
  Shape shape = own;
  for (const auto& name : operation.path_parameters()) {
    const bool secret = operation.guard == Guard::nobody && is_credential(name);
    auto known = (secret || coin(3) ? attacker_ : victim_).pool.for_path(operation, name);
    if (operation.guard == Guard::admin) known = {victim_.id, attacker_.id, "none"};
    if (!known.empty()) shape.path[name] = known[random_() % known.size()];
  }
  if (operation.guard != Guard::nobody && coin(3)) shape.query = foreign.query;
  for (auto& [name, value] : shape.query)
    if (is_id(name) && coin(2))
      if (const auto known = victim_.pool.for_name(name); !known.empty())
        value = known[random_() % known.size()];
  for (const auto& parameter : operation.query) {
    if (!names_a_cursor(parameter.name) || !coin(3)) continue;
    if (const auto known = victim_.pool.cursors(operation.path); !known.empty())
      shape.query.emplace_back(parameter.name, known[random_() % known.size()]);
  }
  // Signing in as somebody else leaves a record with that somebody, and is tried one by one.
  const bool door = operation.guard == Guard::nobody && operation.plugin.empty();
  if (shape.has_body && shape.body.is_object() && !door) {
    if (operation.guard != Guard::nobody && !operation.multipart && coin(8))
      shape.body = foreign.body;
    for (auto& [name, value] : shape.body.items()) {
      if (!is_id(name) || !value.is_string() || !coin(2)) continue;
      if (const auto known = victim_.pool.for_name(name); !known.empty())
        value = known[random_() % known.size()];
    }
    if (!operation.multipart && coin(10)) shape.body["tenant_id"] = victim_.id;
  }
  return shape;
}

Pairs Attacks::random_headers() {
  Pairs headers;
  const auto maybe = [&](unsigned of, const char* name, const std::string& value) {
    if (random_() % of == 0) headers.emplace_back(name, value);
  };
  maybe(12, "X-Client-ID", random_() % 2 ? victim_.id : attacker_.id);
  maybe(10, "X-Tenant-ID", victim_.id);
  maybe(20, "X-Forwarded-For", "127.0.0.1");
  maybe(20, "X-Original-URL", "/api/v1/admin/tenants/" + victim_.id);
  maybe(20, "X-HTTP-Method-Override", "DELETE");
  maybe(10, "Idempotency-Key", "storm-" + std::to_string(random_() % 50));
  maybe(10, "Accept-Language", "fr");
  maybe(20, "X-Admin-Token", victim_.id);
  if (!etags_.empty()) maybe(8, "If-None-Match", etags_[random_() % etags_.size()]);
  if (!etags_.empty()) maybe(30, "If-Match", etags_[random_() % etags_.size()]);
  return headers;
}

Attacks::Strike Attacks::aim(const Operation& operation, Actor& actor) {
  static const Shape none;
  const auto own = attacker_.worked.find(operation.id), foreign = victim_.worked.find(operation.id);
  const Shape& ours = own == attacker_.worked.end() ? none : own->second;
  auto shape = mixed(operation,
                     random_() % 6 == 0 && own != attacker_.worked.end()
                         ? exercise_.again(attacker_, operation)
                         : ours,
                     foreign == victim_.worked.end() ? none : foreign->second);
  auto headers = random_headers();
  auto ask = to_ask(operation, shape, actor);
  ask.headers.insert(ask.headers.end(), headers.begin(), headers.end());
  return {operation, actor, std::move(shape), std::move(headers), std::move(ask)};
}

void Attacks::strike_together(const std::vector<Strike>& strikes) {
  std::vector<Attempt> attempts;
  for (const auto& strike : strikes)
    attempts.push_back({&report_.row(subject_of(strike.operation), strike.actor.name, "random"),
                        &strike.actor, strike.ask});
  judge_.attack_together(attempts);
  // All of them first: what one made with the victim's words another may have asked for.
  for (std::size_t i = 0; i < strikes.size(); ++i)
    check(strikes[i].operation, strikes[i].actor, *attempts[i].row, attempts[i].ask,
          strikes[i].shape, attempts[i].answer);
  for (std::size_t i = 0; i < strikes.size(); ++i)
    judge_good(strikes[i], *attempts[i].row, attempts[i].answer);
}

void Attacks::judge_good(const Strike& strike, Row& row, const Answer& answer) {
  const auto& operation = strike.operation;
  if (operation.guard == Guard::nobody || !answer.good()) return;
  if (operation.guard == Guard::admin)
    expect_refused(row, answer, strike.ask, "to somebody who is no administrator");
  for (const auto& [name, value] : strike.headers)
    if (name == "X-Client-ID" && value == victim_.id)
      expect_refused(row, answer, strike.ask, "with another tenant's X-Client-ID");
  if (operation.method == "PUT" || takes_any_id_.contains(operation.id)) return;
  for (const auto& [name, value] : strike.shape.path)
    if (is_only_the_victims(value))
      judge_.leak(row, "answered " + std::to_string(answer.status) + " to the other tenant's id",
                  strike.ask);
}

void Attacks::storm(std::uint64_t requests) {
  auto& row = report_.row("everything", "everybody", "random");
  const auto sent = house_.door().sent();
  const auto until = std::max(requests, sent + requests / 4);
  while (house_.door().sent() < until) {
    for (int i = 0; i < kMeanwhile; ++i)
      if (const auto& operation = some_operation(); victim_can(operation)) victim_does(operation);
    if (random_() % 8 == 0) victim_works(some_operation());
    // Now and then the victim's jobs wait until the attacker's have run.
    if (random_() % 2 == 0)
      judge_.arm();
    else
      judge_.set_tripwire();
    for (int i = 0; i < kRound && house_.door().sent() < until; ++i) {
      std::vector<Strike> strikes;
      while (strikes.size() < kTogether) {
        // Those who get in more often than those who do not.
        const auto drawn = random_() % (attacker_.actors.size() + 6);
        auto& actor = attacker_.actors[drawn < attacker_.actors.size() ? drawn : drawn % 3];
        strikes.push_back(aim(some_operation(), actor));
      }
      strike_together(strikes);
    }
    judge_.look_around(row);
    house_.settle(victim_);
    // The attacker's own things may be gone by now.
    for (const auto& operation : operations_)
      if (operation.method == "DELETE" && attacker_.worked.contains(operation.id))
        exercise_.make_another(attacker_, operation);
  }
}

}  // namespace host::cli::isolation_test
