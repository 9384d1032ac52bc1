// What a tenant's own answers told: every value with the name it had and the route it came from,
// so that the next request can name things that exist. A create route feeds the routes to one.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "cli/isolation_test/api_document.hpp"

namespace host::cli::isolation_test {

class Pool {
 public:
  // All scalars of a good answer to that operation.
  void harvest(const Operation& operation, const Json& answer);
  void add(std::string path, std::string key, std::string value);
  // It is gone; do not name it again.
  void drop(std::string_view value);

  // Values for a path parameter, the most likely first; at most `most`.
  std::vector<std::string> for_path(const Operation& operation, const std::string& parameter,
                                    std::size_t most = 8) const;
  // Values for a field or a query parameter of that name: an id of what it names, a cursor ...
  std::vector<std::string> for_name(std::string_view name, std::size_t most = 8) const;
  std::vector<std::string> values() const;
  // Whether an answer has ever named it, and it is not gone.
  bool knows(const std::string& value) const { return ever_.contains(value); }
  // Cursors that lists gave: next, cursor, next_cursor, page_token ...
  std::vector<std::string> cursors(std::string_view path) const;
  // Paths and URLs in answers, without scheme and host.
  const std::vector<std::string>& links() const { return links_; }

 private:
  struct Found {
    std::string path;  // of the operation, with its parameters' names
    std::string key, value;
    bool is_name;  // by which routes name what they hold
  };
  std::deque<Found> found_;  // newest first
  std::unordered_set<std::string> ever_;
  std::vector<std::string> links_;
};

bool names_a_cursor(std::string_view name);

}  // namespace host::cli::isolation_test
