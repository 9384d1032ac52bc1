// Percent-decoding, pairs and UTF-8.
#include "http/form.hpp"

#include <gtest/gtest.h>

#include "http/message.hpp"

namespace host::http {
namespace {

TEST(Form, decodes_percent_and_plus) {
  EXPECT_EQ(percent_decode("a%20b+c%C3%a4"), "a b+c\xc3\xa4");
  EXPECT_EQ(form_decode("a%20b+c"), "a b c");
  EXPECT_EQ(percent_decode(""), "");
  for (const char* broken : {"%", "%2", "%zz", "a%2", "%%20"})
    EXPECT_FALSE(percent_decode(broken)) << broken;
}

TEST(Form, keeps_the_order_and_repetition_of_pairs) {
  const auto pairs = parse_pairs("b=1&a=2&&b=%33&empty=&bare&=x");
  ASSERT_TRUE(pairs);
  const Pairs expected{{"b", "1"}, {"a", "2"}, {"b", "3"}, {"empty", ""}, {"bare", ""}, {"", "x"}};
  EXPECT_EQ(*pairs, expected);
  EXPECT_FALSE(parse_pairs("a=%"));
  EXPECT_TRUE(parse_pairs("a&b", 2));
  EXPECT_FALSE(parse_pairs("a&b&c", 2));
}

TEST(Form, encodes_what_it_decodes) {
  std::string every;
  for (int code = 0; code < 256; ++code) every.push_back(static_cast<char>(code));
  EXPECT_EQ(percent_decode(percent_encode(every)), every);
  EXPECT_EQ(percent_encode("a-b_c.d~e/"), "a-b_c.d~e%2F");
}

TEST(Form, knows_well_formed_utf8) {
  for (const char* good :
       {"", "abc", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(valid_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\xff", "\xe2\x28\xa1"}) {
    EXPECT_FALSE(valid_utf8(bad)) << bad;
  }
}

TEST(Form, gives_the_first_parameter_of_a_request) {
  Request request;
  request.query = "a=1&b=x%2By+z&a=2&broken=%";
  EXPECT_EQ(request.parameter("a"), "1");
  EXPECT_EQ(request.parameter("b"), "x+y z");
  EXPECT_FALSE(request.parameter("c"));
  EXPECT_FALSE(request.parameter("broken"));
}

}  // namespace
}  // namespace host::http
