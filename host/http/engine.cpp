// Register, writer and keeper of a server's connections; see engine.hpp.
#include "http/engine.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/connection.hpp"

namespace host::http {
namespace {

// Deadlines are kept to within a quarter of the shortest limit.
std::chrono::milliseconds tick(const Limits& limits) {
  const auto shortest = std::min({limits.header_time, limits.body_time, limits.idle_time,
                                  limits.write_time, limits.handler_time});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(200));
}

Engine::Counters make_counters(const std::string& listener) {
  auto& metrics = observe::metrics();
  const observe::Labels labels{{"listener", listener}};
  const auto dropped = [&](const char* reason) -> observe::Counter& {
    return metrics.counter("serai_http_answers_dropped_total", "Answers nobody could receive.",
                           {{"listener", listener}, {"reason", reason}});
  };
  return {metrics.counter("serai_http_connections_total", "Connections accepted.", labels),
          metrics.counter("serai_http_connections_refused_total",
                          "Connections refused for being one too many.", labels),
          metrics.counter("serai_http_requests_total", "Requests whose head was complete.", labels),
          metrics.counter("serai_http_requests_cut_total",
                          "Requests whose answer did not leave in full.", labels),
          dropped("client_left"),
          dropped("late"),
          metrics.counter("serai_http_unanswered_total",
                          "Requests whose handler let go of the reply without an answer.", labels),
          metrics.gauge("serai_http_connections", "Connections open.", labels)};
}

}  // namespace

Engine::Engine(const Limits& limits, Service& service, std::string_view listener)
    : limits_(limits), service_(service), listener_(listener), counters_(make_counters(listener_)) {
  static constexpr std::array kKinds = {"header", "body", "idle", "write", "handler", "linger"};
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    timeouts_[kind] =
        &observe::metrics().counter("serai_http_timeouts_total", "Deadlines that passed.",
                                    {{"listener", listener_}, {"kind", kKinds[kind]}});
  }
}

Engine::~Engine() {
  stop();
  if (epoll_ >= 0) ::close(epoll_);
  if (wake_ >= 0) ::close(wake_);
}

void Engine::start() {
  // sendfile() has no flag against it, and one aborted download must not end the process.
  (void)std::signal(SIGPIPE, SIG_IGN);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = 0;
  if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  writer_ = std::thread([this] { run_writer(); });
  keeper_ = std::thread([this] { run_keeper(); });
}

void Engine::stop() {
  {
    std::lock_guard lock(keeper_mutex_);
    stopping_ = true;
  }
  keeper_wakes_.notify_all();
  if (keeper_.joinable()) keeper_.join();
  if (writer_.joinable()) {
    ::eventfd_write(wake_, 1);
    writer_.join();
  }
  for (const auto& connection : everyone()) connection->detach();
}

std::shared_ptr<Connection> Engine::open(std::string address, bool secure) {
  std::lock_guard lock(register_mutex_);
  auto& from_there = per_address_[address];
  const bool one_too_many = connections_.size() >= limits_.connections ||
                            (limits_.connections_per_address > 0 && address != "unix" &&
                             from_there >= limits_.connections_per_address);
  if (one_too_many || draining()) {
    if (from_there == 0) per_address_.erase(address);
    counters_.refused.add();
    return nullptr;
  }
  ++from_there;
  const auto number = next_number_++;
  auto connection =
      std::make_shared<Connection>(shared_from_this(), number, std::move(address), secure);
  connections_.emplace(number, connection);
  counters_.connections.add();
  counters_.open.add(1);
  return connection;
}

std::string_view Engine::overload_answer() {
  return "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
         "Connection: close\r\n\r\n";
}

void Engine::close(std::uint64_t number, const std::string& address) {
  std::shared_ptr<Connection> last;  // destroyed outside the lock
  std::lock_guard lock(register_mutex_);
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  last = std::move(found->second);
  connections_.erase(found);
  if (const auto there = per_address_.find(address);
      there != per_address_.end() && --there->second == 0) {
    per_address_.erase(there);
  }
  counters_.open.add(-1);
  register_changed_.notify_all();
}

