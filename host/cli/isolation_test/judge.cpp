#include "cli/isolation_test/judge.hpp"

#include <sstream>

namespace host::cli::isolation_test {
namespace {

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < 4; ++i) text += (i ? ", " : "") + words[i];
  return words.size() > 4 ? text + " and " + std::to_string(words.size() - 4) + " more" : text;
}

}  // namespace

// Each request comes from somewhere else, so that no limit of one address stands in the way.
std::string Judge::address() {
  return "10." + std::to_string(random_() % 256) + "." + std::to_string(random_() % 256) + "." +
         std::to_string(random_() % 256);
}

void Judge::leak(Row& row, const std::string& what, const Ask& ask) {
  report_.leak(row, what + " [" + ask.line().substr(0, 200) + "]");
}

void Judge::prepare(Row& row, Ask& ask) {
  victim_.marks.told(ask.said());
  ask.peer = address();
  ask.request_id = "attack-" + std::to_string(++number_);
  asked_[ask.request_id] = &row;
}

void Judge::judge(Row& row, const Ask& ask, const Answer& answer) {
  ++row.requests;
  ++row.statuses[answer.status];
  if (answer.status == 0) report_.fault("no answer within two minutes to " + ask.line());
  if (const auto words = victim_.marks.found_in(answer.text()); !words.empty())
    leak(row, "the answer (" + std::to_string(answer.status) + ") holds " + list_of(words), ask);
}

Answer Judge::attack(Row& row, Actor& actor, Ask ask) {
  std::vector<Attempt> one;
  one.push_back({&row, &actor, std::move(ask)});
  attack_together(one);
  return std::move(one.front().answer);
}

void Judge::attack_together(std::vector<Attempt>& attempts) {
  std::vector<const Ask*> asks;
  last_line_.clear();
  for (auto& attempt : attempts) {
    prepare(*attempt.row, attempt.ask);
    last_line_ += (asks.empty() ? "" : "; ") + attempt.ask.line();
    asks.push_back(&attempt.ask);
  }
  auto answers = house_.door().send_together(asks);
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    auto& [row, actor, ask, answer] = attempts[i];
    answer = std::move(answers[i]);
    judge(*row, ask, answer);
    if (answer.status != 401 || !actor->trusted()) continue;
    // Its session has ended, perhaps by another of these requests.
    house_.renew(attacker_, *actor);
    for (auto& [name, value] : ask.headers)
      if (name == "Authorization") value = actor->authorization;
    prepare(*row, ask);
    answer = house_.door().send(ask);
    judge(*row, ask, answer);
  }
  if (tripwire_.touched() && !attempts.empty()) look_around(*attempts.back().row);
}

Answer Judge::use(const Ask& given, const Operation& operation) {
  Ask ask = given;
  ask.peer = address();
  ask.request_id = "use-" + std::to_string(++number_);
  auto answer = house_.door().send(ask);
  auto& row =
      report_.row(operation.method + " " + operation.path, victim_.label + " itself", "own");
  ++row.requests;
  ++row.statuses[answer.status];
  if (const auto words = attacker_.marks.found_in(answer.text()); !words.empty())
    leak(row, "the tenant's own answer holds the attacker's " + list_of(words), ask);
  return answer;
}

void Judge::arm() {
  read_log();
  read_outside();
  tripwire_.set();
}

void Judge::set_tripwire() {
  house_.settle(victim_);
  arm();
}

void Judge::look_around(Row& row) {
  house_.settle(attacker_);
  for (const auto& change : tripwire_.changes())
    report_.leak(
        row, "the other tenant's data changed: " + change + " [" + last_line_.substr(0, 600) + "]");
  read_log();
  read_outside();
}

// Whosever call it was that sent it, one of the two has no business in there: with one tenant's
// key, say, goes none of the other's words.
void Judge::read_outside() {
  for (const auto& sent : house_.outside().read_new()) {
    auto& row = report_.row("outside", sent.plugin, "words of both");
    ++row.requests;
    ++row.statuses[sent.status];
    const auto foreign = victim_.marks.found_in(sent.text);
    const auto own = attacker_.marks.found_in(sent.text);
    if (own.empty() || foreign.empty()) continue;
    report_.leak(row, "one request holds " + list_of(own) + " and the other tenant's " +
                          list_of(foreign) + ": " + sent.text.substr(0, sent.text.find('\n')));
  }
}

// A line about a request of the attacker, or about nobody's, holds nothing of the victim.
void Judge::read_log() {
  std::istringstream lines(house_.log().read_new());
  for (std::string line; std::getline(lines, line);) {
    const auto words = victim_.marks.found_in(line);
    if (words.empty()) continue;
    const auto json = Json::parse(line, nullptr, false);
    const bool object = json.is_object();
    const auto request = object ? json.value("request_id", "") : "";
    const auto tenant = object ? json.value("tenant", "") : "";
    const auto asked = asked_.find(request);
    if (asked == asked_.end() && tenant == victim_.id) continue;
    if (request.starts_with("use-") ||
        (tenant != attacker_.id && asked == asked_.end() && !request.empty()))
      continue;
    auto& row = asked == asked_.end() ? report_.row("log", "nobody", "lines") : *asked->second;
    report_.leak(row, "a log line holds " + list_of(words) + ": " + line.substr(0, 240));
  }
  asked_.clear();
}

}  // namespace host::cli::isolation_test
