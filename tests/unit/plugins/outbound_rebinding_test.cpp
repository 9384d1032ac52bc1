// Names that lead inside, through the real libcurl: this program's getaddrinfo() is the resolver
// and its connect() the network, so that a test says what a name means when, and sees every address
// that was really asked for.
#include <map>
#include <mutex>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/problem.hpp"
#include "fakes/http_fake.hpp"
#include "plugins/outbound.hpp"
#include "unit/plugins/world.hpp"

namespace {

struct Network {
  std::mutex mutex;
  std::map<std::string, std::vector<std::string>> names;  // what each means now
  std::map<std::string, int> servers;                     // public address -> port of a fake here
  std::vector<std::string> connections;  // addresses that connect() was called with
};
Network* network = nullptr;  // of the running test

std::string text_of(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET)
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  else if (address->sa_family == AF_INET6)
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
              sizeof text);
  return text;
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** out) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (!network || !node) return real(node, service, hints, out);
  const std::lock_guard lock(network->mutex);
  const auto found = network->names.find(node);
  if (found == network->names.end()) return real(node, service, hints, out);
  addrinfo* first = nullptr;
  addrinfo** end = &first;
  for (const auto& address : found->second) {
    addrinfo numeric{};
    numeric.ai_flags = AI_NUMERICHOST;
    numeric.ai_socktype = SOCK_STREAM;
    if (const int failed = real(address.c_str(), service, &numeric, end)) return failed;
    while (*end) end = &(*end)->ai_next;
  }
  *out = first;
  return first ? 0 : EAI_NONAME;
}

extern "C" int connect(int socket, const sockaddr* address, socklen_t size) {
  using Function = int (*)(int, const sockaddr*, socklen_t);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "connect"));
  const auto text = text_of(address);
  if (!network || text.empty()) return real(socket, address, size);
  int port = 0;
  {
    const std::lock_guard lock(network->mutex);
    network->connections.push_back(text);
    const auto server = network->servers.find(text);
    if (server != network->servers.end()) port = server->second;
  }
  if (port == 0) {
    errno = ECONNREFUSED;
    return -1;
  }
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(static_cast<std::uint16_t>(port));
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return real(socket, reinterpret_cast<const sockaddr*>(&here), sizeof here);
}

namespace host::plugins {
namespace {

using testing::World;

constexpr const char* kPublic = "93.184.216.34";

struct Rebinding : ::testing::Test {
  Rebinding() { network = &net; }
  ~Rebinding() override { network = nullptr; }

  static OutboundRequest request(const std::string& url) {
    OutboundRequest made;
    made.plugin = "alpha";
    made.url = url;
    made.deadline = World::in(60);
    bool plain = false;
    made.hosts.allowed = {host_and_port(url, plain)};
    return made;
  }
  // The status, or that of the problem with its code and whether an address was the reason.
  static std::string ask(Outbound& outbound, const OutboundRequest& made) {
    try {
      return std::to_string(outbound.fetch(made).status);
    } catch (const Problem& problem) {
      const bool inside = problem.detail().find("private address") != std::string::npos;
      return std::to_string(problem.status()) + " " + problem.code() + (inside ? " inside" : "");
    }
  }

