// Router: which route a method and a path belong to. A trie over "/segment/{parameter}/{rest...}";
// the value is an index into the owner's own table. Immutable once built, so that any number of
// threads may match while the owner swaps a std::atomic<std::shared_ptr<const Router>>. It knows
// nothing of requests, plugins or permissions.
//
// A literal segment wins over a parameter, a parameter over a tail; a more literal path that does
// not know the method does not hide a less literal one that does. HEAD is answered by GET's route
// unless it has its own. A path's trailing slash counts: "/a/" is not "/a".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace host::http {

class Router {
 public:
  struct Route {
    std::string method;   // "GET"
    std::string pattern;  // "/api/v1/clients/{id}", "/files/{path...}"
    std::uint32_t value = 0;
  };
  struct Conflict {
    std::size_t route;  // index into the routes given
    std::string reason;
  };

  enum class Outcome : std::uint8_t { found, not_found, method_not_allowed };
  struct Match {
    Outcome outcome = Outcome::not_found;
    std::uint32_t value = 0;
    // Names view into the router, values into the path given; both in order of the pattern.
    std::vector<std::pair<std::string_view, std::string_view>> parameters;
    std::string allow;  // with method_not_allowed: value of the Allow field
    // The parameter's value, empty if there is none of that name.
    std::string_view operator[](std::string_view name) const;
  };

  // Reports every malformed pattern and every clash; the routes without fault are in the router.
  static std::shared_ptr<const Router> build(const std::vector<Route>& routes,
                                             std::vector<Conflict>& conflicts);

  // `path` is decoded and begins with '/'; it must outlive the match.
  Match match(std::string_view method, std::string_view path) const;

  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

 private:
  struct Node;
  struct Leaf;
  struct Search;
  Router();
  std::string insert(const Route& route);
  bool walk(const Node& node, std::string_view rest, bool ended, Search& search) const;

  std::unique_ptr<Node> root_;
};

}  // namespace host::http
