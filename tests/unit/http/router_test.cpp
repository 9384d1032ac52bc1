// The trie: precedence, parameters, methods and conflicts.
#include "http/router.hpp"

#include <gtest/gtest.h>

namespace host::http {
namespace {

std::shared_ptr<const Router> make(const std::vector<Router::Route>& routes) {
  std::vector<Router::Conflict> conflicts;
  auto router = Router::build(routes, conflicts);
  EXPECT_TRUE(conflicts.empty()) << conflicts.front().reason;
  return router;
}

TEST(Router, prefers_literals_to_parameters_and_parameters_to_tails) {
  const auto router = make({{"GET", "/a/{id}", 1},
                            {"GET", "/a/new", 2},
                            {"GET", "/a/{rest...}", 3},
                            {"GET", "/", 4},
                            {"GET", "/a/{id}/b", 5}});
  EXPECT_EQ(router->match("GET", "/a/new").value, 2u);
  const auto one = router->match("GET", "/a/7");
  EXPECT_EQ(one.value, 1u);
  EXPECT_EQ(one["id"], "7");
  const auto tail = router->match("GET", "/a/7/c/d");
  EXPECT_EQ(tail.value, 3u);
  EXPECT_EQ(tail["rest"], "7/c/d");
  EXPECT_EQ(tail["id"], "");
  EXPECT_EQ(router->match("GET", "/").value, 4u);
  EXPECT_EQ(router->match("GET", "/a/new/b").value, 5u);
  EXPECT_EQ(router->match("GET", "/a/new/b")["id"], "new");
}

TEST(Router, finds_nothing_where_nothing_is) {
  const auto router = make({{"GET", "/a/{id}", 1}, {"GET", "/files/{path...}", 2}});
  for (const char* path :
       {"", "a/1", "/", "/a", "/a/", "/a/1/", "/b/1", "//a/1", "/files", "/files/"}) {
    EXPECT_EQ(router->match("GET", path).outcome, Router::Outcome::not_found) << path;
  }
  EXPECT_EQ(router->match("GET", "/files/" + std::string(15'000, '/')).outcome,
            Router::Outcome::found);
  EXPECT_EQ(router->match("GET", std::string(15'000, '/')).outcome, Router::Outcome::not_found);
}

TEST(Router, says_which_methods_a_path_allows) {
  const auto router = make({{"GET", "/a", 1}, {"POST", "/a", 2}, {"DELETE", "/{x}", 3}});
  const auto refused = router->match("PUT", "/a");
  EXPECT_EQ(refused.outcome, Router::Outcome::method_not_allowed);
  EXPECT_EQ(refused.allow, "DELETE, GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(router->match("DELETE", "/a").value,
            3u);  // a literal does not hide a parameter's method
  EXPECT_EQ(router->match("HEAD", "/a").value, 1u);
  EXPECT_EQ(router->match("HEAD", "/b").allow, "DELETE, OPTIONS");
}

TEST(Router, prefers_a_head_of_its_own) {
  const auto router = make({{"GET", "/a", 1}, {"HEAD", "/a", 2}});
  EXPECT_EQ(router->match("HEAD", "/a").value, 2u);
}

TEST(Router, lets_routes_of_different_methods_name_parameters_differently) {
  const auto router = make({{"GET", "/a/{id}", 1}, {"PUT", "/a/{name}", 2}});
  EXPECT_EQ(router->match("GET", "/a/7")["id"], "7");
  EXPECT_EQ(router->match("PUT", "/a/7")["name"], "7");
}

TEST(Router, reports_every_conflict_and_keeps_the_rest) {
  std::vector<Router::Conflict> conflicts;
  const auto router = Router::build({{"GET", "/a/{id}", 1},
                                     {"GET", "/a/{other}", 2},
                                     {"GET", "a", 3},
                                     {"GET", "/{a}/{a}", 4},
                                     {"GET", "/x{a}", 5},
                                     {"GET", "/{a...}/b", 6},
                                     {"G T", "/b", 7},
                                     {"GET", "/{}", 8},
                                     {"GET", "/ok", 9}},
                                    conflicts);
  ASSERT_EQ(conflicts.size(), 7u);
  for (std::size_t index = 0; index < conflicts.size(); ++index)
    EXPECT_EQ(conflicts[index].route, index + 1);
  EXPECT_EQ(router->match("GET", "/ok").value, 9u);
  EXPECT_EQ(router->match("GET", "/a/1").value, 1u);
}

}  // namespace
}  // namespace host::http
