// The trie behind Router; see router.hpp.
#include "http/router.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "http/ascii.hpp"

namespace host::http {
namespace {

// Bounds the recursion of a match, whatever the client sends.
constexpr std::size_t kMaxDepth = 64;

struct Segment {
  enum class Kind : std::uint8_t { literal, parameter, tail } kind = Kind::literal;
  std::string_view name;
};

bool valid_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char character) {
    return character == '_' ||
           (is(character, kHostName) && character != '.' && character != '-' && character != '~');
  });
}

// Empty: well-formed; else why not.
std::string split(std::string_view pattern, std::vector<Segment>& segments) {
  if (pattern.empty() || pattern.front() != '/') return "a pattern begins with '/'";
  pattern.remove_prefix(1);
  std::vector<std::string_view> names;
  for (;;) {
    const auto slash = pattern.find('/');
    auto text = pattern.substr(0, slash);
    Segment segment{Segment::Kind::literal, text};
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}') {
      segment.kind = Segment::Kind::parameter;
      segment.name = text.substr(1, text.size() - 2);
      if (segment.name.ends_with("...")) {
        segment.kind = Segment::Kind::tail;
        segment.name.remove_suffix(3);
        if (slash != std::string_view::npos) return "a tail parameter must be the last segment";
      }
      if (!valid_name(segment.name)) return "the name of a parameter is malformed";
      if (std::find(names.begin(), names.end(), segment.name) != names.end())
        return "two parameters have the same name";
      names.push_back(segment.name);
    } else if (text.find_first_of("{}") != std::string_view::npos) {
      return "a parameter must be a whole segment";
    }
    segments.push_back(segment);
    if (segments.size() > kMaxDepth) return "the pattern has too many segments";
    if (slash == std::string_view::npos) return {};
    pattern.remove_prefix(slash + 1);
  }
}

}  // namespace

// Routes of one pattern shape. Names of parameters belong to the route: two patterns may call the
// same place differently as long as their methods differ.
struct Router::Leaf {
  struct Entry {
    std::string method;
    std::uint32_t value;
    std::vector<std::string> names;
  };
  std::vector<Entry> entries;

  const Entry* find(std::string_view method) const {
    for (const auto& entry : entries) {
      if (entry.method == method) return &entry;
    }
    return nullptr;
  }
};

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  Leaf tail;
  Leaf here;
};

struct Router::Search {
  std::string_view method;
  std::array<std::string_view, kMaxDepth> values{};
  std::size_t count = 0;
  std::size_t depth = 0;
  Match match;
  std::vector<std::string_view> allowed;

  bool accept(const Leaf& leaf) {
    const auto* entry = leaf.find(method);
    if (entry == nullptr && method == "HEAD") entry = leaf.find("GET");
    if (entry == nullptr) {
      for (const auto& other : leaf.entries) allowed.push_back(other.method);
      return false;
    }
    match.outcome = Outcome::found;
    match.value = entry->value;
    match.parameters.reserve(entry->names.size());
    for (std::size_t index = 0; index < entry->names.size(); ++index) {
      match.parameters.emplace_back(entry->names[index], values[index]);
    }
    return true;
  }
};

std::string_view Router::Match::operator[](std::string_view name) const {
  for (const auto& [key, text] : parameters) {
    if (key == name) return text;
  }
  return {};
}

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

std::shared_ptr<const Router> Router::build(const std::vector<Route>& routes,
                                            std::vector<Conflict>& conflicts) {
  std::shared_ptr<Router> router(new Router());
  for (std::size_t index = 0; index < routes.size(); ++index) {
    auto reason = router->insert(routes[index]);
    if (!reason.empty()) conflicts.push_back({index, std::move(reason)});
  }
  return router;
}

std::string Router::insert(const Route& route) {
  if (route.method.empty() || !consists_of(route.method, kToken))
    return "the method is not a token";
  std::vector<Segment> segments;
  if (auto reason = split(route.pattern, segments); !reason.empty()) return reason;

  Node* node = root_.get();
  Leaf* leaf = nullptr;
  Leaf::Entry entry{route.method, route.value, {}};
  for (const auto& segment : segments) {
    if (segment.kind != Segment::Kind::literal) entry.names.emplace_back(segment.name);
    if (segment.kind == Segment::Kind::tail) {
      leaf = &node->tail;
      break;
    }
    auto& next = segment.kind == Segment::Kind::parameter
                     ? node->parameter
                     : node->literals[std::string(segment.name)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  if (leaf == nullptr) leaf = &node->here;
  if (leaf->find(route.method) != nullptr) {
    return "another route already answers " + route.method + " on " + route.pattern;
  }
  leaf->entries.push_back(std::move(entry));
  return {};
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  Search search;
  search.method = method;
  if (path.empty() || path.front() != '/') return search.match;
  if (walk(*root_, path.substr(1), false, search) || search.allowed.empty())
    return std::move(search.match);
  auto& allowed = search.allowed;
  if (std::find(allowed.begin(), allowed.end(), "GET") != allowed.end()) allowed.push_back("HEAD");
  allowed.push_back("OPTIONS");  // answered for every path that exists
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  search.match.outcome = Outcome::method_not_allowed;
  for (const auto name : allowed) {
    if (!search.match.allow.empty()) search.match.allow.append(", ");
    search.match.allow.append(name);
  }
  return std::move(search.match);
}

// `rest` is what follows the slash of this node; `ended`: there is no such slash.
bool Router::walk(const Node& node, std::string_view rest, bool ended, Search& search) const {
  if (ended) return search.accept(node.here);
  const auto slash = rest.find('/');
  const auto segment = rest.substr(0, slash);
  const bool last = slash == std::string_view::npos;
  const auto next = last ? std::string_view() : rest.substr(slash + 1);
  if (search.depth < kMaxDepth) {
    ++search.depth;
    if (const auto found = node.literals.find(segment); found != node.literals.end()) {
      if (walk(*found->second, next, last, search)) return true;
    }
    if (node.parameter && !segment.empty()) {
      search.values[search.count++] = segment;
      if (walk(*node.parameter, next, last, search)) return true;
      --search.count;
    }
    --search.depth;
  }
  if (node.tail.entries.empty() || rest.empty()) return false;
  search.values[search.count++] = rest;
  if (search.accept(node.tail)) return true;
  --search.count;
  return false;
}

}  // namespace host::http
