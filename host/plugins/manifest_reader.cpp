// Typed, strict access to the manifest's mappings; see the header.
#include "plugins/manifest_reader.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "plugins/manifest.hpp"

namespace host::plugins {
namespace {

// "<digits> <unit>" with one optional space.
std::optional<std::uint64_t> scaled(
    std::string_view text,
    std::initializer_list<std::pair<std::string_view, std::uint64_t>> units) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count == 0) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, factor] : units)
    if (unit == name && count <= (std::uint64_t{1} << 62) / factor) return count * factor;
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return scaled(text, {{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}});
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto value =
      scaled(text, {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}});
  if (!value || *value > 366ull * 86'400'000) return std::nullopt;
  return std::chrono::milliseconds(*value);
}

namespace detail {
namespace {

const Json& nothing() {
  static const Json empty = Json::object();
  return empty;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text.substr(0, 200)) + '"';
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

Fields::Fields(const Json& value, std::string path, Faults& faults)
    : object_(value.is_object() ? value : nothing()), path_(std::move(path)), faults_(faults) {
  if (!value.is_object())
    faults_.add(path_, "must be a mapping of keys to values; write it as \"key: value\" lines");
}

std::string Fields::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void Fields::finish() {
  for (const auto& [key, value] : object_.items())
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
      fault(key, "is not a known key; remove it or use one of: " + joined(asked_));
}

const Json* Fields::raw(std::string_view key) {
  asked_.emplace_back(key);
  const auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

std::string Fields::text(std::string_view key, bool required) {
  const Json* value = raw(key);
  if (!value || value->is_null()) {
    if (required) fault(key, "is missing; add it");
    return {};
  }
  if (!value->is_string()) {
    fault(key, "must be text; put it in quotes");
    return {};
  }
  auto text = value->get<std::string>();
  if (required && text.empty()) fault(key, "is empty; write a value");
  if (text.size() > 2000) fault(key, "is longer than 2000 bytes; shorten it");
  return text;
}

bool Fields::flag(std::string_view key, bool fallback) {
  const Json* value = raw(key);
  if (!value) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  fault(key, "must be true or false; write one of them");
  return fallback;
}

std::int64_t Fields::integer(std::string_view key, std::int64_t fallback, std::int64_t minimum,
                             std::int64_t maximum) {
  const Json* value = raw(key);
  if (!value) return fallback;
  if (!value->is_number_integer()) {
    fault(key, "must be a whole number; write it without quotes");
    return fallback;
  }
  const auto number = value->get<std::int64_t>();
  if (number < minimum || number > maximum) {
    fault(key, "is outside " + std::to_string(minimum) + " to " + std::to_string(maximum) +
                   "; choose a value between them");
    return fallback;
  }
  return number;
}

std::optional<double> Fields::number(std::string_view key) {
  const Json* value = raw(key);
  if (!value) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  fault(key, "must be a number; write it without quotes");
  return std::nullopt;
}

std::vector<std::string> Fields::texts(std::string_view key) {
  std::vector<std::string> out;
  for (const auto& [item, path] : items(key)) {
    if (item->is_string() && !item->get_ref<const std::string&>().empty())
      out.push_back(item->get<std::string>());
    else
      faults_.add(path, "must be text; put it in quotes");
  }
  return out;
}

std::vector<std::pair<const Json*, std::string>> Fields::items(std::string_view key) {
  std::vector<std::pair<const Json*, std::string>> out;
  const Json* value = raw(key);
  if (!value) return out;
  if (!value->is_array()) {
    fault(key, "must be a list; write it as \"- item\" lines or [item, item]");
    return out;
  }
  for (std::size_t i = 0; i < value->size(); ++i)
    out.emplace_back(&(*value)[i], path_of(key) + "[" + std::to_string(i) + "]");
  return out;
}

std::uint64_t Fields::size(std::string_view key, std::uint64_t fallback) {
  if (!has(key)) {
    asked_.emplace_back(key);
    return fallback;
  }
  const auto value = parse_size(text(key));
  if (!value) fault(key, "must be a size; write it like \"1 MiB\" (B, KiB, MiB, GiB)");
  return value.value_or(fallback);
}

std::chrono::milliseconds Fields::duration(std::string_view key, std::chrono::milliseconds fallback,
                                           bool required) {
  if (!has(key)) {
    asked_.emplace_back(key);
    if (required) fault(key, "is missing; add it, like \"1 h\"");
    return fallback;
  }
  const auto value = parse_duration(text(key));
  if (!value) fault(key, "must be a duration; write it like \"30 s\" (ms, s, min, h, d)");
  return value.value_or(fallback);
}

std::string Fields::schema(std::string_view key) {
  const Json* value = raw(key);
  if (!value) return {};
  if (!value->is_object()) {
    fault(key, "must be a JSON Schema; write it as a mapping such as {type: object}");
    return {};
  }
  return value->dump();
}

}  // namespace detail
}  // namespace host::plugins
