#include "storage/postgres/replica.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "base/problem.hpp"
#include "observe/log.hpp"
#include "storage/postgres/roles.hpp"

namespace host::storage::postgres {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kSamples = 4'096;
// For an answer to a question, and for a connection to become free: the primary has both.
constexpr milliseconds kLongestQuestion = 1s, kForConnection = 100ms;

constexpr auto kNever = steady_clock::time_point::min().time_since_epoch().count();

// What is flushed is what replicas are sent, and all that was acknowledged.
constexpr std::string_view kAskPrimary =
    "SELECT (pg_catalog.pg_current_wal_flush_lsn() - '0/0'::pg_catalog.pg_lsn)::bigint AS position,"
    " system_identifier::text AS cluster FROM pg_catalog.pg_control_system()";
constexpr std::string_view kAskReplica =
    "SELECT pg_catalog.pg_is_in_recovery()::int AS follows,"
    " (pg_catalog.pg_last_wal_replay_lsn() - '0/0'::pg_catalog.pg_lsn)::bigint AS position,"
    " (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS cluster,"
    " (SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_catalog.pg_roles"
    "   WHERE rolname = session_user)::int AS above";

// A sentence for the operator.
class Left : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// libpq says why in several lines; the first is enough.
[[noreturn]] void silent(const std::string& who, const std::string& why) {
  throw Left(who + " does not answer: " + why.substr(0, why.find('\n')));
}

Rows ask(std::unique_ptr<Connection>& connection, const ConnectionOptions& options,
         std::string_view question, milliseconds patience, const std::string& who) {
  try {
    if (!connection) connection = std::make_unique<Connection>(options);
    const Message message{question, nullptr, {}};
    Outcome outcome =
        connection->run(std::span(&message, 1), {steady_clock::now() + patience, 1, false, false});
    if (!outcome.failure && outcome.data->rows == 1) return Rows(std::move(outcome.data));
    connection.reset();
    silent(who, outcome.failure ? outcome.failure->message : "nothing was said");
  } catch (const SqlError& error) {
    silent(who, error.what());
  }
}

observe::Labels label(const std::string& name) { return {{"replica", name}}; }

}  // namespace

Replica::Lease::Lease(Replica& replica, Pool::Lease connection)
    : replica_(&replica),
      connection_(std::move(connection)),
      socket_(::fcntl(connection_->socket(), F_DUPFD_CLOEXEC, 0)) {
  if (socket_ < 0) return;  // no descriptor is left: the statement's own time-out remains
  const std::lock_guard lock(replica.mutex_);
  replica.lent_.insert(socket_);
}

Replica::Lease::Lease(Lease&& other) noexcept
    : replica_(other.replica_),
      connection_(std::move(other.connection_)),
      socket_(std::exchange(other.socket_, -1)) {}

Replica::Lease::~Lease() {
  if (socket_ < 0) return;
  {
    const std::lock_guard lock(replica_->mutex_);
    replica_->lent_.erase(socket_);
  }
  ::close(socket_);
}

Replica::Replica(Options options)
    : options_(std::move(options)),
      pool_(options_.reading, options_.connections),
      up_(observe::metrics().gauge("serai_database_replica_up",
                                   "1: marked calls are read there; 0: at the primary.",
                                   label(options_.name))),
      lag_(observe::metrics().gauge("serai_database_replica_lag_seconds",
                                    "How long ago everything that was committed had been replayed.",
                                    label(options_.name))),
      reads_(observe::metrics().counter("serai_database_replica_reads_total",
                                        "Statements of marked calls that it has answered.",
                                        label(options_.name))),
      fresh_until_(kNever) {
  up_.set(0);
  thread_ = std::thread([this] { watch(); });
}

Replica::~Replica() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

bool Replica::fresh() const {
  return steady_clock::now().time_since_epoch().count() <
         fresh_until_.load(std::memory_order_acquire);
}

