// The second listener, on Boost.Asio: Unix sockets, TLS, an accept that waits when descriptors or
// places run out, and reads that can be paused. Asio waits for readiness; the bytes go through the
// same channel, codec and connection as Pistache's.
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/connection.hpp"
#include "http/engine.hpp"
#include "http/listen_socket.hpp"
#include "http/server.hpp"
#include "http/socket_channel.hpp"
#include "http/tls_channel.hpp"

namespace host::http {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

constexpr int kBacklog = 1024;
constexpr int kAcceptsPerTurn = 16;
constexpr std::size_t kReadBlock = 64 * 1024;
constexpr std::chrono::milliseconds kAcceptPause{50};

class Session;

// One thread's event loop and the sessions that live on it. The sessions are held here and not by
// their pending waits: one that is not reading has none, and must not close its descriptor for
// that.
struct Loop {
  asio::io_context context{1};
  std::unordered_set<std::shared_ptr<Session>> sessions;  // touched by the loop's thread only
};

// One socket: waits until it is readable, feeds the connection, closes at the end. Lives on its
// loop's thread; only wake() is called from others.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Loop& loop, int descriptor) : loop_(loop), descriptor_(loop.context, descriptor) {}

  void start(std::shared_ptr<Connection> connection) {
    connection_ = std::move(connection);
    loop_.sessions.insert(shared_from_this());
    wait();
  }

  // Any thread: reading may go on, or the connection has been shut down.
  void wake(bool shut_down) {
    asio::post(descriptor_.get_executor(), [self = shared_from_this(), shut_down] {
      if (shut_down) {
        self->close();
      } else if (self->paused_) {
        self->paused_ = false;
        self->wait();
      }
    });
  }

  // On the loop's thread, or when that has ended.
  void close() {
    if (!connection_) return;
    connection_->detach();  // before the descriptor is closed: see connection.hpp
    connection_.reset();
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    loop_.sessions.erase(shared_from_this());
  }

 private:
  void wait() {
    descriptor_.async_wait(Descriptor::wait_read,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (!error) {
                               self->read();
                             } else if (error != asio::error::operation_aborted) {
                               self->close();
                             }
                           });
  }

  void read() {
    thread_local std::vector<char> block(kReadBlock);
    while (connection_) {
      const ssize_t got =
          ::recv(descriptor_.native_handle(), block.data(), block.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return wait();
      if (got < 0) return close();
      if (got == 0) return end_of_input();
      connection_->on_input({block.data(), static_cast<std::size_t>(got)});
      if (!connection_->wants_input()) {
        paused_ = true;  // a wake-up already on its way runs on this thread, after this
        return;
      }
      if (static_cast<std::size_t>(got) < block.size()) return wait();
    }
  }

  // Half-closed: the answers under way are still sent; a client that is gone altogether shows as an
  // error of the socket.
  void end_of_input() {
    if (!connection_->on_end_of_input()) return close();
    descriptor_.async_wait(Descriptor::wait_error,
                           [self = shared_from_this()](boost::system::error_code error) {
                             if (!error) self->close();
                           });
  }

  Loop& loop_;
  Descriptor descriptor_;
  std::shared_ptr<Connection> connection_;
  bool paused_ = false;
};

// A channel that also tells its session, which may not be reading.
template <class Base>
class Awake final : public Base {
 public:
  template <class... Arguments>
  explicit Awake(std::weak_ptr<Session> session, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), session_(std::move(session)) {}

  void shut_down() override {
    Base::shut_down();
    if (const auto session = session_.lock()) session->wake(true);
  }
  bool can_pause() const override { return true; }
  void resume_reading() override {
    if (const auto session = session_.lock()) session->wake(false);
  }

 private:
  const std::weak_ptr<Session> session_;
};

class AsioServer final : public Server {
 public:
  AsioServer(const ListenAddress& address, const Limits& limits, Service& service, unsigned threads)
      : address_(address),
        engine_(std::make_shared<Engine>(limits, service, "asio")),
        connection_limit_(limits.connections) {
    if (address.certificate.empty() != address.private_key.empty()) {
      throw std::invalid_argument("TLS needs both a certificate and a private key.");
    }
    if (!address.certificate.empty())
      tls_ = std::make_unique<TlsContext>(address.certificate, address.private_key);
    for (unsigned index = 0; index < std::max(1u, threads); ++index) {
      loops_.push_back(std::make_unique<Loop>());
    }
  }

