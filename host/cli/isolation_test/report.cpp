#include "cli/isolation_test/report.hpp"

#include <iomanip>
#include <ostream>

#include <nlohmann/json.hpp>

namespace host::cli::isolation_test {

using Json = nlohmann::json;

Row& Report::row(const std::string& subject, const std::string& role, const std::string& attack) {
  auto& row = rows_[{subject, role, attack}];
  if (row.subject.empty()) {
    row.subject = subject;
    row.role = role;
    row.attack = attack;
  }
  return row;
}

void Report::leak(Row& row, const std::string& sentence) {
  ++leaks_;
  ++row.leak_count;
  if (row.leaks.size() < kMostLeaks) row.leaks.push_back(sentence);
}

void Report::not_exercised(const std::string& subject, const std::string& why) {
  not_exercised_[subject] = why;
}
void Report::not_run(const std::string& subject, const std::string& why) {
  not_run_[subject] = why;
}

std::vector<std::string> Report::sentences() const {
  std::vector<std::string> all;
  for (const auto& [key, row] : rows_)
    for (const auto& sentence : row.leaks)
      all.push_back(row.subject + ", " + row.role + ", " + row.attack + ": " + sentence);
  return all;
}

Json Report::to_json() const {
  Json rows = Json::array();
  for (const auto& [key, row] : rows_) {
    Json statuses = Json::object();
    for (const auto& [status, count] : row.statuses) statuses[std::to_string(status)] = count;
    rows.push_back({{"subject", row.subject},
                    {"role", row.role},
                    {"attack", row.attack},
                    {"requests", row.requests},
                    {"statuses", statuses},
                    {"verdict", row.leak_count > 0 ? "leak" : "clean"},
                    {"leaks", row.leaks}});
  }
  return {{"passed", passed()},   {"seed", seed},
          {"requests", requests}, {"routes", routes},
          {"seconds", seconds},   {"leaks", leaks_},
          {"rows", rows},         {"not_exercised", not_exercised_},
          {"not_run", not_run_},  {"faults", faults_}};
}

void Report::print(std::ostream& out) const {
  struct Sum {
    std::uint64_t rows = 0, requests = 0, good = 0, refused = 0, leaks = 0;
  };
  std::map<std::string, Sum> sums;
  for (const auto& [key, row] : rows_) {
    auto& sum = sums[row.subject];
    ++sum.rows;
    sum.requests += row.requests;
    sum.leaks += row.leak_count;
    for (const auto& [status, count] : row.statuses)
      (status >= 200 && status < 400 ? sum.good : sum.refused) += count;
  }
  for (const auto& [subject, why] : not_exercised_) sums[subject];
  out << std::left << std::setw(66) << "what" << std::right << std::setw(6) << "rows"
      << std::setw(9) << "requests" << std::setw(9) << "answered" << std::setw(9) << "refused"
      << "  verdict\n";
  for (const auto& [subject, sum] : sums)
    out << std::left << std::setw(66) << subject << std::right << std::setw(6) << sum.rows
        << std::setw(9) << sum.requests << std::setw(9) << sum.good << std::setw(9) << sum.refused
        << "  "
        << (sum.leaks > 0                      ? "LEAK"
            : not_exercised_.contains(subject) ? "NOT EXERCISED"
                                               : "clean")
        << '\n';
  for (const auto& sentence : sentences()) out << "LEAK " << sentence << '\n';
  for (const auto& [subject, why] : not_exercised_)
    out << "NOT EXERCISED " << subject << ": " << why << '\n';
  for (const auto& [subject, why] : not_run_) out << "not run: " << subject << ": " << why << '\n';
  for (const auto& sentence : faults_) out << "FAULT " << sentence << '\n';
  out << (passed() ? "passed" : "FAILED") << ": " << rows_.size() << " rows, " << routes
      << " routes, " << requests << " requests in " << std::fixed << std::setprecision(1) << seconds
      << " s, " << leaks_ << " leak(s), " << not_exercised_.size() << " not exercised; --seed "
      << seed << " replays it\n";
}

}  // namespace host::cli::isolation_test
