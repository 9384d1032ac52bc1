// The checks by name, and what one of them is given to work with.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "channel.hpp"
#include "serai/check/check.hpp"

namespace serai::check {

// The serialised operation of a child, and what its check asks of it.
struct Task {
  std::filesystem::path plugin;
  std::string check;
  std::uint64_t seed = 0;
  std::chrono::milliseconds time_limit{0}, fuzz_time{0};
  std::filesystem::path world;
  std::vector<std::string> allowed_libraries;
  int channel = -1;
  const Hooks* hooks = nullptr;

  std::string to_text() const;
  static Task from_text(const std::string& text);

  // Replayable: the same for the same seed, check and plugin.
  std::mt19937_64 random() const;
};

struct Check {
  std::string_view name;
  std::string_view description;  // a paragraph
  Laws laws;                     // findings that count; those of Law::general always do
  void (*run)(const Task&);      // throws Skip, or std::exception: a finding
  bool fuzzes = false;           // takes fuzz_time on top of the limit
};

const std::vector<Check>& catalogue();
// nullptr: there is none of that name.
const Check* find_check(std::string_view name);

}  // namespace serai::check
