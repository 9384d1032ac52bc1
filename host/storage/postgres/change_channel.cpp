#include "storage/postgres/change_channel.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <system_error>

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::storage::postgres {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kListen = "LISTEN serai_changes";
constexpr auto kBetweenQuestions = 250ms;
constexpr auto kLongestSilence = 500ms;  // after a question
constexpr auto kFirstPause = 50ms, kLongestPause = 500ms;
constexpr auto kToStart = 2s;

int left_until(steady_clock::time_point time) {
  const auto left = std::chrono::ceil<milliseconds>(time - steady_clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

}  // namespace

std::string announcement(std::string_view topic, std::string_view what) {
  std::string sql = "NOTIFY serai_changes, '";
  for (const std::string_view part : {topic, std::string_view(" "), what}) {
    for (const char c : part) {
      if (c == '\0') continue;
      sql += c;
      if (c == '\'') sql += c;
    }
  }
  return sql + "'";
}

void ChangeChannel::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

ChangeChannel::ChangeChannel(std::string connection)
    : connection_(std::move(connection)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

ChangeChannel::~ChangeChannel() {
  ChangeChannel::stop();
  ::close(wake_);
}

void ChangeChannel::on(std::string topic, std::function<void(std::string_view)> hear) {
  ears_[std::move(topic)].push_back(std::move(hear));
}

void ChangeChannel::start() {
  if (thread_.joinable()) return;
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kToStart, [this] { return hearing(); });
}

void ChangeChannel::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  ::eventfd_write(wake_, 1);
  thread_.join();
  eventfd_t ignored = 0;
  ::eventfd_read(wake_, &ignored);
}

void ChangeChannel::set_hearing(bool hearing) {
  {
    const std::lock_guard lock(mutex_);
    hearing_.store(hearing, std::memory_order_release);
  }
  changed_.notify_all();
  static auto& gauge = observe::metrics().gauge(
      "serai_changes_heard", "1: changes of other nodes are heard; 0: nothing is remembered.");
  gauge.set(hearing ? 1 : 0);
}

void ChangeChannel::run() {
  static auto& losses = observe::metrics().counter(
      "serai_changes_lost_total", "How often the channel for changes of other nodes was lost.");
  auto pause = milliseconds(kFirstPause);
  while (!stopping_) {
    if (const Link link = connect()) {
      pause = kFirstPause;
      set_hearing(true);
      tell_all();
      listen(*link);
      set_hearing(false);
      tell_all();
      if (stopping_) return;
      losses.add();
      observe::log(observe::Level::warning,
                   "changes of other nodes are no longer heard; everything is read again", {});
    }
    pollfd stop{wake_, POLLIN, 0};
    ::poll(&stop, 1, static_cast<int>(pause.count()));
    pause = std::min<milliseconds>(pause * 2, kLongestPause);
  }
}

ChangeChannel::Link ChangeChannel::connect() const {
  const std::array<const char*, 6> names{"dbname",           "connect_timeout", "application_name",
                                         "tcp_user_timeout", "options",         nullptr};
  const std::array<const char*, 6> values{
      connection_.c_str(), "2", "serai changes", "1000", nullptr, nullptr};
  Link link(PQconnectStartParams(names.data(), values.data(), 1));
  if (!link) return nullptr;
  // libpq's own waiting could not be interrupted by stop().
  const auto until = steady_clock::now() + kToStart;
  auto next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED || PQstatus(link.get()) == CONNECTION_BAD) return nullptr;
    std::array<pollfd, 2> sources{
        {{wake_, POLLIN, 0},
         {PQsocket(link.get()),
          static_cast<short>(next == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0}}};
    if (::poll(sources.data(), sources.size(), left_until(until)) <= 0) return nullptr;
    if (sources[0].revents != 0) return nullptr;
    next = PQconnectPoll(link.get());
  }
  PQsetNoticeProcessor(
      link.get(), [](void*, const char*) {}, nullptr);
  // Asked like the questions below: listen() sees to the answer, and to a time limit.
  if (PQsetnonblocking(link.get(), 1) != 0 || PQsendQuery(link.get(), kListen) != 1) return nullptr;
  while (PQisBusy(link.get()) != 0) {
    pollfd socket{PQsocket(link.get()), POLLIN, 0};
    if (PQflush(link.get()) < 0 || ::poll(&socket, 1, left_until(until)) <= 0 ||
        PQconsumeInput(link.get()) != 1) {
      return nullptr;
    }
  }
  bool done = false;
  while (PGresult* result = PQgetResult(link.get())) {
    done = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
  }
  return done ? std::move(link) : nullptr;
}

void ChangeChannel::listen(pg_conn& link) {
  auto next_question = steady_clock::now() + kBetweenQuestions;
  bool asked = false;
  while (!stopping_) {
    std::array<pollfd, 2> sources{{{wake_, POLLIN, 0}, {PQsocket(&link), POLLIN, 0}}};
    const int ready = ::poll(sources.data(), sources.size(), left_until(next_question));
    if (ready < 0 && errno != EINTR) return;
    if (sources[1].revents != 0 && !take(link)) return;
    if (asked && PQisBusy(&link) == 0) {
      bool good = false;
      while (PGresult* result = PQgetResult(&link)) {
        good = PQresultStatus(result) == PGRES_EMPTY_QUERY;
        PQclear(result);
      }
      if (!good) return;
      asked = false;
      next_question = steady_clock::now() + kBetweenQuestions;
    }
    if (steady_clock::now() < next_question) continue;
    if (asked) return;  // no answer in time
    // The empty query: costs the server nothing.
    if (PQsendQuery(&link, "") != 1 || PQflush(&link) < 0) return;
    asked = true;
    next_question = steady_clock::now() + kLongestSilence;
  }
}

bool ChangeChannel::take(pg_conn& link) {
  const bool good = PQconsumeInput(&link) == 1;
  while (PGnotify* notice = PQnotifies(&link)) {
    dispatch(notice->extra);
    PQfreemem(notice);
  }
  return good && PQstatus(&link) == CONNECTION_OK;
}

void ChangeChannel::dispatch(std::string_view payload) const {
  const auto blank = payload.find(' ');
  const auto found = ears_.find(payload.substr(0, blank));
  if (found == ears_.end()) return;
  const auto what = blank == payload.npos ? std::string_view() : payload.substr(blank + 1);
  for (const auto& hear : found->second) hear(what);
}

void ChangeChannel::tell_all() const {
  for (const auto& [topic, ears] : ears_)
    for (const auto& hear : ears) hear("");
}

}  // namespace host::storage::postgres
