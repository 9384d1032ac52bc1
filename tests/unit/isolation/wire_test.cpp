// Values on the wire: what goes in comes out, and no cut or grown message is taken.
#include <gtest/gtest.h>

#include "isolation/call_codec.hpp"

namespace host::isolation {
namespace {

serai_str str(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(serai_str text) { return {text.data, text.size}; }

std::string encoded_request() {
  const serai_pair pairs[] = {{str("a"), str("1")}, {str("b"), str("")}};
  const serai_part part{str("file"), str("x.pdf"), str("application/pdf"), str(""), str("ref"), 12};
  serai_request request{};
  request.handler = 3;
  request.method = str("POST");
  request.path = str("/p");
  request.query = str("a=1");
  request.path_parameters = pairs;
  request.path_parameter_count = 1;
  request.query_parameters = pairs;
  request.query_parameter_count = 2;
  request.headers = pairs;
  request.header_count = 2;
  request.parts = &part;
  request.part_count = 1;
  request.body = str("{}");
  request.caller.tenant = str("acme");
  request.caller.deadline_us = -5;
  std::string bytes;
  Encoder to(bytes);
  encode(to, 77, request);
  return bytes;
}

TEST(CallCodec, gives_back_a_request) {
  const std::string bytes = encoded_request();
  Decoder from(bytes);
  const ReceivedRequest got(from);
  EXPECT_EQ(got.call, 77U);
  EXPECT_EQ(got.request.handler, 3U);
  EXPECT_EQ(view(got.request.method), "POST");
  ASSERT_EQ(got.request.query_parameter_count, 2U);
  EXPECT_EQ(view(got.request.query_parameters[1].name), "b");
  ASSERT_EQ(got.request.part_count, 1U);
  EXPECT_EQ(view(got.request.parts[0].blob), "ref");
  EXPECT_EQ(got.request.parts[0].size, 12U);
  EXPECT_EQ(view(got.request.caller.tenant), "acme");
  EXPECT_EQ(got.request.caller.deadline_us, -5);
}

TEST(CallCodec, takes_no_message_that_was_cut_or_has_more) {
  const std::string bytes = encoded_request();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    Decoder from(cut);
    EXPECT_THROW(ReceivedRequest{from}, BadMessage) << size;
  }
  const std::string longer = bytes + "x";
  Decoder from(longer);
  EXPECT_THROW(ReceivedRequest{from}, BadMessage);
}

TEST(Wire, keeps_a_text_without_bytes_apart_from_an_empty_one) {
  std::string bytes;
  Encoder to(bytes);
  to.text(serai_str{nullptr, 0});
  to.text(serai_str{nullptr, 9});
  Decoder from(bytes);
  EXPECT_EQ(from.str().size, 0U);
  const auto broken = from.str();
  EXPECT_EQ(broken.data, nullptr);
  EXPECT_NE(broken.size, 0U);
}

}  // namespace
}  // namespace host::isolation
