// What was tried, how often, and what came of it: one row for each route, role and attack.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace host::cli::isolation_test {

struct Row {
  std::string subject;  // "GET /api/v1/users/{id}", "job knowledge.index", "files" ...
  std::string role, attack;
  std::uint64_t requests = 0;
  std::map<int, std::uint64_t> statuses;
  std::vector<std::string> leaks;  // sentences, at most kMostLeaks; `leak_count` counts all
  std::uint64_t leak_count = 0;
};

class Report {
 public:
  static constexpr std::size_t kMostLeaks = 5;

  Row& row(const std::string& subject, const std::string& role, const std::string& attack);
  // A sentence that says what was found and by which request.
  void leak(Row& row, const std::string& sentence);
  // A route that its rightful owner could not be answered 2xx on.
  void not_exercised(const std::string& subject, const std::string& why);
  // Something beside the routes that did not run; told, but no failure.
  void not_run(const std::string& subject, const std::string& why);
  // The test itself could not go on as it should: a failure.
  void fault(const std::string& sentence) { faults_.push_back(sentence); }

  std::uint64_t leaks() const { return leaks_; }
  bool passed() const { return leaks_ == 0 && not_exercised_.empty() && faults_.empty(); }
  const std::map<std::string, std::string>& missing() const { return not_exercised_; }
  const std::vector<std::string>& faults() const { return faults_; }
  // All leaks, one sentence each.
  std::vector<std::string> sentences() const;

  std::uint64_t seed = 0, requests = 0, routes = 0;
  double seconds = 0;

  nlohmann::json to_json() const;
  // A table by subject, and everything that failed.
  void print(std::ostream& out) const;

 private:
  std::map<std::tuple<std::string, std::string, std::string>, Row> rows_;
  std::map<std::string, std::string> not_exercised_, not_run_;
  std::vector<std::string> faults_;
  std::uint64_t leaks_ = 0;
};

}  // namespace host::cli::isolation_test
