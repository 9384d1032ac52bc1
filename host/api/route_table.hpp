// All routes that are on, compiled: patterns into a trie, schemas into validators, series into
// pointers. Immutable; the pipeline swaps whole tables atomically, so that plugins come and go
// without a lock on the way of a request.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/route.hpp"
#include "api/schema.hpp"
#include "http/router.hpp"
#include "observe/metrics.hpp"

namespace host::api {

struct CompiledRoute {
  Route route;
  std::optional<Schema> body;
  observe::Histogram* duration = nullptr;  // seconds
  observe::Counter* by_class[6] = {};      // index: status / 100
};

class RouteTable {
 public:
  // Throws std::invalid_argument naming the route whose schema or pattern is at fault, or the two
  // routes that clash.
  explicit RouteTable(std::vector<Route> routes);

  struct Match {
    const CompiledRoute* route = nullptr;  // null: see `allow`
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string allow;  // not empty: the path exists, with these methods
  };
  Match match(std::string_view method, std::string_view path) const;
  // The route alone; nullptr: none.
  const CompiledRoute* find(std::string_view method, std::string_view path) const;
  std::span<const std::unique_ptr<CompiledRoute>> routes() const { return routes_; }

 private:
  std::vector<std::unique_ptr<CompiledRoute>> routes_;
  std::shared_ptr<const http::Router> router_;
};

}  // namespace host::api
