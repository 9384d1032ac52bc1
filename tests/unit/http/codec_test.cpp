// The codec without sockets: what it accepts, that no split of the bytes changes its mind, and that
// it stays linear. The long table of refusals stands in tests/contract/http/framing_test.cpp.
#include "http/codec.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "http/server.hpp"

namespace host::http {
namespace {

struct Result {
  std::vector<std::string> requests;  // "method path query version body" of each
  int status = 0;
  std::string code;
  bool operator==(const Result&) const = default;
};

std::string summary(const Request& request, const std::string& body) {
  std::string text = request.method + " " + request.path + "?" + request.query + " " +
                     std::to_string(request.version_minor);
  for (const auto& [name, value] : request.headers) text += "|" + name + "=" + value;
  return text + "|" + body;
}

Result run(const std::vector<std::string_view>& pieces, const Limits& limits = {}) {
  Codec codec(limits);
  Result result;
  std::string body;
  for (auto piece : pieces) {
    for (;;) {
      const auto event = codec.next(piece);
      if (event == Codec::Event::need_more) break;
      if (event == Codec::Event::body) body.append(codec.body());
      if (event == Codec::Event::complete) {
        result.requests.push_back(summary(codec.request(), body));
        body.clear();
        codec.reset();
      }
      if (event == Codec::Event::error) {
        result.status = codec.fault().status;
        result.code = codec.fault().code;
        return result;
      }
    }
  }
  return result;
}

Result bytewise(std::string_view bytes, const Limits& limits = {}) {
  std::vector<std::string_view> pieces;
  for (std::size_t index = 0; index < bytes.size(); ++index)
    pieces.push_back(bytes.substr(index, 1));
  return run(pieces, limits);
}

const std::vector<std::string>& corpus() {
  static const std::vector<std::string> requests = {
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\r\nGET / HTTP/1.0\r\n\r\n",
      "GET /a%20b?c=d&e HTTP/1.1\r\nhost: [::1]:8080\r\nX:\t v \t\r\nEmpty:\r\n\r\n",
      "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /y HTTP/1.1\r\nHost: "
      "a\r\n\r\n",
      "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "Chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n00A\r\n0123456789\r\n0\r\nT: x\r\n\r\n"
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http://a:1/p?q HTTP/1.1\r\nHost: A:1\r\n\r\n",
      "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\n b\r\n\r\n",
      "GET /" + std::string(100, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(300, 'x') + "\r\n\r\n",
      "GET / HTTP/3.0\r\n\r\n",
      "G\x01T / HTTP/1.1\r\n\r\n",
  };
  return requests;
}

Limits small() {
  Limits limits;
  limits.request_line = 80;
  limits.header_bytes = 200;
  limits.header_count = 5;
  return limits;
}

TEST(Codec, reads_a_request) {
  Codec codec(Limits{});
  std::string_view input =
      "POST /a%2Db?c=%20 HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nok";
  ASSERT_EQ(codec.next(input), Codec::Event::head);
  EXPECT_EQ(codec.request().method, "POST");
  EXPECT_EQ(codec.request().path, "/a-b");
  EXPECT_EQ(codec.request().query, "c=%20");
  EXPECT_EQ(codec.request().target, "/a%2Db?c=%20");
  EXPECT_EQ(codec.content_length(), 2u);
  EXPECT_TRUE(codec.keep_alive());
  ASSERT_EQ(codec.next(input), Codec::Event::body);
  EXPECT_EQ(codec.body(), "ok");
  EXPECT_EQ(codec.next(input), Codec::Event::complete);
  codec.reset();
  EXPECT_TRUE(codec.at_rest());
}

TEST(Codec, is_of_one_mind_however_the_bytes_are_split) {
  for (const auto& bytes : corpus()) {
    for (const auto& limits : {Limits{}, small()}) {
      const auto whole = run({bytes}, limits);
      EXPECT_EQ(bytewise(bytes, limits), whole) << bytes;
      for (std::size_t split = 0; split <= bytes.size(); ++split) {
        const std::string_view view = bytes;
        ASSERT_EQ(run({view.substr(0, split), view.substr(split)}, limits), whole)
            << bytes << " at " << split;
      }
    }
  }
}

TEST(Codec, finds_the_requests_of_the_corpus) {
  EXPECT_EQ(run({corpus()[1]}).requests.at(0), "GET /? 0|");
  EXPECT_EQ(run({corpus()[2]}).requests.at(0), "GET /a b?c=d&e 1|host=[::1]:8080|X=v|Empty=|");
  EXPECT_EQ(run({corpus()[3]}).requests.size(), 2u);
  EXPECT_EQ(run({corpus()[4]}).requests.at(0),
            "PUT /x? 1|Host=a|Transfer-Encoding=Chunked|hello0123456789");
  EXPECT_EQ(run({corpus()[4]}).requests.at(1), "OPTIONS *? 1|Host=a|");
  EXPECT_EQ(run({corpus()[5]}).requests.at(0), "GET /p?q 1|Host=A:1|");
  EXPECT_EQ(run({corpus()[6]}).requests.at(0), "GET /? 1|Host=a|");
  EXPECT_EQ(run({corpus()[7]}).code, "bad_content_length");
  EXPECT_EQ(run({corpus()[8]}).code, "bad_chunk");
  EXPECT_EQ(run({corpus()[9]}).code, "bare_line_feed");
  EXPECT_EQ(run({corpus()[10]}, small()).status, 414);
  EXPECT_EQ(run({corpus()[11]}, small()).status, 431);
  EXPECT_EQ(run({corpus()[12]}).status, 505);
}

TEST(Codec, keeps_a_connection_as_the_version_and_the_field_say) {
  const auto keeps = [](std::string_view input) {
    Codec codec(Limits{});
    EXPECT_EQ(codec.next(input), Codec::Event::head);
    return codec.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n"));
  EXPECT_FALSE(
      keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(Codec, counts_a_chunked_body_against_the_limit_before_reading_it) {
  Codec codec(Limits{});
  std::string_view input =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n";
  ASSERT_EQ(codec.next(input), Codec::Event::head);
  codec.limit_body(10);
  ASSERT_EQ(codec.next(input), Codec::Event::body);
  ASSERT_EQ(codec.next(input), Codec::Event::error);
  EXPECT_EQ(codec.fault().status, 413);
}

TEST(Codec, never_speaks_again_after_a_fault) {
  Codec codec(Limits{});
  std::string_view input = "nonsense\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_EQ(codec.next(input), Codec::Event::error);
  EXPECT_EQ(codec.next(input), Codec::Event::error);
}

TEST(Codec, bounds_the_extensions_of_a_body_in_all) {
  std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int chunk = 0; chunk < 200; ++chunk) bytes += "1;" + std::string(200, 'x') + "\r\na\r\n";
  EXPECT_EQ(run({bytes}).code, "bad_chunk");
}

TEST(Codec, refuses_every_control_byte_in_every_place) {
  for (int code = 0; code < 256; ++code) {
    const bool control = code < 0x20 || code == 0x7f;
    const char byte = static_cast<char>(code);
    const auto status_of = [byte](const std::string& before, const std::string& after) {
      return run({before + byte + after}).status;
    };
    if (control) {
      EXPECT_NE(status_of("GE", "T / HTTP/1.1\r\nHost: a\r\n\r\n"), 0) << code;
      EXPECT_NE(status_of("GET /x", "y HTTP/1.1\r\nHost: a\r\n\r\n"), 0) << code;
      EXPECT_NE(status_of("GET /?x", "y HTTP/1.1\r\nHost: a\r\n\r\n"), 0) << code;
      EXPECT_NE(status_of("GET / HTTP/1.1\r\nHo", "st: a\r\n\r\n"), 0) << code;
      EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: b", "c\r\n\r\n") == 0, byte == '\t')
          << code;
    } else {
      EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: b", "c\r\n\r\n"), 0) << code;
    }
  }
}

}  // namespace
}  // namespace host::http
