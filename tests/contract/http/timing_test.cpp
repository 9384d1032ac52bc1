// Deadlines. The limits are short; each test waits on the socket for what must happen and measures
// nothing.
#include "observe/metrics.hpp"
#include "test_server.hpp"

namespace contract {
namespace {

std::uint64_t timeouts(Kind kind, const char* what) {
  return host::observe::metrics()
      .counter("serai_http_timeouts_total", "",
               {{"listener", kind == Kind::pistache ? "pistache" : "asio"}, {"kind", what}})
      .value();
}

TEST_P(EveryListener, answers_408_to_a_head_that_does_not_end) {
  TestServer server(GetParam(), brief_limits());
  auto client = server.client();
  client.send("GET / HTTP/1.1\r\nHost: te");
  const auto answer = client.read();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("connection"), "close");
  client.half_close();
  EXPECT_TRUE(client.at_end());
}

TEST_P(EveryListener, does_not_let_single_fields_restart_the_clock_of_the_head) {
  TestServer server(GetParam(), brief_limits());
  auto client = server.client();
  EXPECT_EQ(client.exchange(get("/echo")).status, 200);  // nor an earlier request
  client.send("GET / HTTP/1.1\r\n");
  while (!client.readable() && client.send("X: y\r\n")) {
    if (GetParam() == Kind::asio_tls)
      break;  // tickets make a TLS socket readable without an answer
  }
  const auto status = client.read().status;
  EXPECT_TRUE(status == 408 || status == 431) << status;
}

TEST_P(EveryListener, answers_408_to_a_body_that_stops) {
  TestServer server(GetParam(), brief_limits());
  EXPECT_EQ(
      server.ask("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345").status,
      408);
  EXPECT_EQ(
      server.ask("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
          .status,
      408);
}

TEST_P(EveryListener, closes_an_idle_connection_without_a_word) {
  TestServer server(GetParam(), brief_limits());
  const auto before = timeouts(GetParam(), "idle");
  auto fresh = server.client();
  auto used = server.client();
  EXPECT_EQ(used.exchange(get("/echo")).status, 200);
  EXPECT_TRUE(fresh.at_end());
  EXPECT_TRUE(used.at_end());
  EXPECT_GE(timeouts(GetParam(), "idle"), before + 2);
}

TEST_P(EveryListener, answers_504_for_a_handler_that_takes_too_long_and_ignores_its_answer) {
  TestServer server(GetParam());
  auto client = server.client();
  client.send(post("/brief", "too late"));
  EXPECT_EQ(client.read().status, 504);
  EXPECT_TRUE(server.service().held_is_abandoned());
  server.service().release();
  EXPECT_EQ(client.exchange(post("/echo", "next")).body, "next");
}

TEST_P(EveryListener, serves_the_pipelined_request_behind_one_that_timed_out) {
  TestServer server(GetParam());
  auto client = server.client();
  client.send(post("/brief", "too late") + post("/echo", "next"));
  EXPECT_EQ(client.read().status, 504);
  EXPECT_EQ(client.read().body, "next");
}

TEST_P(EveryListener, gives_up_a_reader_that_reads_nothing) {
  TestServer server(GetParam(), brief_limits());
  auto client = server.client(4096);
  client.send(get("/endless"));
  while (server.service().endless_ended == 0) std::this_thread::yield();  // the stream was told
  EXPECT_EQ(server.ask(get("/echo")).status, 200);
}

}  // namespace
}  // namespace contract
