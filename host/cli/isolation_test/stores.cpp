// The stores themselves, asked as a plugin would ask them in a call of the attacker: blobs by the
// victim's references, cache keys by every name the victim knows, vector indexes by its vectors.
#include <algorithm>
#include <cstring>
#include <set>

#include "base/problem.hpp"
#include "cli/isolation_test/background.hpp"

namespace host::cli::isolation_test {
namespace {

constexpr std::size_t kMostVectors = 20, kNeighbours = 50, kLongestKey = 200;

std::set<std::string> references_of(TestHouse& house, const Side& side) {
  std::set<std::string> found;
  for (const auto& [table, rows] : Tripwire(house, side).state())
    for (const auto& row : rows)
      each_word(row, [&](std::string_view word) {
        if (word.starts_with("sha256-") && word.size() == 71) found.emplace(word);
      });
  return found;
}

struct Vector {
  std::string collection;
  std::int64_t id;
  std::vector<float> numbers;
};

std::vector<Vector> vectors_of(TestHouse& house, const Side& side, const std::string& plugin) {
  const auto session = house.rooms().store->tenant(house.token(side.id));
  const auto rows = session->query(
      "SELECT collection, id, data FROM serai_vectors WHERE plugin = $1 AND data IS NOT NULL "
      "ORDER BY collection, id DESC",
      {std::string_view(plugin)});
  std::vector<Vector> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto bytes = rows.blob(i, "data");
    Vector vector{rows.text(i, "collection"), rows.integer(i, "id"), {}};
    vector.numbers.resize(bytes.size() / sizeof(float));
    std::memcpy(vector.numbers.data(), bytes.data(), vector.numbers.size() * sizeof(float));
    found.push_back(std::move(vector));
  }
  return found;
}

class Stores {
 public:
  Stores(TestHouse& house, const Side& attacker, const Side& victim, Report& report)
      : house_(house), attacker_(attacker), victim_(victim), report_(report) {
    references_ = references_of(house, victim);
    for (const auto& own : references_of(house, attacker)) references_.erase(own);
    for (auto& name : victim.pool.values())
      if (name.size() <= kLongestKey) names_.insert(std::move(name));
  }

  void as(const std::string& plugin) {
    const auto token = house_.token(attacker_.id).through(plugin);
    blobs(plugin, token);
    cache(plugin, token);
    vectors(plugin, token);
  }

 private:
  // Equal content has an equal reference: those that both have were left out.
  void blobs(const std::string& plugin, const CallToken& token) {
    auto& row = report_.row("blobs", plugin, "foreign reference");
    for (const auto& reference : references_) {
      ++row.requests;
      try {
        (void)house_.rooms().blobs->open(token, reference);
        ++row.statuses[200];
        report_.leak(row, "opened the other tenant's " + reference);
      } catch (const Problem& problem) {
        ++row.statuses[problem.status()];
      }
    }
  }

  void cache(const std::string& plugin, const CallToken& token) {
    auto& row = report_.row("cache", plugin, "foreign key");
    for (const auto& name : names_) {
      ++row.requests;
      const auto text = house_.rooms().cache->get(token, name);
      ++row.statuses[text ? 200 : 404];
      if (!text) continue;
      for (const auto& word : victim_.marks.found_in(*text))
        report_.leak(row, "the key " + name + " holds " + word);
    }
  }

  // What is nearest to the other tenant's vectors: in an index of one's own only one's own.
  void vectors(const std::string& plugin, const CallToken& token) {
    const auto foreign = vectors_of(house_, victim_, plugin);
    std::set<std::pair<std::string, std::int64_t>> own;
    for (const auto& vector : vectors_of(house_, attacker_, plugin))
      own.emplace(vector.collection, vector.id);
    auto& row = report_.row("vectors", plugin, "foreign vector");
    const auto session = house_.rooms().store->tenant(token);
    for (std::size_t i = 0; i < foreign.size() && i < kMostVectors; ++i) {
      const auto& asked = foreign[i * foreign.size() / std::min(foreign.size(), kMostVectors)];
      ++row.requests;
      try {
        const auto near = house_.rooms().vectors->search(token, *session, asked.collection,
                                                         asked.numbers, kNeighbours);
        ++row.statuses[200];
        for (const auto& neighbour : near)
          if (!own.contains({asked.collection, neighbour.id}))
            report_.leak(row, asked.collection + " found number " + std::to_string(neighbour.id) +
                                  ", which is not the tenant's own");
      } catch (const Problem& problem) {  // of another dimension, say
        ++row.statuses[problem.status()];
      }
    }
  }

  TestHouse& house_;
  const Side& attacker_;
  const Side& victim_;
  Report& report_;
  std::set<std::string> references_, names_;
};

}  // namespace

void look_into_stores(TestHouse& house, const Side& attacker, const Side& victim, Report& report) {
  Stores stores(house, attacker, victim, report);
  for (const auto& info : house.rooms().registry->list()) stores.as(info.id);
}

}  // namespace host::cli::isolation_test
