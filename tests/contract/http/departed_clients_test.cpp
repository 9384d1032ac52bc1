// The test that matters most. Clients ask and leave before a worker answers, while others stay and
// check every byte: an answer must never reach the client that was given the same descriptor next.
// SERAI_SOAK_SECONDS (default 10, shared by the listeners) makes it longer.
#include <cstdlib>
#include <thread>

#include <unistd.h>

#include "observe/metrics.hpp"
#include "test_server.hpp"

namespace contract {
namespace {

class DepartedClients : public testing::TestWithParam<Kind> {};

double soak_seconds() {
  const char* text = std::getenv("SERAI_SOAK_SECONDS");
  return (text != nullptr ? std::strtod(text, nullptr) : 10.0) / 3;
}

struct Tally {
  std::atomic<std::uint64_t> departed{0};
  std::atomic<std::uint64_t> stayed{0};
  std::atomic<std::uint64_t> foreign{0};
  std::atomic<std::uint64_t> unanswered{0};
};

double open_connections(Kind kind) {
  return host::observe::metrics()
      .gauge("serai_http_connections", "",
             {{"listener", kind == Kind::pistache ? "pistache" : "asio"}})
      .value();
}

const char* path_of(std::uint64_t serial) {
  return serial % 4 == 0 ? "/echo" : serial % 4 == 1 ? "/big?300000" : "/worker";
}

void depart(Kind kind, const TestServer& server, Tally& tally, const std::atomic<bool>& over,
            std::uint64_t thread) {
  for (std::uint64_t serial = 0; !over; ++serial) {
    auto client = server.client();
    const auto token = "DEPARTED-" + std::to_string(thread) + "-" + std::to_string(serial);
    client.send(post(path_of(serial), token));
    if (serial % 3 == 0) client.send(post("/worker", token));  // pipelined behind it
    if (serial % 2 == 0) client.reset();
    ++tally.departed;
    // Leaving is faster than asking: those that stay must have their turns and their descriptors.
    const auto ahead = [&] {
      return open_connections(kind) > 1000 || tally.departed > 4 * tally.stayed + 1000;
    };
    while (ahead() && !over) std::this_thread::yield();
  }
}

// New connections as well as kept ones: the new ones are those that get a descriptor just freed.
void stay(const TestServer& server, Tally& tally, const std::atomic<bool>& over,
          std::uint64_t thread) {
  for (std::uint64_t serial = 0; !over; ++serial) {
    auto client = server.client();
    const int requests = serial % 4 == 0 ? 5 : 1;
    for (int number = 0; number < requests; ++number) {
      const auto token = "STAYED-" + std::to_string(thread) + "-" + std::to_string(serial) + "-" +
                         std::to_string(number);
      const bool last = number + 1 == requests;
      client.send("POST " + std::string(serial % 2 == 0 ? "/worker" : "/echo") +
                  " HTTP/1.1\r\nHost: test\r\n" + (last ? "Connection: close\r\n" : "") +
                  "Content-Length: " + std::to_string(token.size()) + "\r\n\r\n" + token);
      Answer answer;
      try {
        answer = client.read();
      } catch (const std::exception&) {
        ++tally.foreign;  // bytes that are no answer
        break;
      }
      if (!answer.complete) {
        ++tally.unanswered;
        break;
      }
      if (answer.status != 200 || answer.body != token) ++tally.foreign;
      if (last && !client.read_to_end().empty()) ++tally.foreign;
      ++tally.stayed;
    }
  }
}

TEST_P(DepartedClients, never_get_their_answers_delivered_to_others) {
  host::http::Limits limits;
  limits.connections_per_address = 0;
  TestServer server(GetParam(), limits);
  Tally tally;
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (std::uint64_t index = 0; index < 4; ++index) {
    threads.emplace_back([&, index] { depart(GetParam(), server, tally, over, index); });
    threads.emplace_back([&, index] { stay(server, tally, over, index); });
  }
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, std::chrono::duration<double>(soak_seconds()), [] { return false; });
  while (tally.departed < 2000 || tally.stayed < 2000) std::this_thread::yield();
  over = true;
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(tally.foreign, 0u);
  EXPECT_EQ(tally.unanswered, 0u);
  EXPECT_GE(tally.departed, 2000u);
  EXPECT_GE(tally.stayed, 2000u);
  RecordProperty("departed", std::to_string(tally.departed));
  RecordProperty("stayed", std::to_string(tally.stayed));
  std::printf("%s: %lu departed, %lu answers checked\n", name_of(GetParam()).c_str(),
              static_cast<unsigned long>(tally.departed), static_cast<unsigned long>(tally.stayed));
  EXPECT_EQ(server.ask(get("/echo")).status, 200);
  while (open_connections(GetParam()) > 0) std::this_thread::yield();  // every one was let go
}

INSTANTIATE_TEST_SUITE_P(Http, DepartedClients,
                         testing::Values(Kind::pistache, Kind::asio, Kind::asio_unix),
                         [](const auto& parameter) { return name_of(parameter.param); });

}  // namespace
}  // namespace contract
