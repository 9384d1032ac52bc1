// The listener over real sockets.
#include "mail_in/listener.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit/mail_in/world.hpp"

namespace mail_in_test {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

// A mail server's end of a connection.
class Peer {
 public:
  explicit Peer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  explicit Peer(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    connect(reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  ~Peer() { ::close(socket_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // The next line; empty: the connection is closed.
  std::string line() {
    for (;;) {
      if (const auto end = read_.find("\r\n"); end != read_.npos) {
        auto line = read_.substr(0, end);
        read_.erase(0, end + 2);
        return line;
      }
      char block[4096];
      const auto got = ::recv(socket_, block, sizeof block, 0);
      if (got <= 0) return "";
      read_.append(block, static_cast<std::size_t>(got));
    }
  }
  // The last line of the answer to a command.
  std::string ask(std::string_view text) {
    send(text);
    for (;;) {
      auto said = line();
      if (said.size() < 4 || said[3] != '-') return said;
    }
  }
  void begin_mail(const std::string& hello = "LHLO a\r\n") {
    EXPECT_THAT(line(), StartsWith("220 "));
    EXPECT_THAT(ask(hello), StartsWith("250 "));
    EXPECT_THAT(ask("MAIL FROM:<a@b.c>\r\n"), StartsWith("250 "));
    EXPECT_THAT(ask("RCPT TO:<lagoon@mail.example>\r\n"), StartsWith("250 "));
    EXPECT_THAT(ask("DATA\r\n"), StartsWith("354 "));
  }

 private:
  void connect(const sockaddr* address, socklen_t size) {
    if (::connect(socket_, address, size) != 0) throw std::runtime_error("no connection");
  }
  int socket_;
  std::string read_;
};

ListenerOptions on_tcp(Protocol protocol = Protocol::lmtp) {
  ListenerOptions options;
  options.protocol = protocol;
  options.name = "mx.example.com";
  return options;
}

TEST(Listener, takes_mails_on_a_port_one_after_the_other) {
  World world;
  Listener listener(*world.mail, on_tcp(Protocol::smtp));
  listener.start();
  Peer peer(listener.port());
  peer.begin_mail("EHLO a\r\n");
  EXPECT_THAT(peer.ask("one\r\n.\r\n"), StartsWith("250 2.0.0 "));
  peer.send(
      "MAIL FROM:<a@b.c>\r\nRCPT TO:<x@elsewhere.example>\r\nRCPT TO:<savanna@mail.example>\r\n"
      "DATA\r\n");
  for (const auto* code : {"250 ", "550 5.7.1 ", "250 ", "354 "})
    EXPECT_THAT(peer.line(), StartsWith(code));
  EXPECT_THAT(peer.ask("two\r\n.\r\n"), StartsWith("250 "));
  EXPECT_THAT(peer.ask("QUIT\r\n"), StartsWith("221 "));
  EXPECT_EQ(peer.line(), "");
  const auto taken = world.taken();
  ASSERT_EQ(taken.size(), 2);
  EXPECT_EQ(taken[0].bytes, "one\r\n");
  EXPECT_EQ(taken[1].tenant, "savanna");
}

TEST(Listener, takes_mails_on_a_unix_socket_and_removes_it) {
  World world;
  auto options = on_tcp();
  options.address.unix_path = (world.folder / "mail.sock").string();
  {
    Listener listener(*world.mail, options);
    listener.start();
    Peer peer(options.address.unix_path);
    peer.begin_mail();
    peer.send(std::string(3 << 20, 'x'));
    EXPECT_THAT(peer.ask("\r\n.\r\n"), StartsWith("250 "));
  }
  EXPECT_EQ(world.taken().at(0).bytes.size(), (3 << 20) + 2);
  EXPECT_FALSE(std::filesystem::exists(options.address.unix_path));
}

TEST(Listener, lets_those_wait_for_whom_there_is_no_place) {
  World world;
  auto options = on_tcp();
  options.connections = 1;
  Listener listener(*world.mail, options);
  listener.start();
  auto first = std::make_unique<Peer>(listener.port());
  EXPECT_THAT(first->line(), StartsWith("220 "));
  Peer second(listener.port());
  std::thread leaves([&] {
    EXPECT_THAT(first->ask("QUIT\r\n"), StartsWith("221 "));
    first.reset();
  });
  EXPECT_THAT(second.line(), StartsWith("220 "));
  leaves.join();
}

TEST(Listener, closes_on_who_is_silent_even_in_the_middle_of_a_mail) {
  World world;
  auto options = on_tcp();
  options.silence = 1s;
  Listener listener(*world.mail, options);
  listener.start();
  Peer mute(listener.port()), broken(listener.port());
  // At once, so that no slow machine of ours is taken for a silent client.
  broken.send("LHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<lagoon@mail.example>\r\nDATA\r\nhalf of it");
  std::string last;
  for (auto line = broken.line(); !line.empty(); line = broken.line()) last = line;
  EXPECT_THAT(last, StartsWith("354 "));
  EXPECT_THAT(mute.line(), StartsWith("220 "));
  EXPECT_EQ(mute.line(), "");
  EXPECT_TRUE(world.taken().empty());
}

TEST(Listener, that_stops_finishes_the_mails_that_are_under_way) {
  World world;
  std::mutex mutex;
  std::condition_variable changed;
  bool inside = false, go_on = false;
  world.plugin = [&](const CallToken&) {
    std::unique_lock lock(mutex);
    inside = true;
    changed.notify_all();
    changed.wait(lock, [&] { return go_on; });
    return R"({"result": "stored"})";
  };
  Listener listener(*world.mail, on_tcp());
  listener.start();
  auto idle = std::make_unique<Peer>(listener.port());
  auto busy = std::make_unique<Peer>(listener.port());
  EXPECT_THAT(idle->line(), StartsWith("220 "));
  busy->begin_mail();
  busy->send("one\r\n.\r\nMAIL FROM:<a@b.c>\r\n");
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return inside; });
  }
  std::thread stops([&] { listener.stop(60s); });
  EXPECT_THAT(idle->line(), StartsWith("421 "));
  EXPECT_EQ(idle->line(), "");
  idle.reset();
  {
    const std::lock_guard lock(mutex);
    go_on = true;
    changed.notify_all();
  }
  EXPECT_THAT(busy->line(), StartsWith("250 "));  // of the first mail
  EXPECT_THAT(busy->line(), StartsWith("421 "));
  EXPECT_EQ(busy->line(), "");
  busy.reset();
  stops.join();
  EXPECT_EQ(world.taken().size(), 1);
}

TEST(Listener, says_what_hinders_it) {
  World world;
  Listener first(*world.mail, on_tcp());
  first.start();
  auto options = on_tcp();
  options.address.port = first.port();
  Listener second(*world.mail, options);
  EXPECT_THROW(second.start(), std::system_error);
}

}  // namespace
}  // namespace mail_in_test
