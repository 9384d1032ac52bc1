// The default listener: Pistache accepts and reads, this house does the rest. Nothing here uses its
// parser, response writer, router, TLS or timers; the README of this folder says why. Its reads
// cannot be paused, so what a client sends ahead is bounded by the connection.
#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <system_error>

#include <pistache/endpoint.h>
#include <pistache/http.h>
#include <pistache/peer.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "http/connection.hpp"
#include "http/engine.hpp"
#include "http/listen_socket.hpp"
#include "http/server.hpp"
#include "http/socket_channel.hpp"
#include "observe/log.hpp"

namespace host::http {
namespace {

constexpr int kBacklog = 1024;
// Pistache's accept thread spins when descriptors run out. So the last ones are not used for
// clients: whoever gets one of them is told to come back.
constexpr rlim_t kReservedDescriptors = 64;
const std::string kConnection = "serai";

// What a peer carries. A thing of its own, so that the connection's reference count is never
// touched by Pistache's code, whose atomics thread sanitizers cannot see.
struct Held {
  std::shared_ptr<Connection> connection;
};

Connection* connection_of(const Pistache::Tcp::Peer& peer) {
  const auto held = peer.tryGetData(kConnection);
  return held ? static_cast<Held*>(held.get())->connection.get() : nullptr;
}

bool among_the_last(int descriptor) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  const auto reserved = std::min(kReservedDescriptors, limit.rlim_cur / 8);
  return static_cast<rlim_t>(descriptor) + reserved >= limit.rlim_cur;
}

// Called by Pistache on its worker threads; copied once for each of them.
class Bridge : public Pistache::Http::Handler {
 public:
  HTTP_PROTOTYPE(Bridge)

  explicit Bridge(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

  void onConnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    // Pistache's own idle timer looks into every peer's parser, so each must have one.
    peer->putData(ParserData, std::make_shared<Pistache::Http::RequestParser>(1));
    const int descriptor = peer->fd();
    const auto connection =
        among_the_last(descriptor) ? refused() : engine_->open(address(*peer), false);
    if (!connection) {
      const auto answer = Engine::overload_answer();
      (void)!::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      ::shutdown(descriptor, SHUT_RDWR);
      return;
    }
    connection->attach(std::make_unique<SocketChannel>(*engine_, connection->number(), descriptor));
    peer->putData(kConnection, std::make_shared<Held>(Held{connection}));
  }

  void onInput(const char* bytes, std::size_t length,
               const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    if (auto* connection = connection_of(*peer)) connection->on_input({bytes, length});
  }

  // Pistache closes the descriptor after this returns.
  void onDisconnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    if (auto* connection = connection_of(*peer)) connection->detach();
  }

  void onRequest(const Pistache::Http::Request&, Pistache::Http::ResponseWriter) override {}

 private:
  std::shared_ptr<Connection> refused() {
    engine_->count().refused.add();
    return nullptr;
  }

  static std::string address(const Pistache::Tcp::Peer& peer) {
    auto host = peer.address().host();
    if (host.size() > 1 && host.front() == '[' && host.back() == ']')
      host = host.substr(1, host.size() - 2);
    return host;
  }

  std::shared_ptr<Engine> engine_;
};

class PistacheServer final : public Server {
 public:
  PistacheServer(const ListenAddress& address, const Limits& limits, Service& service,
                 unsigned threads)
      : address_(address),
        engine_(std::make_shared<Engine>(limits, service, "pistache")),
        threads_(threads) {}

  ~PistacheServer() override { stop(std::chrono::milliseconds(0)); }

  void start() override {
    engine_->start();
    const bool is_v6 = address_.host.find(':') != std::string::npos;
    const auto host = is_v6 ? "[" + address_.host + "]" : address_.host;
    endpoint_ = std::make_unique<Pistache::Http::Endpoint>(
        Pistache::Address(host, Pistache::Port(address_.port)));
    const auto never = std::chrono::hours(24 * 3650);
    endpoint_->init(Pistache::Http::Endpoint::options()
                        .headerTimeout(never)
                        .bodyTimeout(never)
                        .keepaliveTimeout(never));
    // Again, below the options, which lose the backlog on the way.
    const auto flags = Pistache::Flags<Pistache::Tcp::Options>(Pistache::Tcp::Options::ReuseAddr) |
                       Pistache::Tcp::Options::NoDelay | Pistache::Tcp::Options::CloseOnExec;
    endpoint_->initArgs(static_cast<std::size_t>(std::max(1u, threads_)), flags,
                        std::string("http"), kBacklog);
    endpoint_->setHandler(std::make_shared<Bridge>(engine_));
    try {
      endpoint_->serveThreaded();
    } catch (const std::exception& error) {
      const int reason = errno != 0 ? errno : EADDRINUSE;
      endpoint_.reset();
      engine_->stop();
      throw std::system_error(reason, std::generic_category(),
                              "listen on " + host + ":" + std::to_string(address_.port));
    }
    port_ = endpoint_->getPort();
  }

  std::uint16_t port() const override { return port_; }

  void wind_down() override { engine_->wind_down(); }

  std::size_t stop(std::chrono::milliseconds patience) override {
    if (!endpoint_) return 0;
    if (engine_->winding_down())
      close_door(listening_on(port_));  // Pistache keeps its own to itself
    const auto cut = engine_->drain(patience);
    endpoint_->shutdown();
    endpoint_.reset();
    engine_->stop();
    return cut;
  }

 private:
  const ListenAddress address_;
  const std::shared_ptr<Engine> engine_;
  const unsigned threads_;
  std::unique_ptr<Pistache::Http::Endpoint> endpoint_;
  std::uint16_t port_ = 0;
};

}  // namespace

std::unique_ptr<Server> make_pistache_server(const ListenAddress& address, const Limits& limits,
                                             Service& service, unsigned threads) {
  if (!address.unix_path.empty()) {
    throw std::invalid_argument(
        "The Pistache listener has no Unix sockets; use the Asio listener.");
  }
  if (!address.certificate.empty() || !address.private_key.empty()) {
    throw std::invalid_argument("The Pistache listener has no TLS; use the Asio listener.");
  }
  return std::make_unique<PistacheServer>(address, limits, service, threads);
}

}  // namespace host::http