std::optional<Replica::Lease> Replica::take(Deadline deadline) {
  if (!fresh()) return std::nullopt;
  try {
    Lease lease(*this, pool_.take(Pool::Use::read,
                                  std::min(deadline, steady_clock::now() + kForConnection)));
    // Waiting and connecting took their time, too.
    if (fresh()) return lease;
  } catch (const Problem&) {
    // busy, or not to be reached: the pool's log line says so
  }
  return std::nullopt;
}

std::string Replica::trouble() const {
  if (fresh()) return {};
  const std::lock_guard lock(mutex_);
  return trouble_.empty() ? "it has not been heard of in time" : trouble_;
}

void Replica::cut() {
  const std::lock_guard lock(mutex_);
  for (const int socket : lent_) ::shutdown(socket, SHUT_RDWR);
}

void Replica::note(const std::string& trouble) {
  bool was = false;
  {
    const std::lock_guard lock(mutex_);
    was = trouble_.empty();
    trouble_ = trouble;
  }
  up_.set(trouble.empty() ? 1 : 0);
  if (was == trouble.empty()) return;
  if (trouble.empty()) {
    observe::log(observe::Level::info, "a replica of the database is used",
                 {{"replica", options_.name}});
  } else {
    observe::log(observe::Level::warning,
                 "a replica of the database is left out; the primary answers",
                 {{"replica", options_.name}, {"reason", trouble}});
  }
}

void Replica::look(std::unique_ptr<Connection>& primary, std::unique_ptr<Connection>& replica) {
  const auto patience = std::clamp<milliseconds>(options_.bound / 2, 50ms, kLongestQuestion);
  ConnectionOptions options = options_.reading;
  options.connect_time = 2s;
  const auto asked = steady_clock::now();
  {
    ConnectionOptions of_primary = options;
    of_primary.connection = options_.primary;
    const Rows head = ask(primary, of_primary, kAskPrimary, patience, "the primary");
    cluster_ = head.text(0, "cluster");
    samples_.push_back({asked, head.integer(0, "position")});
    if (samples_.size() > kSamples) samples_.pop_front();
  }
  std::optional<Rows> answer;
  try {
    answer = ask(replica, options, kAskReplica, patience, "it");
  } catch (const Left&) {
    fresh_until_.store(kNever, std::memory_order_release);
    cut();  // who reads there would wait as long
    throw;
  }
  const Rows& there = *answer;
  if (there.text(0, "cluster") != cluster_) throw Left("it is no copy of this database's server");
  if (there.integer(0, "follows") == 0) throw Left("it follows nobody: it was made a primary");
  if (there.integer(0, "above") != 0)
    throw Left("its login is a superuser, bypasses row-level security or makes roles");
  const std::int64_t position = there.integer(0, "position");
  if (position < std::exchange(position_, position)) {
    // Made anew, from an older copy: what is known is of another.
    seen_until_ = {};
    fresh_until_.store(kNever, std::memory_order_release);
  }
  while (!samples_.empty() && samples_.front().position <= position) {
    seen_until_ = samples_.front().asked;
    samples_.pop_front();
  }
  if (seen_until_ == steady_clock::time_point{}) throw Left("it has not caught up yet");
  fresh_until_.store((seen_until_ + options_.bound).time_since_epoch().count(),
                     std::memory_order_release);
  const std::chrono::duration<double> lag = steady_clock::now() - seen_until_;
  // Nothing is waited for: it is as far as the primary was when it was asked.
  lag_.set(samples_.empty() ? 0 : lag.count());
  if (!fresh())
    throw Left("it is " + std::to_string(std::chrono::ceil<milliseconds>(lag).count()) +
               " ms behind");
}

void Replica::watch() {
  std::unique_ptr<Connection> primary, replica;
  while (true) {
    try {
      look(primary, replica);
      note("");
    } catch (const Left& left) {
      note(left.what());
    } catch (const std::exception& error) {
      note(std::string("it cannot be judged: ") + error.what());
    }
    const auto interval = std::clamp<milliseconds>(options_.bound / 8, 20ms, 250ms);
    std::unique_lock lock(mutex_);
    if (stop_.wait_for(lock, interval, [this] { return stopping_; })) return;
  }
}

}  // namespace host::storage::postgres
