// What every listener must answer: methods, pipelining, bodies, HEAD, 100-continue, half-closed
// clients, replies that are let go, and a stop with requests in flight.
#include <thread>

#include "test_server.hpp"

namespace contract {
namespace {

TEST_P(EveryListener, carries_every_method_to_the_service) {
  TestServer server(GetParam());
  auto client = server.client();
  for (const char* method :
       {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get"}) {
    const auto answer =
        client.exchange(std::string(method) + " /echo HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("x-method"), method);
    EXPECT_EQ(answer.version, "HTTP/1.1");
    EXPECT_EQ(answer.header("date").size(), 29u);
  }
  const auto answer = client.exchange("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(answer.header("x-path"), "*");
}

TEST_P(EveryListener, decodes_the_path_and_leaves_the_query) {
  TestServer server(GetParam());
  const auto answer = server.ask(get("/a%20b/%C3%A4?x=%20y+z"));
  EXPECT_EQ(answer.header("x-path"), "/a b/\xc3\xa4");
  EXPECT_EQ(answer.header("x-query"), "x=%20y+z");
  EXPECT_EQ(server.ask("GET HTTP://test/absolute HTTP/1.1\r\nHost: Test\r\n\r\n").header("x-path"),
            "/absolute");
}

TEST_P(EveryListener, answers_head_without_a_body) {
  TestServer server(GetParam());
  auto client = server.client();
  client.send("HEAD /big?1000 HTTP/1.1\r\nHost: test\r\n\r\n" + get("/echo"));
  const auto head = client.read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "1000");
  EXPECT_EQ(client.read().header("x-method"), "GET");
  client.send(
      "HEAD /file?1000 HTTP/1.1\r\nHost: test\r\n\r\nHEAD /stream?10 HTTP/1.1\r\nHost: "
      "test\r\n\r\n" +
      get("/nothing") + get("/echo"));
  EXPECT_EQ(client.read(true).header("content-length"), "1000");
  EXPECT_EQ(client.read(true).status, 200);
  const auto nothing = client.read();
  EXPECT_EQ(nothing.status, 204);
  EXPECT_EQ(nothing.header("content-length"), "");
  EXPECT_EQ(client.read().header("x-path"), "/echo");
}

TEST_P(EveryListener, answers_pipelined_requests_in_their_order) {
  TestServer server(GetParam());
  auto client = server.client();
  std::string requests;
  for (int number = 0; number < 200; ++number) {
    const char* path = number % 3 == 0 ? "/worker" : number % 3 == 1 ? "/echo" : "/stream?2";
    requests += post(path, "request " + std::to_string(number));
  }
  client.send(requests);
  for (int number = 0; number < 200; ++number) {
    const auto answer = client.read();
    ASSERT_EQ(answer.status, 200);
    ASSERT_EQ(answer.body,
              number % 3 == 2 ? "piece 0\npiece 1\n" : "request " + std::to_string(number));
  }
}

TEST_P(EveryPlainListener, keeps_a_fast_answer_behind_a_slow_one) {
  TestServer server(GetParam());
  auto client = server.client();
  client.send(post("/held", "slow"));
  server.service().await_held(1);
  client.send(post("/echo", "fast"));
  EXPECT_EQ(server.ask(get("/echo")).status, 200);  // another client is served meanwhile
  EXPECT_FALSE(client.readable());
  server.service().release();
  EXPECT_EQ(client.read().body, "slow");
  EXPECT_EQ(client.read().body, "fast");
}

TEST_P(EveryPlainListener, bounds_what_is_read_ahead_and_loses_no_answer_silently) {
  host::http::Limits limits;
  limits.pipelined_bytes = 4096;
  TestServer server(GetParam(), limits);
  auto client = server.client();
  client.send(post("/held", "first"));
  server.service().await_held(1);
  std::thread sender([&client] {
    for (int number = 0; number < 2000 && client.send(post("/echo", std::string(1000, 'x')));
         ++number) {
    }
  });
  server.service().release();
  EXPECT_EQ(client.read().body, "first");
  int answered = 0;
  for (;;) {
    const auto answer = client.read();
    if (!answer.complete) break;
    if (GetParam() != Kind::pistache) {
      EXPECT_EQ(answer.status, 200) << answer.body << " after " << answered;
    }
    if (answer.status == 200) ++answered;
    if (answered == 2000) break;
  }
  sender.join();
  // A listener that can pause answers all; the other closes in between, which tells the client.
  if (GetParam() != Kind::pistache) {
    EXPECT_EQ(answered, 2000);
  }
}

TEST_P(EveryListener, takes_bodies_up_to_the_limit_and_not_one_byte_more) {
  host::http::Limits limits;
  limits.body = 300'000;
  limits.body_in_memory = 100'000;
  TestServer server(GetParam(), limits);
  for (const std::size_t size : {0u, 1u, 99'999u, 100'000u, 100'001u, 300'000u}) {
    const std::string body(size, 'x');
    EXPECT_EQ(server.ask(post("/echo", body)).body, body) << size;
  }
  auto client = server.client();
  client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 300001\r\n\r\n");
  EXPECT_EQ(client.read().status, 413);
  EXPECT_EQ(server.ask(post("/ten", "0123456789")).body, "0123456789");
  EXPECT_EQ(server.ask(post("/ten", "0123456789a")).status, 413);
  const std::string chunked =
      "POST /ten HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(server.ask(chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n").body, "0123456789");
  EXPECT_EQ(server.ask(chunked + "5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n").status, 413);
}

TEST_P(EveryListener, says_continue_only_when_the_body_is_wanted) {
  TestServer server(GetParam());
  const auto expecting = [](const std::string& path, int length) {
    return "POST " + path + " HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: " +
           std::to_string(length) + "\r\n\r\n";
  };
  auto client = server.client();
  EXPECT_EQ(client.exchange(expecting("/echo", 5)).status, 100);
  EXPECT_EQ(client.exchange("hello").body, "hello");
  EXPECT_EQ(client.exchange(expecting("/ten", 11)).status, 413);
  EXPECT_EQ(server.ask(expecting("/refused", 5)).status, 401);
}

TEST_P(EveryListener, refuses_before_the_body_and_keeps_a_small_requests_connection) {
  TestServer server(GetParam());
  auto client = server.client();
  EXPECT_EQ(client.exchange(post("/refused", "small")).status, 401);
  EXPECT_EQ(client.exchange(get("/refused")).status, 401);
  EXPECT_EQ(client.exchange(post("/echo", "next")).body, "next");
  const auto answer =
      client.exchange("POST /refused HTTP/1.1\r\nHost: test\r\nContent-Length: 9000000\r\n\r\n");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.header("connection"), "close");
}

TEST_P(EveryListener, closes_when_asked_and_speaks_http_1_0) {
  TestServer server(GetParam());
  auto closing = server.client();
  EXPECT_EQ(closing.exchange(get("/echo", "Connection: close\r\n")).header("connection"), "close");
  EXPECT_TRUE(closing.at_end());
  auto old = server.client();
  EXPECT_EQ(old.exchange("GET /echo HTTP/1.0\r\n\r\n").header("connection"), "close");
  EXPECT_TRUE(old.at_end());
  auto kept = server.client();
  EXPECT_EQ(
      kept.exchange("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection"),
      "keep-alive");
  EXPECT_EQ(kept.exchange("GET /echo HTTP/1.0\r\n\r\n").status, 200);
  auto streamed = server.client();
  streamed.send("GET /stream?3 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(streamed.read().body, "piece 0\npiece 1\npiece 2\n");
}

TEST_P(EveryPlainListener, answers_a_half_closed_client_where_the_listener_permits) {
  TestServer server(GetParam());
  if (GetParam() == Kind::asio_tls) {
    auto client =
        server.client();  // TLS knows no half-closed connections; the answer before is whole
    EXPECT_EQ(client.exchange(get("/echo")).status, 200);
    return;
  }
  auto client = server.client();
  client.send(post("/held", "late"));
  server.service().await_held(1);
  client.half_close();
  if (GetParam() == Kind::pistache) {
    EXPECT_TRUE(client.at_end());  // Pistache closes at the end of input
    server.service().release();
    return;
  }
  EXPECT_EQ(server.ask(get("/echo")).status, 200);
  server.service().release();
  EXPECT_EQ(client.read().body, "late");
  EXPECT_TRUE(client.at_end());
}

TEST_P(EveryListener, answers_500_for_handlers_that_fail_and_tells_nothing) {
  TestServer server(GetParam());
  auto client = server.client();
  for (const char* path : {"/dropped", "/thrown", "/strange", "/forged"}) {
    const auto answer = client.exchange(get(path));
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    EXPECT_EQ(answer.header("set-cookie"), "");
  }
  EXPECT_EQ(client.exchange(get("/echo")).status, 200);
}

TEST_P(EveryListener, finishes_requests_in_flight_when_it_stops) {
  TestServer server(GetParam());
  std::vector<RawClient> clients;
  for (int number = 0; number < 8; ++number) {
    clients.push_back(server.client());
    clients.back().send(post("/held", "number " + std::to_string(number)));
  }
  server.service().await_held(8);
  auto idle = server.client();
  EXPECT_EQ(idle.exchange(get("/echo")).status, 200);
  std::size_t cut = 99;
  std::thread stopper([&] { cut = server.server().stop(std::chrono::seconds(30)); });
  EXPECT_TRUE(idle.at_end());  // the stop has begun
  server.service().release();
  for (int number = 0; number < 8; ++number) {
    const auto answer = clients[static_cast<std::size_t>(number)].read();
    EXPECT_EQ(answer.body, "number " + std::to_string(number));
    EXPECT_EQ(answer.header("connection"), "close");
  }
  clients.clear();
  stopper.join();
  EXPECT_EQ(cut, 0u);
}

TEST_P(EveryListener, stops_in_time_although_a_handler_never_answers) {
  TestServer server(GetParam());
  auto client = server.client();
  client.send(get("/held"));
  server.service().await_held(1);
  EXPECT_EQ(server.server().stop(std::chrono::milliseconds(50)), 1u);
  EXPECT_FALSE(client.read().complete);
  EXPECT_TRUE(server.service().held_is_abandoned());
  server.service().release();  // too late, and harmless
}

TEST_P(EveryListener, cannot_take_an_address_that_is_taken) {
  if (GetParam() == Kind::asio_unix) {
    TestServer server(GetParam());
    host::http::ListenAddress address;
    address.unix_path = server.place().unix_path;
    EXPECT_THROW(make_asio_server(address, {}, server.service(), 1)->start(), std::system_error);
    return;
  }
  TestServer server(GetParam());
  host::http::ListenAddress address;
  address.port = server.place().port;
  auto second = GetParam() == Kind::pistache
                    ? make_pistache_server(address, {}, server.service(), 1)
                    : make_asio_server(address, {}, server.service(), 1);
  EXPECT_THROW(second->start(), std::system_error);
}

}  // namespace
}  // namespace contract
