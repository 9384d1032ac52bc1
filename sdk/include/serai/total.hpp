// How many there are, for lists that say so with every page. Counting thousands of rows takes
// longer than reading a page of them, so the number is kept in kv until something changes.
#pragma once

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "serai/call.hpp"

namespace serai {

// For one call, on its thread. Without kv every question counts.
class Total {
 public:
  // How long a number may be wrong after a writer died between its commit and changed().
  static constexpr std::chrono::seconds kLife{60};

  // `name`: what is counted, one for each table.
  Total(const Call& call, std::string_view name)
      : call_(call), name_("total." + std::string(name)) {}

  // In the transaction that changes a number (then it counts from the outermost commit on), or
  // after it. Whoever counts meanwhile is not believed afterwards.
  void changed() const {
    if (call_.has_kv()) call_.kv().put(name_, new_version());
  }

  // The number for this `filter` (what tells one question from another), from memory or by count(),
  // a SELECT count(*) of the same condition.
  template <class Count>
  std::int64_t get(std::string_view filter, Count&& count) const {
    if (!call_.has_kv()) return count();
    const Kv kv = call_.kv();
    std::string version(kv.get(name_).value_or(std::string_view{}));
    if (version.empty()) {
      version = new_version();
      kv.put(name_, version);
    }
    const std::string key = name_ + "." + version + "." + std::string(filter);
    if (const auto known = kv.get(key)) {
      std::int64_t number = 0;
      if (std::from_chars(known->data(), known->data() + known->size(), number).ec == std::errc{})
        return number;
    }
    const std::int64_t number = count();
    kv.put(key, std::to_string(number), kLife);
    return number;
  }

 private:
  // Never the same again, even after kv has forgotten the last one, or on another node.
  static std::string new_version() {
    static const std::string process = [] {
      std::random_device random;
      return std::to_string(random()) + std::to_string(random());
    }();
    static std::atomic<std::uint64_t> number{0};
    return process + "-" + std::to_string(++number);
  }

  const Call& call_;
  std::string name_;
};

}  // namespace serai
