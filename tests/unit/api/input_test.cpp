#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/entity_tag.hpp"
#include "api/json_body.hpp"
#include "api/problem_response.hpp"
#include "api/query_check.hpp"
#include "api/response_headers.hpp"
#include "api/schema.hpp"

namespace {

using host::api::QueryParameter;
using host::api::Schema;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Schema, points_at_the_field_that_is_wrong) {
  const Schema schema(R"({"type":"object","required":["email"],"additionalProperties":false,
    "properties":{"email":{"type":"string"},"items":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}}}})");
  EXPECT_THAT(schema.validate({{"email", "a@b"}}), IsEmpty());
  const auto errors = schema.validate({{"email", "a@b"}, {"items", {{{"n", 1}}, {{"n", 0}}}}});
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].pointer, "/items/1/n");
  EXPECT_THAT(schema.validate(json::object()), SizeIs(1));
  EXPECT_FALSE(schema.validate({{"email", "a@b"}, {"tenant_id", "other"}}).empty());
  const auto both = schema.validate({{"email", 5}, {"tenant_id", "other"}});
  ASSERT_THAT(both, SizeIs(2)) << "an unknown member is named beside another fault";
  EXPECT_TRUE(both[0].pointer.empty() || both[1].pointer.empty());
  EXPECT_FALSE(schema.validate({{"email", 5}}).empty()) << "a number is no text";
  EXPECT_FALSE(schema.validate(nullptr).empty());
}

TEST(Schema, that_is_none_is_refused) {
  EXPECT_THROW(Schema("not json"), std::invalid_argument);
  EXPECT_THROW(Schema("[]"), std::invalid_argument);
  EXPECT_THROW(Schema(R"({"type": 7})"), std::invalid_argument);
}

TEST(Schema, errors_are_bounded) {
  const Schema schema(R"({"type":"array","items":{"type":"string"}})");
  EXPECT_LE(schema.validate(json(std::vector<int>(10'000, 1))).size(), 20u);
}

TEST(Schema, points_at_names_of_any_characters) {
  const Schema schema(R"({"additionalProperties":{"type":"string"}})");
  const json document{{"a/b~c[d]", 5}};
  const auto errors = schema.validate(document);
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].pointer, "/a~1b~0c[d]");
}

// std::regex, which valijson would use, recurses once per character.
TEST(Schema, takes_a_text_of_any_length) {
  const Schema schema(R"({"properties":{"id":{"pattern":"^[a-z]+$"},"all":{"pattern":"^(a|b)+$"},
    "on":{"format":"date"},"at":{"format":"date-time"}},
    "patternProperties":{"^x(-[a-z]+)*$":{"type":"string"}}})");
  const std::string a(1'000'000, 'a'), digits(1'000'000, '1');
  EXPECT_THAT(schema.validate({{"id", a}}), IsEmpty());
  EXPECT_THAT(schema.validate({{"id", a + "1"}}), SizeIs(1));
  EXPECT_THAT(schema.validate({{"all", a + "c"}}), SizeIs(1));
  EXPECT_THAT(schema.validate({{"on", digits}}), SizeIs(1));
  EXPECT_THAT(schema.validate({{"at", "2026-01-01T00:00:00." + digits + "Z"}}), IsEmpty());
  EXPECT_THAT(schema.validate({{"at", digits}}), SizeIs(1));
  const auto errors = schema.validate({{"y", {{"x-" + a, ""}}}});
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_EQ(errors[0].pointer, "/y");
}

TEST(Schema, gives_up_on_a_text_that_a_bad_pattern_would_try_for_ever) {
  const Schema schema(R"({"pattern":"^(a+)+$"})");
  EXPECT_THAT(schema.validate("aaaa"), IsEmpty());
  EXPECT_THAT(schema.validate(std::string(60, 'a') + "!"), SizeIs(1));
}

TEST(Schema, matches_as_the_standard_says) {
  const Schema part(R"({"pattern":"b"})"), line(R"({"pattern":"^a.c$"})"),
      ahead(R"({"pattern":"^(?!x)\\w+$"})");
  EXPECT_THAT(part.validate("abc"), IsEmpty()) << "a part is enough";
  EXPECT_THAT(part.validate(7), IsEmpty()) << "only texts are looked at";
  EXPECT_THAT(line.validate("abc"), IsEmpty());
  EXPECT_THAT(line.validate("abc\n"), SizeIs(1));
  EXPECT_THAT(line.validate("x\nabc"), SizeIs(1));
  EXPECT_THAT(line.validate("a\nc"), SizeIs(1));
  EXPECT_THAT(ahead.validate("yes"), IsEmpty());
  EXPECT_THAT(ahead.validate("xes"), SizeIs(1));
  EXPECT_THROW(Schema(R"({"properties":{"a":{"pattern":"("}}})"), std::invalid_argument);
  EXPECT_THROW(Schema(R"({"pattern":7})"), std::invalid_argument);
}

TEST(Schema, leaves_alone_what_is_only_called_like_a_keyword) {
  const Schema schema(R"({"properties":{"pattern":{"type":"string"},"format":{"pattern":"^a"}},
    "not":{"const":{"pattern":"("}}})");
  EXPECT_THAT(schema.validate({{"pattern", "("}, {"format", "abc"}}), IsEmpty());
  EXPECT_THAT(schema.validate({{"pattern", 1}}), SizeIs(1));
  EXPECT_THAT(schema.validate({{"format", "b"}}), SizeIs(1));
  EXPECT_FALSE(schema.validate({{"pattern", "("}}).empty());
}

