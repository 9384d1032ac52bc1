#include <algorithm>

#include "cli/isolation_test/attacks.hpp"

namespace host::cli::isolation_test {
namespace {

std::string subject_of(const Operation& operation) {
  return operation.method + " " + operation.path;
}

std::string code_of(const Answer& answer) {
  const auto json = Json::parse(answer.body, nullptr, false);
  return json.is_object() && json.contains("code") && json["code"].is_string()
             ? json["code"].get<std::string>()
             : std::string();
}

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

// Whoever names a thing by PUT makes one of its own.
bool makes_by_name(const Operation& operation) { return operation.method == "PUT"; }

}  // namespace

std::string unknown_like(const std::string& id, Random& random) {
  std::string out = id;
  for (char& c : out) {
    if (c >= '0' && c <= '9')
      c = static_cast<char>('0' + random() % 10);
    else if (c >= 'a' && c <= 'f')
      c = static_cast<char>('a' + random() % 6);
    else if (c >= 'g' && c <= 'z')
      c = static_cast<char>('g' + random() % 20);
    else if (c >= 'A' && c <= 'F')
      c = static_cast<char>('A' + random() % 6);
    else if (c >= 'G' && c <= 'Z')
      c = static_cast<char>('G' + random() % 20);
  }
  return out;
}

// Who has them may use them: passwords, mailed codes, links that hold a secret.
bool is_credential(std::string_view name) {
  for (const auto* word : {"password", "token", "code", "signature", "secret"})
    if (name.find(word) != name.npos) return true;
  return false;
}

bool is_unguessable(const std::string& id) { return id.size() >= 8; }

Row& Attacks::row(const Target& target, const Actor& actor, const std::string& attack) {
  return report_.row(subject_of(target.operation), actor.name, attack);
}

void Attacks::expect_refused(Row& row, const Answer& answer, const Ask& ask,
                             const std::string& why) {
  if (answer.status >= 200 && answer.status < 400)
    judge_.leak(row, "answered " + std::to_string(answer.status) + " " + why, ask);
}

Answer Attacks::send(const Target& target, Actor& actor, const std::string& attack,
                     const Shape& shape, const Pairs& headers) {
  auto& row = this->row(target, actor, attack);
  auto ask = to_ask(target.operation, shape, actor);
  for (const auto& header : headers) ask.headers.push_back(header);
  const auto answer = judge_.attack(row, actor, ask);
  if (target.operation.guard == Guard::nobody) return answer;
  if (!actor.trusted())
    expect_refused(row, answer, ask, "to a credential that must not work");
  else if (actor.permitted_nothing && !target.operation.permission.empty() && answer.good() &&
           house_.may_nothing(attacker_, actor))
    expect_refused(row, answer, ask,
                   "to a role without the permission " + target.operation.permission);
  if (answer.good() && makes_by_name(target.operation))
    for (const auto& [name, value] : shape.path) took_.insert(value);
  // Equal content may get an equal name.
  if (answer.good() && (target.operation.method == "POST" || makes_by_name(target.operation))) {
    Pool got;
    const auto json = Json::parse(answer.body, nullptr, false);
    if (!json.is_discarded()) got.harvest(target.operation, json);
    for (auto& value : got.values()) took_.insert(std::move(value));
  }
  return answer;
}

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
  // The administrator's: nobody of a tenant gets in.
  for (const auto& operation : operations_) {
    if (operation.guard != Guard::admin) continue;
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
      expect_refused(row, judge_.attack(row, actor, ask), ask,
                     "to somebody who is no administrator");
    }
  }
  links();
}

// Has the victim's data in use, so that what is cached or kept in memory is there to leak.
void Attacks::warm(const Target& target) {
  const auto& operation = target.operation;
  if (operation.method == "DELETE" || recipe(house_, victim_, operation)) return;
  auto ask = to_ask(operation,
                    operation.method == "GET" ? victim_.worked.at(operation.id)
                                              : exercise_.again(victim_, operation),
                    operation.guard == Guard::nobody ? Actor() : victim_.owner());
  if (operation.method == "POST")
    ask.headers.emplace_back("Idempotency-Key", "key-" + victim_.id + operation.id);
  const auto answer = judge_.use(ask, operation);
  if (const auto tag = answer.headers.get("ETag"); !tag.empty()) etags_.emplace_back(tag);
  if (answer.good() && operation.guard != Guard::nobody)
    if (const auto json = Json::parse(answer.body, nullptr, false); !json.is_discarded())
      victim_.pool.harvest(operation, json);
  if (operation.method == "POST" && operation.guard == Guard::user) {
    // The same key with the same request, by somebody else.
    judge_.set_tripwire();
    auto mine = ask;
    for (auto& [name, value] : mine.headers)
      if (name == "Authorization") value = attacker_.owner().authorization;
    // Sent with the victim's words, so that only what came back beside them counts.
    auto& row = this->row(target, attacker_.owner(), "idempotency key");
    const auto replay = judge_.attack(row, attacker_.owner(), mine);
    if (replay.headers.find("Idempotent-Replayed") != nullptr)
      judge_.leak(row, "the other tenant's answer was given again", mine);
  }
}