  ~AsioServer() override { stop(std::chrono::milliseconds(0)); }

  void start() override {
    const int descriptor = open_listen_socket(address_, kBacklog);
    engine_->start();
    port_ = bound_port(descriptor);
    listener_ = std::make_unique<Descriptor>(loops_.front()->context, descriptor);
    retry_ = std::make_unique<asio::steady_timer>(loops_.front()->context);
    for (auto& loop : loops_) {
      guards_.push_back(asio::make_work_guard(loop->context));
      threads_.emplace_back([&io = loop->context] { io.run(); });
    }
    asio::post(loops_.front()->context, [this] { wait_for_client(); });
  }

  std::uint16_t port() const override { return port_; }

  void wind_down() override { engine_->wind_down(); }

  std::size_t stop(std::chrono::milliseconds patience) override {
    if (threads_.empty()) return 0;
    if (engine_->winding_down()) close_door(listener_->native_handle());
    asio::post(loops_.front()->context, [this] {
      boost::system::error_code ignored;
      retry_->cancel();
      listener_->close(ignored);
    });
    const auto cut = engine_->drain(patience);
    guards_.clear();
    for (auto& loop : loops_) loop->context.stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    for (auto& loop : loops_) {
      for (const auto& left : std::exchange(loop->sessions, {})) left->close();
    }
    engine_->stop();
    listener_.reset();
    retry_.reset();
    loops_.clear();
    if (!address_.unix_path.empty()) ::unlink(address_.unix_path.c_str());
    return cut;
  }

 private:
  void wait_for_client() {
    if (!listener_->is_open()) return;
    listener_->async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
      if (!error) accept();
    });
  }

  void accept() {
    // A few at a time: this thread has connections of its own to serve.
    for (int accepted = 0; accepted < kAcceptsPerTurn; ++accepted) {
      // Full: clients wait in the kernel's queue instead of being turned away or spun on.
      if (engine_->connections() >= connection_limit_) return pause();
      const int descriptor =
          ::accept4(listener_->native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor >= 0) {
        admit(descriptor);
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_for_client();
      return pause();  // out of descriptors or memory
    }
    wait_for_client();
  }

  void pause() {
    retry_->expires_after(kAcceptPause);
    retry_->async_wait([this](boost::system::error_code error) {
      if (!error && listener_->is_open()) accept();
    });
  }

  void admit(int descriptor) {
    const auto connection = engine_->open(peer_address(descriptor), tls_ != nullptr);
    if (!connection) {
      const auto answer = Engine::overload_answer();
      if (!tls_)
        (void)!::send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      ::close(descriptor);
      return;
    }
    if (address_.unix_path.empty()) {
      const int yes = 1;
      ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    auto& loop = *loops_[connection->number() % loops_.size()];
    const auto session = std::make_shared<Session>(loop, descriptor);
    if (tls_) {
      connection->attach(std::make_unique<Awake<TlsChannel>>(session, *tls_, *engine_,
                                                             connection->number(), descriptor));
    } else {
      connection->attach(std::make_unique<Awake<SocketChannel>>(session, *engine_,
                                                                connection->number(), descriptor));
    }
    asio::post(loop.context, [session, connection] { session->start(connection); });
  }

  const ListenAddress address_;
  const std::shared_ptr<Engine> engine_;
  const std::size_t connection_limit_;
  std::unique_ptr<TlsContext> tls_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::unique_ptr<Descriptor> listener_;
  std::unique_ptr<asio::steady_timer> retry_;
  std::vector<std::thread> threads_;
  std::uint16_t port_ = 0;
};

}  // namespace

std::unique_ptr<Server> make_asio_server(const ListenAddress& address, const Limits& limits,
                                         Service& service, unsigned threads) {
  return std::make_unique<AsioServer>(address, limits, service, threads);
}

}  // namespace host::http
