// Asked to stop, the host finishes what it has begun, takes nothing new, and leaves by itself.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "e2e/probe_call.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

bool accepts_connections(const std::string& url) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  const bool connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

class Stop : public testing::TestWithParam<const char*> {
 protected:
  static RunningHost::Options options() {
    RunningHost::Options out;
    out.plugins = {"probe"};
    out.arguments = {"--adapter", GetParam()};
    return out;
  }
};

TEST_P(Stop, finishes_a_request_in_flight_takes_no_other_and_exits_with_0) {
  RunningHost host(options());
  const auto owner = host.make_tenant("leaving");
  ProbeCall held(host.client(owner), "hold");
  const auto url = host.process().url();
  host.process().signal(SIGTERM);
  // From now on whoever comes is turned away, by the listener or with 503; the one inside is not.
  EXPECT_TRUE(eventually([&] {
    const auto status = HttpClient(url).get("/health/live").status;
    return status == 0 || status == 503;
  }));
  held.release();
  const auto answer = held.answer();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json()["data"]["released"], "go");
  EXPECT_EQ(host.process().wait(), 0);
  EXPECT_FALSE(accepts_connections(url));
  EXPECT_THAT(host.process().log(), HasSubstr("\"requests_cut_off\":0"));
}

TEST_P(Stop, keeps_what_was_acknowledged) {
  RunningHost host(options());
  const auto owner = host.make_tenant("leaving");
  const auto id = host.client(owner)
                      .post("/api/v1/probe/notes", {{"text", "kept"}, {"tags", json::array()}})
                      .json()["data"]["id"]
                      .get<std::string>();
  EXPECT_EQ(host.stop(), 0);
  host.start();
  EXPECT_EQ(host.client(owner).get("/api/v1/probe/notes/" + id).json()["data"]["text"], "kept");
}

TEST_P(Stop, does_not_wait_for_idle_clients) {
  RunningHost host(options());
  const int idle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto url = host.process().url();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  ASSERT_EQ(::connect(idle, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(host.stop(), 0);
  ::close(idle);
}

INSTANTIATE_TEST_SUITE_P(Adapters, Stop, testing::Values("pistache", "asio"),
                         [](const auto& adapter) { return std::string(adapter.param); });

TEST(StopByInterrupt, is_as_good_as_by_terminate) {
  RunningHost host;
  host.process().signal(SIGINT);
  EXPECT_EQ(host.process().wait(), 0);
}

TEST(StopWithoutEnd, cuts_a_request_off_that_outlasts_the_shutdown_time) {
  RunningHost::Options options;
  options.plugins = {"probe"};
  options.profile["limits"]["shutdown_time"] = "200 ms";
  RunningHost host(options);
  const auto owner = host.make_tenant("leaving");
  ProbeCall held(host.client(owner), "hold");
  host.process().signal(SIGTERM);
  EXPECT_EQ(held.answer().status, 0);  // cut off before it was released
  held.release();
  EXPECT_EQ(host.process().wait(), 0);
  EXPECT_THAT(host.process().log(), HasSubstr("\"requests_cut_off\":1"));
}

}  // namespace
}  // namespace serai_test