void Attacks::on_route(const Target& target) {
  warm(target);
  judge_.set_tripwire();
  const bool reads_one = target.operation.method == "GET" && !target.foreign.path.empty();
  for (auto& actor : attacker_.actors) {
    if (reads_one && actor.trusted() && &actor != &attacker_.owner()) {
      warm(target);  // the victim was the last to look
      judge_.set_tripwire();
    }
    as_actor(target, actor);
  }
}

void Attacks::as_actor(const Target& target, Actor& actor) {
  const auto& operation = target.operation;
  if (!target.foreign.path.empty()) foreign_path(target, actor);
  if (operation.method != "DELETE") send(target, actor, "own", target.own);
  send(target, actor, "twin", target.foreign);
  if (actor.trusted() || operation.guard == Guard::nobody) {
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
    headers(target, actor);
  }
  // Whoever tries to sign in as somebody leaves a record with that somebody.
  if (target.operation.id == "auth.login")
    judge_.set_tripwire();
  else
    judge_.look_around(row(target, actor, "own"));
}

void Attacks::foreign_path(const Target& target, Actor& actor) {
  Shape shape = target.own;
  shape.path = target.foreign.path;
  // What counts upwards is guessed.
  for (const auto& [name, value] : target.own.path) {
    if (value.size() > 9 || value.find_first_not_of("0123456789") != value.npos) continue;
    for (const int step : {-2, -1, 1, 2, 3}) {
      Shape beside = target.own;
      beside.path[name] = std::to_string(std::stol(value) + step);
      send(target, actor, "number beside", beside);
    }
  }
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
  if (known || guessable || makes_by_name(target.operation)) return;
  auto& row = this->row(target, actor, "foreign id");
  const auto ask = to_ask(target.operation, shape, actor);
  if (answer.status != control.status || code_of(answer) != code_of(control))
    judge_.leak(row,
                "answered " + std::to_string(answer.status) + " " + code_of(answer) +
                    " where an id that nobody has is " + std::to_string(control.status) + " " +
                    code_of(control),
                ask);
  if (target.operation.method == "DELETE" && shape.path.size() == 1) others(target, actor, control);
  if (shape.path.size() < 2) return;
  for (const auto& [name, value] : target.own.path) {  // one of theirs among ours
    Shape mixed = target.own;
    mixed.path[name] = target.foreign.path.at(name);
    send(target, actor, "one foreign id", mixed);
  }
}

// What worked once is gone since: things of the victim's that are still there.
void Attacks::others(const Target& target, Actor& actor, const Answer& control) {
  auto& row = this->row(target, actor, "foreign id");
  const auto& name = target.foreign.path.begin()->first;
  for (const auto& id : victim_.pool.for_path(target.operation, name, 3)) {
    const auto own = attacker_.pool.for_path(target.operation, name, 1000);
    if (!is_unguessable(id) || took_.contains(id) ||
        std::find(own.begin(), own.end(), id) != own.end())
      continue;  // built-in names, say, are everybody's
    Shape shape = target.own;
    shape.path[name] = id;
    const auto answer = send(target, actor, "foreign id", shape);
    if (answer.status != control.status)
      judge_.leak(row,
                  "answered " + std::to_string(answer.status) + " where an id that nobody has is " +
                      std::to_string(control.status),
                  to_ask(target.operation, shape, actor));
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
  // The other way round: their token, our name. Refused, and theirs is the record of it.
  if (actor.name == "owner" && target.operation.guard == Guard::user) {
    auto crossed = to_ask(target.operation, target.own, victim_.owner());
    crossed.headers.emplace_back("X-Client-ID", attacker_.id);
    attacker_.marks.told(attacker_.id);  // it stands in the victim's own record of this
    auto& row = this->row(target, actor, "crossed token");
    const auto refused = judge_.use(crossed, target.operation);
    expect_refused(row, refused, crossed, "to a token with another tenant's X-Client-ID");
    ++row.requests;
    ++row.statuses[refused.status];
    judge_.set_tripwire();
  }
}

// Links in the victim's answers, as everybody else. A link that holds a secret of its own may be
// open to whoever has it: then the row says so with its answers, and is no leak.
void Attacks::links() {
  auto links = victim_.pool.links();
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
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