std::size_t Engine::connections() const {
  std::lock_guard lock(register_mutex_);
  return connections_.size();
}

std::shared_ptr<Connection> Engine::find(std::uint64_t number) const {
  std::lock_guard lock(register_mutex_);
  const auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : found->second;
}

void Engine::request_ended() {
  if (in_flight_.fetch_sub(1) == 1 && draining()) {
    std::lock_guard lock(register_mutex_);
    register_changed_.notify_all();
  }
}

std::vector<std::shared_ptr<Connection>> Engine::everyone() const {
  std::lock_guard lock(register_mutex_);
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections_.size());
  for (const auto& [number, connection] : connections_) all.push_back(connection);
  return all;
}

std::size_t Engine::drain(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  draining_ = true;
  for (const auto& connection : everyone()) connection->drain();
  std::size_t cut = 0;
  {
    std::unique_lock lock(register_mutex_);
    register_changed_.wait_until(lock, until, [this] { return in_flight_ == 0; });
    cut = in_flight_;
    // Clients read the end of their answers and leave; those that do not are not waited for long.
    const auto farewell = std::min(patience, std::chrono::milliseconds(250));
    register_changed_.wait_for(lock, farewell, [this] { return connections_.empty(); });
  }
  counters_.cut.add(cut);
  for (const auto& connection : everyone()) connection->shut_down();
  std::unique_lock lock(register_mutex_);
  register_changed_.wait_for(lock, std::chrono::seconds(2),
                             [this] { return connections_.empty(); });
  return cut;
}

bool Engine::watch_writable(int descriptor, std::uint64_t number, bool& known) {
  epoll_event event{};
  event.events = EPOLLOUT | EPOLLONESHOT;
  event.data.u64 = number;
  if (::epoll_ctl(epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) != 0)
    return false;
  known = true;
  return true;
}

void Engine::post_pump(std::uint64_t number) {
  {
    std::lock_guard lock(keeper_mutex_);
    to_pump_.push_back(number);
  }
  keeper_wakes_.notify_one();
}

void Engine::count_malformed(std::string_view code) {
  observe::metrics()
      .counter("serai_http_malformed_total", "Requests refused by the codec, by reason.",
               {{"listener", listener_}, {"code", std::string(code)}})
      .add();
}

void Engine::run_writer() {
  std::array<epoll_event, 128> events;
  for (;;) {
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    if (ready < 0 && errno != EINTR) return;
    for (int index = 0; index < ready; ++index) {
      const auto number = events[static_cast<std::size_t>(index)].data.u64;
      if (number == 0) return;
      if (const auto connection = find(number)) connection->on_writable();
    }
  }
}

void Engine::run_keeper() {
  const auto period = tick(limits_);
  auto next_sweep = std::chrono::steady_clock::now() + period;
  std::vector<std::uint64_t> waiting;
  std::unique_lock lock(keeper_mutex_);
  while (!stopping_) {
    keeper_wakes_.wait_until(lock, next_sweep, [this] { return stopping_ || !to_pump_.empty(); });
    waiting.swap(to_pump_);
    lock.unlock();
    for (const auto number : waiting) {
      if (const auto connection = find(number)) connection->pump();
    }
    waiting.clear();
    if (std::chrono::steady_clock::now() >= next_sweep) {
      sweep();
      next_sweep = std::chrono::steady_clock::now() + period;
    }
    lock.lock();
  }
}

void Engine::sweep() {
  std::vector<std::shared_ptr<Connection>> overdue;
  const auto now = std::chrono::steady_clock::now();
  {
    std::lock_guard lock(register_mutex_);
    for (const auto& [number, connection] : connections_) {
      if (connection->overdue(now)) overdue.push_back(connection);
    }
  }
  for (const auto& connection : overdue) connection->on_deadline(now);
}

}  // namespace host::http
