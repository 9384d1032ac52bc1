// What every listener must refuse: each request that two servers could read in two ways is answered
// once with an error, the connection is closed, and what follows it is never taken for a request.
#include <vector>

#include "test_server.hpp"

namespace contract {
namespace {

struct Case {
  const char* what;
  int status;
  std::string bytes;
};

const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";

std::string head(const std::string& fields) {
  return "POST /echo HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
}
std::string chunked(const std::string& body) {
  return head("Transfer-Encoding: chunked\r\n") + body;
}

std::vector<Case> bad_requests() {
  using namespace std::string_literals;
  return {
      {"no version", 400, "GET /\r\nHost: test\r\n\r\n"},
      {"two spaces", 400, "GET  / HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"space at the end", 400, "GET / HTTP/1.1 \r\nHost: test\r\n\r\n"},
      {"tab for space", 400, "GET\t/ HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"empty method", 400, " / HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"method with a comma", 400, "GE,T / HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"lower-case protocol", 400, "GET / http/1.1\r\nHost: test\r\n\r\n"},
      {"one-part version", 400, "GET / HTTP/1\r\nHost: test\r\n\r\n"},
      {"HTTP/2 preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"HTTP/1.2", 505, "GET / HTTP/1.2\r\nHost: test\r\n\r\n"},
      {"HTTP/0.9", 505, "GET / HTTP/0.9\r\nHost: test\r\n\r\n"},
      {"CONNECT", 501, "CONNECT test:443 HTTP/1.1\r\nHost: test:443\r\n\r\n"},
      {"TRACE", 501, "TRACE / HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"asterisk for GET", 400, "GET * HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"relative target", 400, "GET echo HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"other scheme", 400, "GET ftp://test/ HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"authority is not Host", 400, "GET http://other/ HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"fragment", 400, "GET /a#b HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"dot segments", 400, "GET /a/../b HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"encoded dot segments", 400, "GET /a/%2e%2E/b HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"encoded slash", 400, "GET /a%2Fb HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"encoded backslash", 400, "GET /a%5cb HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"encoded NUL", 400, "GET /a%00 HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"broken escape", 400, "GET /a%4 HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"byte above ASCII in the path", 400, "GET /\xc3\xa4 HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"NUL in the target", 400, "GET /a\0b HTTP/1.1\r\nHost: test\r\n\r\n"s},
      {"bare LF after the request line", 400, "GET / HTTP/1.1\nHost: test\r\n\r\n"},
      {"bare LF after a field", 400, "GET / HTTP/1.1\r\nHost: test\nX: y\r\n\r\n"},
      {"bare CR in a value", 400, "GET / HTTP/1.1\r\nHost: test\r\nX: a\rb\r\n\r\n"},
      {"NUL in a value", 400, "GET / HTTP/1.1\r\nHost: test\r\nX: a\0b\r\n\r\n"s},
      {"control byte in a value", 400, "GET / HTTP/1.1\r\nHost: test\r\nX: a\x01\r\n\r\n"},
      {"DEL in a value", 400, "GET / HTTP/1.1\r\nHost: test\r\nX: a\x7f\r\n\r\n"},
      {"space before the colon", 400, head("Content-Length : 5\r\n")},
      {"space before the name", 400, "GET / HTTP/1.1\r\n Host: test\r\n\r\n"},
      {"folded field", 400, head("X: a\r\n b\r\n")},
      {"field folded by a tab", 400, head("X: a\r\n\tb\r\n")},
      {"field without colon", 400, head("nonsense\r\n")},
      {"field without name", 400, head(": x\r\n")},
      {"no Host", 400, "GET / HTTP/1.1\r\n\r\n"},
      {"two Hosts", 400, "GET / HTTP/1.1\r\nHost: test\r\nHost: test\r\n\r\n"},
      {"two Content-Types", 400, head("Content-Type: a/b\r\ncontent-type: a/b\r\n")},
      {"empty Host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {"Host with a path", 400, "GET / HTTP/1.1\r\nHost: test/x\r\n\r\n"},
      {"Host with a user", 400, "GET / HTTP/1.1\r\nHost: a@test\r\n\r\n"},
      {"Host with a large port", 400, "GET / HTTP/1.1\r\nHost: test:99999\r\n\r\n"},
      {"Host list", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {"Content-Length twice", 400, head("Content-Length: 0\r\nContent-Length: 40\r\n")},
      {"Content-Length twice the same", 400, head("Content-Length: 0\r\nContent-Length: 0\r\n")},
      {"Content-Length list", 400, head("Content-Length: 0, 0\r\n")},
      {"Content-Length with plus", 400, head("Content-Length: +0\r\n")},
      {"Content-Length with minus", 400, head("Content-Length: -0\r\n")},
      {"Content-Length in hexadecimal", 400, head("Content-Length: 0x0\r\n")},
      {"Content-Length in words", 400, head("Content-Length: abc\r\n")},
      {"Content-Length empty", 400, head("Content-Length:\r\n")},
      {"Content-Length with a fraction", 400, head("Content-Length: 0.0\r\n")},
      {"Content-Length beyond 64 bits", 413, head("Content-Length: 99999999999999999999999\r\n")},
      {"Content-Length beyond the limit", 413, head("Content-Length: 8000000000\r\n")},
      {"length and chunked", 400,
       head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
      {"chunked and length", 400,
       head("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n"},
      {"unknown coding", 501, head("Transfer-Encoding: gzip\r\n")},
      {"chunked not alone", 501, head("Transfer-Encoding: gzip, chunked\r\n")},
      {"chunked not last", 501, head("Transfer-Encoding: chunked, identity\r\n")},
      {"almost chunked", 501, head("Transfer-Encoding: xchunked\r\n")},
      {"half of chunked", 501, head("Transfer-Encoding: chu\r\n")},
      {"quoted chunked", 501, head("Transfer-Encoding: \"chunked\"\r\n")},
      {"chunked twice", 400, head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"vertical tab before chunked", 400,
       head("Transfer-Encoding: \x0b"
            "chunked\r\n")},
      {"chunked in HTTP/1.0", 400,
       "POST / HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunk size with 0x", 400, chunked("0x5\r\nhello\r\n0\r\n\r\n")},
      {"chunk size with plus", 400, chunked("+5\r\nhello\r\n0\r\n\r\n")},
      {"chunk size with minus", 400, chunked("-5\r\nhello\r\n0\r\n\r\n")},
      {"chunk size after a space", 400, chunked(" 5\r\nhello\r\n0\r\n\r\n")},
      {"chunk size before a space", 400, chunked("5 \r\nhello\r\n0\r\n\r\n")},
      {"chunk size empty", 400, chunked("\r\n\r\n")},
      {"chunk size in words", 400, chunked("five\r\nhello\r\n0\r\n\r\n")},
      {"chunk size beyond 64 bits", 400, chunked("fffffffffffffffff\r\n")},
      {"chunk size beyond the limit", 413, chunked("fffffffffff\r\n")},
      {"chunk size with bare LF", 400, chunked("5\nhello\r\n0\r\n\r\n")},
      {"no end after the chunk", 400, chunked("5\r\nhello0\r\n\r\n")},
      {"bare LF after the chunk", 400, chunked("5\r\nhello\n0\r\n\r\n")},
      {"chunk longer than its size", 400, chunked("4\r\nhello\r\n0\r\n\r\n")},
      {"extension too long", 400, chunked("5;" + std::string(300, 'x') + "\r\nhello\r\n0\r\n\r\n")},
      {"extension with a control byte", 400, chunked("5;a=\x01\r\nhello\r\n0\r\n\r\n")},
      {"folded trailer", 400, chunked("0\r\nX: a\r\n b\r\n\r\n")},
      {"trailer with a control byte", 400, chunked("0\r\nX: \x01\r\n\r\n")},
      {"unknown expectation", 417, head("Expect: the unexpected\r\n")},
      {"request line too long", 414,
       "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: test\r\n\r\n"},
      {"fields too large", 431, head("X: " + std::string(40'000, 'a') + "\r\n")},
      {"TLS on a plain port", 400, "\x16\x03\x01\x02\r\n\r\n"},
  };
}

TEST_P(EveryListener, refuses_what_is_ambiguous_and_never_serves_what_hides_behind_it) {
  TestServer server(GetParam());
  for (const auto& bad : bad_requests()) {
    SCOPED_TRACE(bad.what);
    auto client = server.client();
    client.send(bad.bytes + kSmuggled);
    const auto answer = client.read();
    EXPECT_EQ(answer.status, bad.status);
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.header("connection"), "close");
    client.half_close();
    EXPECT_EQ(client.read_to_end(), "");
  }
  EXPECT_EQ(server.service().smuggled, 0);
  EXPECT_EQ(server.ask(get("/echo")).status, 200);
}

TEST_P(EveryListener, refuses_the_same_when_the_bytes_come_one_by_one) {
  TestServer server(GetParam());
  for (const auto& bad : bad_requests()) {
    if (bad.bytes.size() > 200) continue;
    SCOPED_TRACE(bad.what);
    auto client = server.client();
    for (const char byte : bad.bytes + kSmuggled) {
      if (!client.send({&byte, 1})) break;
    }
    EXPECT_EQ(client.read().status, bad.status);
    client.half_close();
    EXPECT_EQ(client.read_to_end(), "");
  }
  EXPECT_EQ(server.service().smuggled, 0);
}

TEST_P(EveryListener, takes_a_request_split_at_every_byte) {
  TestServer server(GetParam());
  const std::string request =
      "POST /echo?a=1 HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  auto client = server.client();
  for (std::size_t split = 1; split < request.size(); ++split) {
    client.send(std::string_view(request).substr(0, split));
    client.send(std::string_view(request).substr(split));
    const auto answer = client.read();
    ASSERT_EQ(answer.status, 200) << "split at " << split;
    ASSERT_EQ(answer.body, "hello world") << "split at " << split;
  }
  for (const char byte : request) client.send({&byte, 1});
  EXPECT_EQ(client.read().body, "hello world");
}

TEST_P(EveryListener, counts_header_fields) {
  host::http::Limits limits;
  limits.header_count = 10;
  TestServer server(GetParam(), limits);
  std::string fields;
  for (int field = 0; field < 9; ++field) fields += "X: y\r\n";
  EXPECT_EQ(server.ask(get("/echo", fields)).status, 200);
  EXPECT_EQ(server.ask(get("/echo", fields + "X: y\r\n")).status, 431);
}

TEST_P(EveryListener, answers_an_endless_header_block_before_it_ends) {
  TestServer server(GetParam());
  auto client = server.client();
  client.send("GET / HTTP/1.1\r\nHost: test\r\n");
  const std::string field = "X-Field: " + std::string(100, 'x') + "\r\n";
  for (int sent = 0; sent < 1000 && client.send(field); ++sent) {
  }
  EXPECT_EQ(client.read().status, 431);
}

INSTANTIATE_TEST_SUITE_P(Http, EveryListener,
                         testing::Values(Kind::pistache, Kind::asio, Kind::asio_unix,
                                         Kind::asio_tls),
                         [](const auto& parameter) { return name_of(parameter.param); });

INSTANTIATE_TEST_SUITE_P(Http, EveryPlainListener,
                         testing::Values(Kind::pistache, Kind::asio, Kind::asio_unix),
                         [](const auto& parameter) { return name_of(parameter.param); });

}  // namespace
}  // namespace contract
