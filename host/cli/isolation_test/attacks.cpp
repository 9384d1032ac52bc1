// The rules that hold for every attack.
#include "cli/isolation_test/attacks.hpp"

#include <algorithm>

namespace host::cli::isolation_test {
namespace {

// Whoever names a thing by PUT makes one of its own.
bool makes_by_name(const Operation& operation) { return operation.method == "PUT"; }

}  // namespace

std::string subject_of(const Operation& operation) {
  return operation.method + " " + operation.path;
}

std::string code_of(const Answer& answer) {
  const auto json = Json::parse(answer.body, nullptr, false);
  return json.is_object() && json.contains("code") && json["code"].is_string()
             ? json["code"].get<std::string>()
             : std::string();
}

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
  if (name == "link") return true;  // access: link
  for (const auto* word : {"password", "token", "code", "signature", "secret"})
    if (name.find(word) != name.npos) return true;
  return false;
}

bool is_unguessable(const std::string& id) { return id.size() >= 8; }

bool is_costly(const Operation& operation) {
  const auto fields =
      operation.body.is_object() ? operation.body.value("properties", Json::object()) : Json();
  for (const auto& [name, schema] : fields.items())
    if (name.find("password") != name.npos) return true;
  return operation.path.ends_with("/verify") || operation.id == "openapi";
}

Row& Attacks::row(const Target& target, const Actor& actor, const std::string& attack) {
  return report_.row(subject_of(target.operation), actor.name, attack);
}

void Attacks::expect_refused(Row& row, const Answer& answer, const Ask& ask,
                             const std::string& why) {
  if (answer.status >= 200 && answer.status < 400)
    judge_.leak(row, "answered " + std::to_string(answer.status) + " " + why, ask);
}

bool Attacks::is_only_the_victims(const std::string& value) const {
  return is_unguessable(value) && victim_.pool.knows(value) && !attacker_.pool.knows(value) &&
         !took_.contains(value);
}

// Equal content may get an equal name, so what the attacker made with the victim's words counts.
void Attacks::takes(const Operation& operation, const Shape& shape, const Answer& answer) {
  if (!answer.good()) return;
  if (makes_by_name(operation))
    for (const auto& [name, value] : shape.path) took_.insert(value);
  if (operation.method != "POST" && !makes_by_name(operation)) return;
  Pool got;
  const auto json = Json::parse(answer.body, nullptr, false);
  if (!json.is_discarded()) got.harvest(operation, json);
  for (auto& value : got.values()) took_.insert(std::move(value));
}

void Attacks::check(const Operation& operation, const Actor& actor, Row& row, const Ask& ask,
                    const Shape& shape, const Answer& answer) {
  if (operation.guard == Guard::nobody) return;
  if (!actor.trusted())
    expect_refused(row, answer, ask, "to a credential that must not work");
  else if (actor.permitted_nothing && !operation.permission.empty() && answer.good() &&
           house_.may_nothing(attacker_, actor))
    expect_refused(row, answer, ask, "to a role without the permission " + operation.permission);
  takes(operation, shape, answer);
}

Answer Attacks::send(const Target& target, Actor& actor, const std::string& attack,
                     const Shape& shape, const Pairs& headers) {
  auto& row = this->row(target, actor, attack);
  auto ask = to_ask(target.operation, shape, actor);
  for (const auto& header : headers) ask.headers.push_back(header);
  auto answer = judge_.attack(row, actor, ask);
  check(target.operation, actor, row, ask, shape, answer);
  return answer;
}

}  // namespace host::cli::isolation_test
