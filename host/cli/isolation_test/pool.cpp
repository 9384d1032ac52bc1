#include "cli/isolation_test/pool.hpp"

#include <algorithm>

namespace host::cli::isolation_test {
namespace {

constexpr std::size_t kMost = 2000;

std::string last_segment(const std::string& path) {
  const auto at = path.rfind('/');
  return at == path.npos ? path : path.substr(at + 1);
}

// The segment that says what a collection holds: not a parameter.
std::string thing_of(std::string path) {
  while (!path.empty() && last_segment(path).starts_with("{")) path.erase(path.rfind('/'));
  return singular(last_segment(path));
}

std::string dashless(std::string word) {
  std::replace(word.begin(), word.end(), '-', '_');
  return word;
}

// Fields by which routes name what they hold.
bool names_a_thing(const std::string& key) {
  for (const auto* word : {"id", "name", "key", "slug", "code", "number", "token", "reference"})
    if (key == word) return true;
  return false;
}

template <class Visit>
void each_scalar(const Json& value, const std::string& key, int depth, const Visit& visit) {
  if (depth > 8) return;
  if (value.is_object()) {
    for (const auto& [name, inner] : value.items()) each_scalar(inner, name, depth + 1, visit);
  } else if (value.is_array()) {
    std::size_t seen = 0;
    for (const auto& inner : value)
      if (++seen <= 20) each_scalar(inner, key, depth + 1, visit);
  } else if (value.is_string()) {
    visit(key, value.get<std::string>());
  } else if (value.is_number_integer()) {
    visit(key, value.dump());
  }
}

}  // namespace

bool names_a_cursor(std::string_view name) {
  for (const auto* word : {"cursor", "next", "before", "after", "page_token", "continue"})
    if (name == word || name.find(word) != name.npos) return true;
  return false;
}

void Pool::harvest(const Operation& operation, const Json& answer) {
  const auto thing = dashless(thing_of(operation.path));
  each_scalar(answer, "", 0, [&](const std::string& key, const std::string& value) {
    if (value.empty() || value.size() > 4000) return;
    // A list of plain texts holds what its route is called after.
    add(operation.path, key == "data" || key == "items" ? thing : key, value);
    const auto scheme = value.find("://");
    const auto slash = scheme == value.npos ? 0 : value.find('/', scheme + 3);
    if (slash != value.npos && value[slash] == '/' && value.find(' ') == value.npos &&
        links_.size() < 200)
      links_.push_back(value.substr(slash));
  });
}

void Pool::add(std::string path, std::string key, std::string value) {
  const auto same = std::find_if(found_.begin(), found_.end(), [&](const Found& found) {
    return found.value == value && found.key == key && found.path == path;
  });
  if (same != found_.end()) found_.erase(same);
  ever_.insert(value);
  const bool is_name = names_a_thing(key);
  found_.push_front({std::move(path), std::move(key), std::move(value), is_name});
  if (found_.size() > kMost) found_.pop_back();
}

void Pool::drop(std::string_view value) {
  std::erase_if(found_, [&](const Found& found) { return found.value == value; });
  ever_.erase(std::string(value));
}

std::vector<std::string> Pool::for_path(const Operation& operation, const std::string& parameter,
                                        std::size_t most) const {
  std::vector<std::string> values;
  for (auto link = links_.rbegin(); link != links_.rend() && values.size() < most; ++link)
    if (const auto value = operation.link_in(*link); !value.empty()) values.emplace_back(value);
  if (!values.empty()) return values;
  const auto collection = collection_of(operation.path, parameter);
  const auto thing = dashless(thing_of(collection));
  const auto below = collection + "/", thing_id = thing + "_id";
  const bool generic = parameter == "id" || parameter == "name" || parameter == "key";
  std::vector<std::pair<int, const std::string*>> ranked;
  for (const auto& [path, key, value, is_name] : found_) {
    if (!is_name && key != parameter && key != thing_id) continue;
    if (value.size() > 200 || value.find('/') != value.npos) continue;
    int score = 0;
    const bool near = path == collection || path.starts_with(below);
    if (key == parameter && (near || !generic)) score = 6;
    if (key == thing_id) score = std::max(score, near ? 6 : 3);
    if (key == "id" && near) score = std::max(score, 5);
    if (is_name && key != "id" && near) score = std::max(score, 2);
    if (score == 0) continue;
    if (path == collection) score += 4;
    if (path == operation.path) score += 1;
    ranked.emplace_back(score, &value);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [score, value] : ranked) {
    if (values.size() >= most) break;
    if (std::find(values.begin(), values.end(), *value) == values.end()) values.push_back(*value);
  }
  return values;
}

std::vector<std::string> Pool::for_name(std::string_view name, std::size_t most) const {
  std::vector<std::string> values;
  const auto take = [&](const std::string& value) {
    if (values.size() < most && std::find(values.begin(), values.end(), value) == values.end())
      values.push_back(value);
  };
  for (const auto& found : found_)
    if (found.key == name) take(found.value);
  if (name.ends_with("_id")) {
    const auto thing = name.substr(0, name.size() - 3);
    for (const auto& found : found_)
      if (found.key == "id" && dashless(thing_of(found.path)) == thing) take(found.value);
  }
  return values;
}

std::vector<std::string> Pool::values() const {
  std::vector<std::string> all;
  for (const auto& found : found_) all.push_back(found.value);
  return all;
}

std::vector<std::string> Pool::cursors(std::string_view path) const {
  std::vector<std::string> values;
  for (const auto& found : found_)
    if (found.path == path && names_a_cursor(found.key)) values.push_back(found.value);
  return values;
}

}  // namespace host::cli::isolation_test
