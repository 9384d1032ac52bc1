#include "mail_in/listener.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "http/listen_socket.hpp"
#include "http/worker_pool.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::mail_in {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;

constexpr int kBacklog = 128;
constexpr std::size_t kReadBlock = 64 * 1024;
constexpr std::chrono::milliseconds kAcceptPause{50};
constexpr std::chrono::seconds kLastWord{2};  // to take what is said before the end

}  // namespace

class Listener::Inside {
 public:
  Inside(MailIn& mail, ListenerOptions options)
      : mail_(mail), options_(std::move(options)), retry_(context_) {}
  ~Inside() { stop(std::chrono::milliseconds(0)); }

  void start();
  std::uint16_t port() const { return port_; }
  void stop(std::chrono::milliseconds patience);
  bool replace_worker(pid_t thread) { return workers_ && workers_->replace(thread); }

 private:
  class Client;

  void wait_for_client();
  void accept();
  void pause();
  // On the I/O thread.
  void gone(const std::shared_ptr<Client>& client);

  MailIn& mail_;
  const ListenerOptions options_;
  asio::io_context context_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard_;
  std::optional<asio::posix::stream_descriptor> door_;
  asio::steady_timer retry_;
  std::unique_ptr<http::WorkerPool> workers_;
  std::thread thread_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;                                // touched by the I/O thread only
  std::unordered_set<std::shared_ptr<Client>> clients_;  // likewise
  std::mutex empty_mutex_;
  std::condition_variable empty_;
  bool all_gone_ = false;
};

// One connection. Lives on the I/O thread; while a worker judges or takes a mail, nothing else of
// it happens, so that the worker may read the session.
class Listener::Inside::Client : public std::enable_shared_from_this<Client> {
 public:
  Client(Inside& inside, int descriptor, int family)
      : inside_(inside),
        socket_(inside.context_, asio::generic::stream_protocol(family, SOCK_STREAM), descriptor),
        timer_(inside.context_),
        session_(inside.options_.protocol, inside.options_.limits, inside.options_.name) {}

  void start() { go_on(); }

  // Told to go as soon as it is between two mails.
  void wind_down() {
    leaving_ = true;
    if (!reading_ || session_.in_mail()) return;
    session_.shut_down("is going away");
    Error ignored;
    socket_.cancel(ignored);  // the read ends, and finds the session closed
  }

  void close() {
    if (!std::exchange(open_, false)) return;
    Error ignored;
    timer_.cancel();
    socket_.close(ignored);
    inside_.gone(shared_from_this());
  }

 private:
  void go_on() {
    while (open_) {
      if (leaving_ && !session_.in_mail()) session_.shut_down("is going away");
      switch (session_.next(input_)) {
        case SmtpSession::Event::need_more:
          return send([](Client& self) { self.read(); });
        case SmtpSession::Event::close:
          return send([](Client& self) { self.say_goodbye(); });
        case SmtpSession::Event::recipient:
          return work([](Client& self) {
            const auto verdict = self.judge();
            return [verdict](Client& client) { client.session_.answer(verdict); };
          });
        case SmtpSession::Event::message:
          // What was said before, the 354, is out: the client has answered it.
          return work([](Client& self) {
            auto received = self.take();
            return [received = std::move(received)](Client& client) {
              client.session_.answer(received.outcomes, received.id);
            };
          });
      }
    }
  }

  // On a worker's thread.
  Verdict judge() const {
    try {
      return inside_.mail_.judge(session_.recipient());
    } catch (const std::exception& error) {
      observe::log(observe::Level::warning, "A mail's recipient could not be looked up.",
                   {{"error", error.what()}});
      return Verdict::later;
    }
  }
  MailIn::Received take() const {
    try {
      return inside_.mail_.receive(
          session_.mail(), std::chrono::steady_clock::now() + inside_.options_.delivery_time);
    } catch (const std::exception& error) {
      observe::log(observe::Level::error, "A mail could not be taken.", {{"error", error.what()}});
      return {"", std::vector<Outcome>(session_.mail().recipients.size(), Outcome::later), {}, {}};
    }
  }

  // Runs `task` on a worker, then what it gives on the I/O thread, and goes on.
  template <class Task>
  void work(Task task) {
    auto self = shared_from_this();
    const bool taken = inside_.workers_->submit([self, task] {
      auto finish = task(*self);
      asio::post(self->inside_.context_, [self, finish = std::move(finish)] {
        if (!self->open_) return;
        finish(*self);
        self->go_on();
      });
    });
    if (taken) return;
    session_.shut_down(
        "is going away");  // only when it stops: there is room for every client's task
    send([](Client& client) { client.say_goodbye(); });
  }

  void send(std::function<void(Client&)> then) {
    output_ = session_.take_output();
    if (output_.empty()) return then(*this);
    watch(inside_.options_.silence);
    asio::async_write(
        socket_, asio::buffer(output_),
        [self = shared_from_this(), then = std::move(then)](Error error, std::size_t) {
          if (error) return self->close();
          then(*self);
        });
  }

