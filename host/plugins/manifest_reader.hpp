// Strict reading of one mapping of a manifest: typed getters that note what was asked for, and a
// final check that nothing else stands there. Private to the manifest parser.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace host::plugins::detail {

using Json = nlohmann::ordered_json;

// Collects faults; every sentence reads "<source>: <path>: <what is wrong>; <the mend>."
class Faults {
 public:
  explicit Faults(std::string source) : source_(std::move(source)) {}
  void add(const std::string& path, const std::string& sentence) {
    list_.push_back(source_ + ": " + (path.empty() ? "" : path + ": ") + sentence + ".");
  }
  bool empty() const { return list_.empty(); }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::string source_;
  std::vector<std::string> list_;
};

class Fields {
 public:
  // `value` outlives it. One that is no mapping is a fault, after which every getter gives its
  // fallback in silence.
  Fields(const Json& value, std::string path, Faults& faults);
  Fields(Json&& value, std::string path, Faults& faults) = delete;
  // Reports keys that nobody asked for.
  void finish();

  bool has(std::string_view key) const { return object_.contains(key); }
  const std::string& path() const { return path_; }
  Faults& faults() const { return faults_; }
  std::string path_of(std::string_view key) const;
  void fault(std::string_view key, const std::string& sentence) const {
    faults_.add(path_of(key), sentence);
  }

  // The raw value, or nullptr if absent.
  const Json* raw(std::string_view key);
  std::string text(std::string_view key, bool required = false);
  bool flag(std::string_view key, bool fallback = false);
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t minimum,
                       std::int64_t maximum);
  std::optional<double> number(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  // Items of a list, each with its path ("routes[2]").
  std::vector<std::pair<const Json*, std::string>> items(std::string_view key);
  std::uint64_t size(std::string_view key, std::uint64_t fallback);
  std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds fallback,
                                     bool required = false);
  // A JSON Schema as JSON text; empty if absent.
  std::string schema(std::string_view key);

 private:
  const Json& object_;
  std::string path_;
  Faults& faults_;
  std::vector<std::string> asked_;
};

std::string in_quotes(std::string_view text);
std::string joined(const std::vector<std::string>& words);

}  // namespace host::plugins::detail
