// Many and slow: large answers to slow readers, parallel streams, ten thousand idle connections,
// descriptors that run out, connection limits.
#include <algorithm>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "observe/metrics.hpp"
#include "test_server.hpp"

namespace contract {
namespace {

void raise_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_P(EveryListener, serves_others_while_one_reads_a_hundred_megabytes_slowly) {
  host::http::Limits limits;
  TestServer server(GetParam(), limits, 1);
  for (const char* path : {"/big?100000000", "/file?100000000"}) {
    auto slow = server.client(8192);
    slow.send(get(path) + post("/echo", "behind it"));
    for (int other = 0; other < 100; ++other) ASSERT_EQ(server.ask(get("/echo")).status, 200);
    const auto answer = slow.read();
    ASSERT_TRUE(answer.complete);
    EXPECT_EQ(answer.body.size(), 100'000'000u);
    EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), path[1]), 100'000'000);
    EXPECT_EQ(slow.read().body, "behind it");
  }
}

TEST_P(EveryListener, takes_a_large_upload_in_odd_pieces) {
  host::http::Limits limits;
  limits.body = 64 << 20;
  TestServer server(GetParam(), limits);
  std::string body(20'000'003, '\0');
  for (std::size_t index = 0; index < body.size(); ++index)
    body[index] = static_cast<char>(index * 31 % 251);
  std::string chunked = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
  char size[32];
  for (std::size_t at = 0; at < body.size();) {
    const auto length = std::min<std::size_t>(body.size() - at, 65521);
    (void)std::snprintf(size, sizeof size, "%zx\r\n", length);
    chunked.append(size).append(body, at, length).append("\r\n");
    at += length;
  }
  EXPECT_TRUE(server.ask(chunked + "0\r\n\r\n").body == body);
  EXPECT_TRUE(server.ask(post("/echo", body)).body == body);
}

TEST_P(EveryListener, runs_streams_side_by_side) {
  TestServer server(GetParam());
  std::vector<RawClient> clients;
  for (int index = 0; index < 4; ++index) {
    clients.push_back(server.client());
    clients.back().send(get("/stream?20000"));
  }
  for (auto& client : clients) {
    const auto answer = client.read();
    ASSERT_TRUE(answer.complete);
    EXPECT_NE(answer.body.find("piece 19999\n"), std::string::npos);
    EXPECT_EQ(client.exchange(get("/echo")).status, 200);
  }
}

TEST_P(EveryListener, holds_a_stream_back_when_its_reader_is_slow) {
  host::http::Limits limits;
  limits.output_backlog = 64 * 1024;
  TestServer server(GetParam(), limits);
  auto client = server.client(8192);
  client.send(get("/endless"));
  // The writer must come to rest: what it was allowed to write is bounded by the buffers in
  // between.
  std::size_t taken = 0;
  while (taken < 1'000'000) taken += client.read_some(65536).size();
  EXPECT_LE(server.service().streamed, taken + 16'000'000);
  client.reset();
  while (server.service().endless_ended == 0) std::this_thread::yield();
}

TEST_P(EveryListener, never_waits_for_the_reader_of_an_answer_that_stays_open) {
  TestServer server(GetParam());
  auto client = server.client(8192);
  client.send(get("/feed"));
  auto& feed = server.service().feed();
  const std::string piece(16384, 'f');
  std::size_t taken = 0;
  while (feed.offer(piece, 64 * 1024)) taken += piece.size();
  EXPECT_LE(taken, 16'000'000u);  // what the buffers in between hold
  EXPECT_TRUE(feed.offer({}, 64 * 1024)) << "behind, but there";
  EXPECT_EQ(server.ask(get("/echo")).status, 200);
  server.service().drop_feed();
  EXPECT_FALSE(client.read().complete);
}

TEST_P(EveryListener, gives_the_reader_of_an_answer_that_stays_open_no_more_time_for_more_to_read) {
  TestServer server(GetParam(), brief_limits());
  auto client = server.client(8192);
  client.send(get("/feed"));
  auto& feed = server.service().feed();
  EXPECT_TRUE(feed.offer(std::string(32 << 20, 'f'), 1 << 30));
  while (feed.offer("f", 1 << 30)) std::this_thread::yield();
  server.service().drop_feed();
}

TEST_P(EveryListener, sees_that_the_client_of_an_answer_that_stays_open_has_left) {
  for (const bool abruptly : {false, true}) {
    TestServer server(GetParam());
    auto client = server.client();
    client.send(get("/feed"));
    auto& feed = server.service().feed();
    EXPECT_TRUE(feed.offer("here\n", 1024));
    EXPECT_EQ(client.read_some(1), "H");
    if (abruptly)
      client.reset();
    else
      client.half_close();
    while (feed.offer({}, 1024)) std::this_thread::yield();
    server.service().drop_feed();
  }
}

TEST_P(EveryListener, turns_away_one_connection_too_many) {
  host::http::Limits limits;
  limits.connections = 4;
  TestServer server(GetParam(), limits);
  std::vector<RawClient> clients;
  for (int index = 0; index < 4; ++index) {
    clients.push_back(server.client());
    EXPECT_EQ(clients.back().exchange(get("/echo")).status, 200);
  }
  if (GetParam() == Kind::pistache) {
    auto refused = server.client();
    EXPECT_EQ(refused.read().status, 503);
    clients.clear();
    // The places come back as soon as the server has seen the others leave.
    for (int status = 0; status != 200;) {
      auto client = server.client();
      client.send(get("/echo"));
      status = client.read().status;
    }
    return;
  }
  if (GetParam() == Kind::asio_tls)
    return clients.clear();        // the handshake itself waits in the queue
  auto waiting = server.client();  // in the kernel's queue
  waiting.send(get("/echo"));
  clients.clear();
  EXPECT_EQ(waiting.read().status, 200);
}