TEST(Schema, knows_dates_and_times) {
  const Schema date(R"({"format":"date"})"), time(R"({"format":"time"})"),
      both(R"({"format":"date-time"})"), other(R"({"type":"string","format":"email"})");
  for (const char* good : {"2026-12-31", "2024-02-29", "0000-01-01"})
    EXPECT_THAT(date.validate(good), IsEmpty()) << good;
  for (const char* bad : {"", "2026-02-29", "2026-13-01", "2026-1-01", "2026-01-001", "+026-01-01"})
    EXPECT_THAT(date.validate(bad), SizeIs(1)) << bad;
  for (const char* good : {"00:00:00Z", "23:59:60z", "10:20:30.5+02:00", "10:20:30-23:59"})
    EXPECT_THAT(time.validate(good), IsEmpty()) << good;
  for (const char* bad : {"24:00:00Z", "10:60:00Z", "10:20:30", "10:20:30.Z", "10:20:30+2:00",
                          "10:20:30+24:00", "10:20:30|02:00", "10:20:30.5"})
    EXPECT_THAT(time.validate(bad), SizeIs(1)) << bad;
  EXPECT_THAT(both.validate("2026-12-31t23:59:59.25Z"), IsEmpty());
  for (const char* bad : {"2026-12-31", "2026-12-31 10:00:00Z", "2026-02-30T10:00:00Z"})
    EXPECT_THAT(both.validate(bad), SizeIs(1)) << bad;
  EXPECT_THAT(other.validate("anything"), IsEmpty())
      << "a format that is not known demands nothing";
  EXPECT_THAT(other.validate(5), SizeIs(1));
}