  Network net;
  fakes::HttpFake server;
  Outbound outbound{OutboundPolicy{false, true}};
};

TEST_F(Rebinding, a_name_that_means_the_inside_is_never_connected_to_in_whatever_dress) {
  for (const char* address : {"127.0.0.1",
                              "127.9.9.9",
                              "0.0.0.0",
                              "10.0.0.1",
                              "172.16.0.1",
                              "192.168.0.1",
                              "169.254.169.254",
                              "100.64.0.1",
                              "::1",
                              "::",
                              "fe80::1",
                              "fd00:ec2::254",
                              "fec0::1",
                              "::ffff:127.0.0.1",
                              "::ffff:169.254.169.254",
                              "::127.0.0.1",
                              "64:ff9b::7f00:1",
                              "64:ff9b:1::a00:1",
                              "2002:7f00:1::",
                              "2002:a9fe:a9fe::",
                              "2001::1",
                              "2001:20::1"}) {
    net.names = {{"name.example", {address}}};
    Outbound fresh{OutboundPolicy{false, true}};
    EXPECT_EQ(ask(fresh, request("http://name.example/")), "403 host_not_allowed inside")
        << address;
  }
  EXPECT_TRUE(net.connections.empty());
}

TEST_F(Rebinding, the_second_address_of_a_name_is_checked_as_the_first) {
  net.names = {{"name.example", {kPublic, "127.0.0.1"}}};  // nobody answers at the first
  EXPECT_EQ(ask(outbound, request("http://name.example/")), "403 host_not_allowed inside");
  EXPECT_EQ(net.connections, std::vector<std::string>{kPublic});
}

TEST_F(Rebinding, a_name_that_was_public_before_is_checked_when_it_is_connected_to) {
  net.servers = {{kPublic, server.port()}};
  net.names = {{"name.example", {kPublic}}};
  server.answer(200, "public");
  EXPECT_EQ(ask(outbound, request("http://name.example/")), "200");
  net.names = {{"name.example", {"127.0.0.1"}}};
  net.servers["127.0.0.1"] = server.port();
  server.answer(200, "inside");
  Outbound fresh{OutboundPolicy{false, true}};  // remembers no meaning of the name
  EXPECT_EQ(ask(fresh, request("http://name.example/")), "403 host_not_allowed inside");
  ask(outbound, request("http://name.example/"));  // may remember the public one, and only that
  for (const auto& address : net.connections) EXPECT_EQ(address, kPublic);
}

TEST_F(Rebinding, numbers_in_odd_clothes_are_the_addresses_they_mean) {
  for (const char* host :
       {"127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0",
        "127.0.0.1.", "[::1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]"}) {
    const auto answer = ask(outbound, request(std::string("http://") + host + "/"));
    EXPECT_TRUE(answer == "403 host_not_allowed inside" || answer.starts_with("503 unreachable"))
        << host << ": " << answer;
  }
  EXPECT_TRUE(net.connections.empty());
  auto made = request("http://0x7f.1/");
  made.hosts.allowed = {"0x7f.1", "2130706433"};
  EXPECT_EQ(ask(outbound, made), "403 host_not_allowed") << "compared as what they mean";
}

TEST_F(Rebinding, what_only_looks_like_the_declared_host_is_not_it) {
  net.names = {{"good.example", {kPublic}}, {"good.example.evil.example", {kPublic}}};
  for (const char* url :
       {"http://good.example@evil.example/", "http://evil.example#@good.example/",
        "http://evil.example?good.example/", "http://good.example.evil.example/",
        "http://good.example:81/", "http://good.example:443/", "http://g\u00f6od.example/",
        "http://good.example%2eevil.example/", "http://good.example\\@evil.example/",
        "http://\uff47ood.example/", "http://good.example:0/"}) {
    auto made = request("http://good.example/");
    made.hosts.allowed = {"good.example"};
    made.url = url;
    const auto answer = ask(outbound, made);
    EXPECT_TRUE(answer == "403 host_not_allowed" || answer == "400 bad_request")
        << url << ": " << answer;
  }
  EXPECT_TRUE(net.connections.empty());
}

TEST_F(Rebinding, the_declared_host_is_reached_in_any_case_and_with_a_dot_at_its_end) {
  net.servers = {{kPublic, server.port()}};
  net.names = {{"good.example", {kPublic}},
               {"good.example.", {kPublic}},
               {"GOOD.example", {kPublic}},
               {"xn--god-0na.example", {kPublic}}};
  for (const char* url : {"http://good.example/", "http://GOOD.example:80/",
                          "http://good.example./", "http://xn--god-0na.example/"}) {
    server.answer(200, "ok");
    auto made = request(url);
    made.hosts.allowed = {"Good.Example", "xn--god-0na.example"};
    EXPECT_EQ(ask(outbound, made), "200") << url;
  }
}

TEST_F(Rebinding, a_redirect_is_the_plugins_to_follow_through_the_same_checks) {
  net.servers = {{kPublic, server.port()}};
  net.names = {{"good.example", {kPublic}}, {"turned.example", {"127.0.0.1"}}};
  server.answer(302, "", "Location: http://turned.example/secrets\r\n");
  auto made = request("http://good.example/");
  const auto reply = outbound.fetch(made);
  ASSERT_EQ(reply.status, 302);
  made.url = "http://turned.example/secrets";
  EXPECT_EQ(ask(outbound, made), "403 host_not_allowed") << "not declared";
  EXPECT_EQ(ask(outbound, request(made.url)), "403 host_not_allowed inside") << "declared";
  EXPECT_EQ(net.connections, std::vector<std::string>{kPublic});
}

}  // namespace
}  // namespace host::plugins