TEST_P(EveryListener, counts_connections_of_one_address) {
  if (GetParam() == Kind::asio_unix || GetParam() == Kind::asio_tls) {
    host::http::Limits limits;
    limits.connections_per_address = 1;
    TestServer server(GetParam(), limits);
    auto first = server.client();
    EXPECT_EQ(first.exchange(get("/echo")).status, 200);
    if (GetParam() == Kind::asio_unix) {  // no address to count
      EXPECT_EQ(server.ask(get("/echo")).status, 200);
    }
    return;
  }
  host::http::Limits limits;
  limits.connections_per_address = 2;
  TestServer server(GetParam(), limits);
  auto first = server.client();
  auto second = server.client();
  EXPECT_EQ(first.exchange(get("/echo")).status, 200);
  EXPECT_EQ(second.exchange(get("/echo")).status, 200);
  auto third = server.client();
  EXPECT_EQ(third.read().status, 503);
}

// The client's half of the ten thousand: a process of its own, so that both halves fit their
// limits. Writes one byte when all are connected, then waits to be told to go.
int hold_connections(const Place& place, int count, int ready, int leave) {
  std::vector<int> descriptors;
  for (int index = 0; index < count; ++index) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(place.port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor < 0 ||
        ::connect(descriptor, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
      return 1;
    descriptors.push_back(descriptor);
  }
  char byte = 'r';
  if (::write(ready, &byte, 1) != 1 || ::read(leave, &byte, 1) != 1) return 2;
  // Every hundredth proves that its connection still lives.
  for (std::size_t index = 0; index < descriptors.size(); index += 100) {
    const auto request = get("/echo");
    if (::send(descriptors[index], request.data(), request.size(), MSG_NOSIGNAL) < 0) return 3;
    char block[512];
    if (::recv(descriptors[index], block, sizeof block, 0) < 12) return 4;
    if (std::string_view(block, 12) != "HTTP/1.1 200") return 5;
  }
  return 0;
}

TEST_P(EveryPlainListener, keeps_ten_thousand_idle_connections) {
  constexpr int kIdle = 10'000;
  if (GetParam() == Kind::asio_unix) {  // the code is the same; a thousand will do
    TestServer server(GetParam());
    raise_descriptors();
    std::vector<RawClient> clients;
    for (int index = 0; index < 1000; ++index) clients.push_back(server.client());
    for (auto& client : clients) ASSERT_EQ(client.exchange(get("/echo")).status, 200);
    return;
  }
  raise_descriptors();
  int ready[2];
  int leave[2];
  int port[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(leave), 0);
  ASSERT_EQ(::pipe(port), 0);
  const pid_t child = ::fork();  // before the server has threads
  ASSERT_GE(child, 0);
  if (child == 0) {
    Place place;
    if (::read(port[0], &place.port, sizeof place.port) != sizeof place.port) ::_exit(9);
    ::_exit(hold_connections(place, kIdle, ready[1], leave[0]));
  }
  ::close(ready[1]);
  host::http::Limits limits;
  limits.connections = 15'000;
  limits.connections_per_address = 0;
  TestServer server(GetParam(), limits);
  ASSERT_EQ(::write(port[1], &server.place().port, sizeof(std::uint16_t)), 2);
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1) << "the client could not connect them all";
  for (int index = 0; index < 100; ++index)
    EXPECT_EQ(server.ask(post("/worker", "busy")).body, "busy");
  EXPECT_EQ(::write(leave[1], &byte, 1), 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  for (const int descriptor : {ready[0], leave[0], leave[1], port[0], port[1]}) ::close(descriptor);
}

TEST_P(EveryPlainListener, lives_through_a_lack_of_descriptors) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  host::http::Limits limits;
  limits.connections_per_address = 0;
  TestServer server(GetParam(), limits);
  auto faithful = server.client();
  EXPECT_EQ(faithful.exchange(get("/echo")).status, 200);

  int ready[2];
  int leave[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(leave), 0);
  const Place& place = server.place();
  const pid_t child = ::fork();  // only system calls and plain memory in the child
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::vector<std::unique_ptr<RawClient>> crowd;
    char byte = 'r';
    try {
      for (int index = 0; index < 600; ++index) crowd.push_back(std::make_unique<RawClient>(place));
    } catch (const std::exception&) {
    }
    if (::write(ready[1], &byte, 1) != 1 || ::read(leave[0], &byte, 1) != 1) ::_exit(1);
    ::_exit(0);
  }
  // Pistache leaves some event descriptors open when a server ends; they count, too.
  const auto open_now = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  const rlimit few{static_cast<rlim_t>(open_now) + 200, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  for (int index = 0; index < 50; ++index) EXPECT_EQ(faithful.exchange(get("/echo")).status, 200);
  ASSERT_EQ(::write(leave[1], &byte, 1), 1);
  ::waitpid(child, nullptr, 0);
  int status = 0;
  while (status != 200) {  // comes back by itself
    try {
      auto client = server.client();
      client.send(get("/echo"));
      status = client.read().status;
    } catch (const std::runtime_error&) {
      std::this_thread::yield();  // this process's client needs a descriptor as well
    }
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  for (const int descriptor : {ready[0], ready[1], leave[0], leave[1]}) ::close(descriptor);
}

}  // namespace
}  // namespace contract