TEST(Schema, does_not_list_the_faults_of_a_huge_document) {
  const Schema schema(R"({"items":{"type":"string"}})"), unique(R"({"uniqueItems":true})");
  std::vector<int> many(200'000);
  EXPECT_THAT(schema.validate(many), SizeIs(1));
  EXPECT_THAT(schema.validate(std::vector<std::string>(200'000)), IsEmpty());
  std::iota(many.begin(), many.end(), 0);
  EXPECT_THAT(unique.validate(many), SizeIs(1)) << "each would be compared with each";
  EXPECT_THAT(unique.validate({1, 2, 3}), IsEmpty());
  EXPECT_THAT(unique.validate({1, 2, 1}), SizeIs(1));
}

TEST(JsonBody, is_read_or_refused_with_the_place_of_the_fault) {
  EXPECT_EQ(host::api::parse_json(R"({"a":[1,2]})")["a"][1], 2);
  try {
    host::api::parse_json(R"({"a":1,})");
    FAIL();
  } catch (const host::Problem& problem) {
    EXPECT_EQ(problem.status(), 400);
    EXPECT_EQ(problem.code(), "malformed_json");
    EXPECT_THAT(problem.detail(), HasSubstr("byte 8"));
  }
}

TEST(JsonBody, with_a_number_beyond_a_double_is_refused) {
  EXPECT_THROW(host::api::parse_json("[1e1300]"), host::Problem);
  EXPECT_EQ(host::api::parse_json("[1e300]")[0], 1e300);
  EXPECT_EQ(host::api::parse_json("[18446744073709551616]")[0], 18446744073709551616.0);
}

TEST(JsonBody, that_would_overflow_a_stack_is_refused) {
  EXPECT_THROW(host::api::parse_json(std::string(100'000, '[')), host::Problem);
  EXPECT_THROW(host::api::parse_json(std::string(65, '[') + std::string(65, ']')), host::Problem);
  EXPECT_NO_THROW(host::api::parse_json(std::string(64, '[') + std::string(64, ']')));
  EXPECT_NO_THROW(host::api::parse_json("\"" + std::string(1000, '[') + "\""))
      << "brackets in text do not nest";
}

TEST(Query, is_checked_against_its_declaration_and_gets_defaults) {
  const std::vector<QueryParameter> declared{
      {.name = "limit", .type = "integer", .default_value = "50", .minimum = 1, .maximum = 100},
      {.name = "status", .one_of = {"open", "closed"}},
      {.name = "ratio", .type = "number", .minimum = 0, .maximum = 1},
      {.name = "verbose", .type = "boolean"},
      {.name = "q", .required = true}};
  std::vector<std::pair<std::string, std::string>> good{{"q", "x"}, {"_", "17"}, {"ratio", "0.5"}};
  EXPECT_THAT(check_query(declared, good), IsEmpty());
  EXPECT_THAT(good, testing::Contains(std::pair<std::string, std::string>("limit", "50")));
  std::vector<std::pair<std::string, std::string>> bad{
      {"limit", "101"}, {"status", "lost"}, {"verbose", "yes"}, {"ratio", "1.5"}};
  const auto errors = check_query(declared, bad);
  EXPECT_THAT(errors, SizeIs(5));
  EXPECT_EQ(errors[0].pointer, "query/limit");
  EXPECT_EQ(errors[0].detail, "must be at most 100");
  for (const auto* value : {"", "1e3", " 5", "5x", "99999999999999999999"}) {
    std::vector<std::pair<std::string, std::string>> odd{{"q", "x"}, {"limit", value}};
    EXPECT_THAT(check_query(declared, odd), SizeIs(1)) << value;
  }
}

TEST(EntityTag, is_of_the_content_and_found_in_a_list) {
  EXPECT_EQ(host::api::entity_tag("a"), host::api::entity_tag("a"));
  EXPECT_NE(host::api::entity_tag("a"), host::api::entity_tag("b"));
  const auto tag = host::api::entity_tag("a");
  EXPECT_TRUE(host::api::tag_matches("\"x\", " + tag, tag));
  EXPECT_TRUE(host::api::tag_matches("*", tag));
  EXPECT_FALSE(host::api::tag_matches("", tag));
  EXPECT_FALSE(host::api::tag_matches(host::api::entity_tag("b"), tag));
}

TEST(ProblemResponse, has_the_one_shape_of_errors) {
  auto problem = host::unprocessable({{"/email", "must be an address"}});
  const auto response = host::api::problem_response(problem.retry_after(3), "req-1");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.headers.get("content-type"), "application/problem+json");
  EXPECT_EQ(response.headers.get("Retry-After"), "3");
  const auto document = json::parse(response.body);
  EXPECT_EQ(document["title"], "Unprocessable Content");
  EXPECT_EQ(document["status"], 422);
  EXPECT_EQ(document["code"], "validation_failed");
  EXPECT_EQ(document["success"], false);
  EXPECT_THAT(document["instance"].get<std::string>(), HasSubstr("req-1"));
  EXPECT_EQ(document["errors"][0]["pointer"], "/email");
}

TEST(ProblemResponse, survives_text_that_is_no_utf8) {
  EXPECT_NO_THROW(host::api::problem_response(host::bad_request("\xff"), "r"));
}

TEST(ResponseHeaders, carries_the_seven_security_headers) {
  const host::api::ResponseHeaders headers({}, true);
  host::http::Response response;
  headers.add_security(response, false);
  EXPECT_EQ(response.lines,
            "X-Frame-Options: DENY\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "X-XSS-Protection: 1; mode=block\r\n"
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
            "Referrer-Policy: strict-origin-when-cross-origin\r\n"
            "Permissions-Policy: geolocation=(), camera=(), microphone=()\r\n"
            "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n");
}

TEST(ResponseHeaders, lets_a_handler_speak_only_of_its_policy_and_its_referrers) {
  const host::api::ResponseHeaders headers({}, false);
  host::http::Response response;
  response.headers.add("x-frame-options", "ALLOWALL");
  response.headers.add("content-security-policy", "default-src 'self'");
  response.headers.add("Content-Type", "text/html");
  headers.add_security(response, true);
  EXPECT_EQ(response.headers.size(), 2u);
  EXPECT_EQ(response.headers.get("Content-Security-Policy"), "default-src 'self'");
  EXPECT_EQ(response.lines,
            "X-Frame-Options: SAMEORIGIN\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "X-XSS-Protection: 1; mode=block\r\n"
            "Referrer-Policy: strict-origin-when-cross-origin\r\n"
            "Permissions-Policy: geolocation=(), camera=(), microphone=()\r\n");
}

TEST(ResponseHeaders, lets_only_listed_origins_read_answers) {
  const host::api::ResponseHeaders headers({"https://app.example"}, false);
  for (const auto& [origin, allowed] :
       {std::pair{"https://app.example", true}, std::pair{"https://app.example.evil", false},
        std::pair{"null", false}}) {
    host::http::Request request;
    request.headers.add("Origin", origin);
    host::http::Response response;
    headers.add_cors(request, response);
    EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin") == origin, allowed) << origin;
    EXPECT_EQ(response.headers.get("Vary"), "Origin");
    request.headers.add("Access-Control-Request-Method", "POST");
    const auto preflight = headers.preflight(request, "GET, POST");
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Methods") == "GET, POST", allowed)
        << origin;
  }
}

}  // namespace
