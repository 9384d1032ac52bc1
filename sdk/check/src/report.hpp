// The results of a run, as text, JSON and JUnit.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serai::check {

enum class Outcome { passed, failed, crashed, timed_out, skipped };
const char* to_text(Outcome outcome);

struct Result {
  std::filesystem::path plugin;
  std::string check;
  Outcome outcome = Outcome::passed;
  std::vector<std::string> findings;  // sentences; of a skipped one, the reason
  std::vector<std::string> notes;
  std::string activity;  // what was going on when it crashed or ran out of time
  std::chrono::milliseconds time{0};
};

inline bool is_bad(Outcome outcome) {
  return outcome != Outcome::passed && outcome != Outcome::skipped;
}

std::string as_text(const Result& result);
std::string as_json(const std::vector<Result>& results, std::uint64_t seed);
std::string as_junit(const std::vector<Result>& results, std::uint64_t seed);

}  // namespace serai::check
