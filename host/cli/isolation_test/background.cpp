#include "cli/isolation_test/background.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "plugins/service_call.hpp"
#include "tenancy/token_mint.hpp"

namespace host::cli::isolation_test {
namespace {

using Payloads = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

// What jobs of the tenant were queued with, by plugin and kind; events are jobs of their
// subscribers.
Payloads payloads_of(TestHouse& house, const Side& side) {
  Payloads found;
  const auto session = house.rooms().store->tenant(house.token(side.id));
  const auto rows =
      session->query("SELECT plugin, kind, payload FROM serai_jobs ORDER BY id DESC LIMIT 2000");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& list = found[{rows.text(i, "plugin"), rows.text(i, "kind")}];
    if (list.size() < 3) list.push_back(rows.text(i, "payload"));
  }
  return found;
}

bool is_uuid(std::string_view word) {
  return word.size() == 36 && word[8] == '-' && word[13] == '-' && word[18] == '-' &&
         word[23] == '-';
}

bool ran(TestHouse& house, const Side& side, const std::string& plugin, const std::string& kind) {
  const auto session = house.rooms().store->tenant(house.token(side.id));
  return session
             ->query(
                 "SELECT 1 AS one FROM serai_jobs WHERE plugin = $1 AND kind = $2 AND state = "
                 "'done' LIMIT 1",
                 {std::string_view(plugin), std::string_view(kind)})
             .size() > 0;
}

class Background {
 public:
  Background(TestHouse& house, Side& attacker, Side& victim, Attacks& attacks, Report& report)
      : house_(house),
        attacker_(attacker),
        victim_(victim),
        attacks_(attacks),
        judge_(attacks.judge()),
        report_(report) {}

  void plugin(const plugins::Manifest& manifest) {
    plugin_ = manifest.id;
    for (const auto& job : manifest.jobs)
      jobs(manifest.id, job.kind, "job " + manifest.id + "." + job.kind);
    for (const auto& event : manifest.subscribes) {
      publish(event.type);
      jobs(manifest.id, "event:" + event.type, "event " + event.type + " to " + manifest.id);
    }
    for (const auto& service : manifest.provides) call(service.name);
  }

  void learn() {
    own_ = payloads_of(house_, attacker_);
    foreign_ = payloads_of(house_, victim_);
    // Ids that no answer has named so far: the other's like those that one has, and as told.
    for (const auto& [key, payloads] : foreign_)
      for (const auto& payload : payloads)
        each_word(payload, [this](std::string_view word) {
          if (is_uuid(word)) victim_.marks.own(word);
        });
  }

 private:
  void enqueue(const Side& side, const std::string& plugin, const std::string& kind,
               const std::string& payload) {
    const auto token = house_.token(side.id).through(plugin);
    const auto session = house_.rooms().store->tenant(token);
    jobs::JobSpec spec;
    spec.plugin = plugin;
    spec.kind = kind;
    spec.payload = payload;
    spec.max_attempts = 1;
    house_.rooms().queue->enqueue(token, *session, spec);
    house_.rooms().queue->committed(token);
  }

  void jobs(const std::string& plugin, const std::string& kind, const std::string& subject) {
    const std::pair key{plugin, kind};
    auto own = own_[key], foreign = foreign_[key];
    if (own.empty()) own = {"{}", guess(attacker_)};
    if (foreign.empty()) foreign = {guess(victim_)};
    auto& first = report_.row(subject, "job", "own");
    for (const auto& payload : own) run(first, plugin, kind, payload);
    if (!ran(house_, attacker_, plugin, kind))
      report_.not_run(subject, "no payload was known that it ends well with");
    auto& turns = report_.row(subject, "job", "in turn with the other's");
    for (const auto& payload : foreign) in_turn(turns, plugin, kind, own.front(), payload);
    for (const auto& payload : foreign)
      run(report_.row(subject, "job", "foreign payload"), plugin, kind, payload);
  }

