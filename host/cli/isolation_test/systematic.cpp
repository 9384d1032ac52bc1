// Each route, as each role, with each kind of attack.
#include <algorithm>

#include "cli/isolation_test/attacks.hpp"

namespace host::cli::isolation_test {
namespace {

// The other tenant's request without its credentials: with them anybody is that tenant.
Shape uncredentialed(const Operation& operation, const Shape& own, Shape foreign) {
  if (operation.guard != Guard::nobody) return foreign;
  // Open to everybody for everybody by design: a mail to whose address it is.
  if (operation.id == "auth.request_reset") return own;
  for (auto& [name, value] : foreign.path)
    if (is_credential(name) && own.path.contains(name)) value = own.path.at(name);
  for (auto& [name, value] : foreign.query)
    if (is_credential(name))
      for (const auto& [other, ours] : own.query)
        if (other == name) value = ours;
  if (foreign.body.is_object())
    for (const auto& [name, value] : foreign.body.items())
      if (is_credential(name) && own.body.is_object() && own.body.contains(name))
        value = own.body[name];
  return foreign;
}

}  // namespace

void Attacks::systematic() {
  std::vector<const Operation*> order;
  for (const auto& operation : operations_)
    if (operation.guard != Guard::admin) order.push_back(&operation);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return turn_of(*a) < turn_of(*b); });
  judge_.set_tripwire();
  for (const auto* operation : order) {
    const auto own = attacker_.worked.find(operation->id),
               foreign = victim_.worked.find(operation->id);
    if (own == attacker_.worked.end() || foreign == victim_.worked.end()) continue;
    const auto theirs = uncredentialed(*operation, own->second, foreign->second);
    on_route({*operation, own->second, theirs});
  }
  for (const auto& operation : operations_)
    if (operation.guard == Guard::admin) as_no_administrator(operation);
  links();
}

// The administrator's: nobody of a tenant gets in.
void Attacks::as_no_administrator(const Operation& operation) {
  Shape shape;
  for (const auto& name : operation.path_parameters())
    shape.path[name] =
        collection_of(operation.path, name).ends_with("/plugins") ? "none" : victim_.id;
  shape.has_body = operation.has_body && !operation.multipart;
  shape.body = Json::object();
  const Target target{operation, shape, shape};
  for (auto& actor : attacker_.actors) {
    auto& row = this->row(target, actor, "foreign id");
    const auto ask = to_ask(operation, shape, actor);
    expect_refused(row, judge_.attack(row, actor, ask), ask, "to somebody who is no administrator");
  }
}

// Before anybody of the attacker's comes, the victim was the last. The first finds the victim's
// jobs still waiting, so that its own run between them; the others find them done.
void Attacks::on_route(const Target& target) {
  const auto& operation = target.operation;
  std::size_t turn = 0;
  for (auto& actor : attacker_.actors) {
    if (turn < 2) {
      victim_works(operation);
    } else if (actor.trusted() && victim_can(operation)) {
      victim_does(operation);
    }
    if (turn == 0)
      judge_.arm();
    else
      judge_.set_tripwire();
    ++turn;
    as_actor(target, actor);
  }
  if (operation.method == "POST" && operation.guard == Guard::user && victim_can(operation))
    replay(target, attacker_.owner());
}

void Attacks::as_actor(const Target& target, Actor& actor) {
  const auto& operation = target.operation;
  if (!target.foreign.path.empty()) foreign_path(target, actor);
  if (operation.method != "DELETE") send(target, actor, "own", target.own);
  send(target, actor, "twin", target.foreign);
  if (actor.trusted() || operation.guard == Guard::nobody) {
    foreign_words(target, actor);
    headers(target, actor);
  }
  // Whoever tries to sign in as somebody leaves a record with that somebody.
  if (operation.id == "auth.login")
    judge_.set_tripwire();
  else
    judge_.look_around(row(target, actor, "own"));
}

// Links in the victim's answers, as everybody else. A link that holds a secret of its own may be
// open to whoever has it: then the row says so with its answers, and is no leak.
void Attacks::links() {
  auto links = victim_.pool.links();
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  std::erase_if(links, [&](const std::string& link) {
    // Signed for one route: whoever has it gets in, by design (access: link). That route may be of
    // a plugin that is filled and not attacked.
    const auto& known = exercise_.operations();
    return std::any_of(known.begin(), known.end(), [&](const Operation& operation) {
      return !operation.link_in(link).empty();
    });
  });
  for (const auto& link : links) {
    Ask ask;
    const auto question = link.find('?');
    ask.path = link.substr(0, question);
    if (question != link.npos) {
      const auto equals = link.find('=', question);
      ask.query.emplace_back(link.substr(question + 1, equals - question - 1),
                             equals == link.npos ? "" : link.substr(equals + 1));
    }
    for (auto& actor : attacker_.actors) {
      auto one = ask;
      if (!actor.authorization.empty())
        one.headers.emplace_back("Authorization", actor.authorization);
      auto& row = report_.row("links in answers", actor.name, "foreign link");
      judge_.attack(row, actor, one);
    }
  }
}

}  // namespace host::cli::isolation_test
