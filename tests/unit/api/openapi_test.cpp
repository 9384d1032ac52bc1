#include "api/openapi.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using host::api::Route;

TEST(OpenApi, describes_exactly_the_routes_that_are_on) {
  std::vector<Route> routes(3);
  routes[0].method = "POST";
  routes[0].pattern = "/api/v1/things/{id}";
  routes[0].operation = "things.change";
  routes[0].summary = "Change a thing";
  routes[0].tag = "Things";
  routes[0].permission = "things.write";
  routes[0].plugin = "things";
  routes[0].query = {
      {.name = "limit", .type = "integer", .default_value = "5", .minimum = 1, .maximum = 20}};
  routes[0].body_schema = R"({"type":"object"})";
  routes[1].method = "GET";
  routes[1].pattern = "/files/{path...}";
  routes[1].operation = "files.get";
  routes[1].tag = "Files";
  routes[1].access = host::api::Access::open;
  routes[2].method = "GET";
  routes[2].pattern = "/api/v1/things/number";
  routes[2].operation = "things.number";
  routes[2].tag = "Things";
  routes[2].event_stream = "number";
  const auto document =
      nlohmann::json::parse(host::api::openapi_document({"T", "1.0", "/"}, routes));
  EXPECT_EQ(document["openapi"], "3.1.0");
  ASSERT_EQ(document["paths"].size(), 3u);
  const auto& change = document["paths"]["/api/v1/things/{id}"]["post"];
  EXPECT_EQ(change["operationId"], "things.change");
  EXPECT_EQ(change["x-permission"], "things.write");
  EXPECT_EQ(change["parameters"][0]["in"], "path");
  EXPECT_EQ(change["parameters"][1]["schema"]["maximum"], 20);
  EXPECT_EQ(change["parameters"][1]["schema"]["default"], 5);
  EXPECT_TRUE(change["responses"].contains("401"));
  const auto& number = document["paths"]["/api/v1/things/number"]["get"]["responses"]["200"];
  EXPECT_TRUE(number["content"].contains("text/event-stream"));
  EXPECT_TRUE(number["content"].contains("application/json"));
  const auto& file = document["paths"]["/files/{path}"]["get"];
  EXPECT_TRUE(file["security"].empty()) << "an open route asks for no credential";
  EXPECT_FALSE(file["responses"].contains("401"));
}

}  // namespace