  void read() {
    reading_ = true;
    watch(inside_.options_.silence);
    if (leaving_ && !session_.in_mail()) return go_on_reading(0);
    socket_.async_read_some(asio::buffer(block_),
                            [self = shared_from_this()](Error error, std::size_t got) {
                              if (!self->open_) return;
                              const bool told = error == asio::error::operation_aborted;
                              if (error && !told) return self->close();
                              self->go_on_reading(got);
                            });
  }
  void go_on_reading(std::size_t got) {
    reading_ = false;
    timer_.cancel();
    input_ = {block_.data(), got};
    go_on();
  }

  // The end of what we send, and then what the client still has to say: closing at once could take
  // the last answer away from it.
  void say_goodbye() {
    Error ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    watch(std::chrono::duration_cast<std::chrono::milliseconds>(kLastWord));
    drain();
  }
  void drain() {
    socket_.async_read_some(asio::buffer(block_),
                            [self = shared_from_this()](Error error, std::size_t) {
                              if (error) return self->close();
                              self->drain();
                            });
  }

  // Silent for that long: closed. In the middle of a mail its sender has no answer and tries again.
  void watch(std::chrono::milliseconds silence) {
    timer_.expires_after(silence);
    timer_.async_wait([self = shared_from_this()](Error error) {
      if (!error) self->close();
    });
  }

  Inside& inside_;
  Socket socket_;
  asio::steady_timer timer_;
  SmtpSession session_;
  std::array<char, kReadBlock> block_;
  std::string_view input_;  // of the block, not consumed
  std::string output_;
  bool open_ = true, reading_ = false, leaving_ = false;
};

void Listener::Inside::start() {
  const int descriptor = http::open_listen_socket(options_.address, kBacklog);
  port_ = http::bound_port(descriptor);
  door_.emplace(context_, descriptor);
  guard_.emplace(asio::make_work_guard(context_));
  workers_ = std::make_unique<http::WorkerPool>(
      "mail", std::min(options_.threads, options_.connections), options_.connections);
  asio::post(context_, [this] { wait_for_client(); });
  thread_ = std::thread([this] { context_.run(); });
}

void Listener::Inside::wait_for_client() {
  if (!door_->is_open()) return;
  door_->async_wait(asio::posix::stream_descriptor::wait_read, [this](Error error) {
    if (!error) accept();
  });
}

void Listener::Inside::accept() {
  if (clients_.size() >= options_.connections) return pause();
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  const int descriptor = ::accept4(door_->native_handle(), reinterpret_cast<sockaddr*>(&peer),
                                   &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    const auto family = options_.address.unix_path.empty() ? peer.ss_family : AF_UNIX;
    const auto client = std::make_shared<Client>(*this, descriptor, family);
    clients_.insert(client);
    client->start();
  } else if (errno != EINTR && errno != ECONNABORTED && errno != EAGAIN && errno != EWOULDBLOCK) {
    return pause();  // out of descriptors or memory
  }
  wait_for_client();
}

void Listener::Inside::pause() {
  retry_.expires_after(kAcceptPause);
  retry_.async_wait([this](Error error) {
    if (!error && door_->is_open()) accept();
  });
}

void Listener::Inside::gone(const std::shared_ptr<Client>& client) {
  clients_.erase(client);
  if (!stopping_ || !clients_.empty()) return;
  const std::lock_guard lock(empty_mutex_);
  all_gone_ = true;
  empty_.notify_all();
}

void Listener::Inside::stop(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return;
  asio::post(context_, [this] {
    stopping_ = true;
    Error ignored;
    retry_.cancel();
    door_->close(ignored);
    const auto clients = clients_;  // some end at once
    for (const auto& client : clients) client->wind_down();
    if (!clients_.empty()) return;
    const std::lock_guard lock(empty_mutex_);
    all_gone_ = true;
    empty_.notify_all();
  });
  {
    std::unique_lock lock(empty_mutex_);
    empty_.wait_for(lock, patience, [this] { return all_gone_; });
  }
  workers_->stop();
  guard_.reset();
  context_.stop();
  thread_.join();
  for (const auto& client : std::exchange(clients_, {})) client->close();
  door_.reset();
  if (!options_.address.unix_path.empty()) ::unlink(options_.address.unix_path.c_str());
}

Listener::Listener(MailIn& mail, ListenerOptions options)
    : inside_(std::make_unique<Inside>(mail, std::move(options))) {}
Listener::~Listener() = default;
void Listener::start() { inside_->start(); }
std::uint16_t Listener::port() const { return inside_->port(); }
void Listener::stop(std::chrono::milliseconds patience) { inside_->stop(patience); }
bool Listener::replace_worker(pid_t thread) { return inside_->replace_worker(thread); }

}  // namespace host::mail_in