  void run(Row& row, const std::string& plugin, const std::string& kind,
           const std::string& payload) {
    victim_.marks.told(payload);
    enqueue(attacker_, plugin, kind, payload);
    ++row.requests;
    if (!house_.settle(attacker_)) report_.fault(row.subject + " did not end within a minute");
    judge_.look_around(row);
  }

  // Both tenants' jobs wait at the same time and run one after the other, in either order. What
  // one of them left with the other is found at rest.
  void in_turn(Row& row, const std::string& plugin, const std::string& kind, const std::string& own,
               const std::string& foreign) {
    attacks_.victim_works(plugin);
    for (const bool victim_first : {false, true}) {
      enqueue(victim_, plugin, kind, foreign);
      if (victim_first)
        judge_.set_tripwire();
      else
        judge_.arm();
      run(row, plugin, kind, own);
      judge_.set_tripwire();
    }
  }

  void publish(const std::string& type) {
    const auto token = house_.token(attacker_.id);
    const auto session = house_.rooms().store->tenant(token);
    for (const auto& [key, payloads] : foreign_)
      if (key.second == "event:" + type)
        for (const auto& payload : payloads) {
          victim_.marks.told(payload);
          house_.rooms().queue->publish(token, *session, type, payload);
        }
    house_.rooms().queue->committed(token);
    auto& row = report_.row("event " + type, "publisher", "foreign payload");
    ++row.requests;
    house_.settle(attacker_);
    judge_.look_around(row);
  }

  void call(const std::string& service) {
    for (const auto& payload : {std::string("{}"), guess(attacker_), guess(victim_)}) {
      auto& row = report_.row("service " + service, "caller", "foreign payload");
      attacks_.victim_works(plugin_);  // the victim was the last
      judge_.set_tripwire();
      const auto token = house_.token(attacker_.id);
      victim_.marks.told(payload);
      std::string answer;
      try {
        answer = plugins::call_service(*house_.rooms().registry, token, service, payload);
        ++row.statuses[200];
      } catch (const Problem& problem) {
        answer = problem.code() + " " + problem.detail();
        ++row.statuses[problem.status()];
      }
      ++row.requests;
      for (const auto& word : victim_.marks.found_in(answer))
        report_.leak(row, "the service's answer holds " + word);
      judge_.look_around(row);
    }
  }

  // Services have no schema, and of some jobs no payload was seen: an object with the fields that
  // are common, and that side's ids.
  std::string guess(const Side& side) const {
    const auto titles = side.pool.for_name("title");
    Json request{{"query", titles.empty() ? "lodge" : titles.front()},
                 {"q", "lodge"},
                 {"k", 10},
                 {"limit", 10},
                 {"text", "lodge"},
                 {"user", side.owner().user},
                 {"tenant_id", victim_.id}};
    for (const auto* name : {"id", "document_id", "client_id", "name", "key"})
      if (const auto known = side.pool.for_name(name); !known.empty() && !request.contains(name))
        request[name] = known.front();
    return request.dump();
  }

  TestHouse& house_;
  Side& attacker_;
  Side& victim_;
  Attacks& attacks_;
  Judge& judge_;
  Report& report_;
  std::string plugin_;  // whose turn it is
  Payloads own_, foreign_;
};

}  // namespace

void run_background(TestHouse& house, Side& attacker, Side& victim, Attacks& attacks,
                    Report& report) {
  Background background(house, attacker, victim, attacks, report);
  attacks.judge().set_tripwire();
  background.learn();
  for (const auto& info : house.rooms().registry->list())
    if (const auto manifest = house.rooms().registry->manifest(info.id))
      background.plugin(*manifest);
  for (const auto* side : {&attacker, &victim})
    if (!side->provider_key.empty() && house.outside().answered(side->provider_key) == 0)
      report.not_run("embeddings of " + side->label, "nobody asked for one with its key");
}

}  // namespace host::cli::isolation_test
