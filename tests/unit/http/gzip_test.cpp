// Negotiation and compression.
#include "http/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace host::http {
namespace {

std::string unpack(const std::string& packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string plain(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  return plain;
}

Response json(std::size_t size) {
  Response response;
  response.headers.add("Content-Type", "application/problem+json; charset=utf-8");
  response.body.assign(size, 'a');
  return response;
}

TEST(Gzip, is_taken_when_the_client_prefers_it) {
  for (const char* yes : {"gzip", "GZIP", "deflate, gzip;q=0.5", "*", "gzip;q=1.0, identity;q=0.5",
                          "x-gzip", "br , gzip ; q=0.001"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no : {"", "identity", "gzip;q=0", "gzip;q=0.000", "*;q=0", "br", "gzip;q=0, *",
                         "gzip;q=0.5, identity;q=1", "gzip;q=2", "gzip;q=abc", "gzip;level=9"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

TEST(Gzip, gives_back_the_same_bytes) {
  auto response = json(50'000);
  response.headers.add("ETag", "\"1\"");
  response.headers.add("Vary", "Origin");
  const auto plain = response.body;
  compress("gzip, br", response);
  EXPECT_LT(response.body.size(), 1000u);
  EXPECT_EQ(unpack(response.body), plain);
  EXPECT_EQ(response.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(response.headers.get("Vary"), "Origin, Accept-Encoding");
  EXPECT_EQ(response.headers.get("ETag"), "W/\"1\"");
}

TEST(Gzip, says_that_the_answer_depends_on_the_client_even_when_it_stays_plain) {
  auto response = json(5000);
  compress("identity", response);
  EXPECT_EQ(response.body.size(), 5000u);
  EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding");
}

TEST(Gzip, leaves_small_encoded_and_binary_bodies_alone) {
  auto small = json(1023);
  compress("gzip", small);
  EXPECT_EQ(small.body.size(), 1023u);
  EXPECT_EQ(small.headers.get("Vary"), "");
  auto image = json(5000);
  image.headers.set("Content-Type", "image/png");
  compress("gzip", image);
  EXPECT_EQ(image.body.size(), 5000u);
  auto encoded = json(5000);
  encoded.headers.add("Content-Encoding", "br");
  compress("gzip", encoded);
  EXPECT_EQ(encoded.body.size(), 5000u);
}

}  // namespace
}  // namespace host::http
