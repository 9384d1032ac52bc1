#include "storage/postgres/connection.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include <libpq-fe.h>
#include <poll.h>

namespace host::storage::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kPreparedStatements = 200;
constexpr std::size_t kResultBytes = 256UL * 1024 * 1024;
// The server ends a statement at its deadline by itself; then we ask it to, then we give it up.
constexpr milliseconds kForServer{100};
constexpr milliseconds kForCancel{2'000};
constexpr int kCancelsAtOnce = 32;

constexpr std::string_view kLost = "08006";

std::string state_of(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state != nullptr ? state : std::string(kLost);
}

std::string message_of(const PGresult* result) {
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return text != nullptr ? text : "the connection was lost";
}

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

}  // namespace

// Until when the results of one round trip are waited for.
class Connection::Wait {
 public:
  Wait(Deadline deadline, milliseconds statement_time) {
    const Deadline longest = steady_clock::now() + statement_time;
    // Without a deadline the server's own limit counts.
    end_ = (deadline == Deadline::max() ? longest : deadline) + kForServer;
  }
  bool cancelled() const { return cancelled_; }
  void cancel() {
    cancelled_ = true;
    end_ = steady_clock::now() + kForCancel;
  }
  // Rounded up: a poll that returns just before its time would spin.
  int milliseconds_left() const {
    const auto left = std::chrono::ceil<milliseconds>(end_ - steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000));
  }

 private:
  Deadline end_;
  bool cancelled_ = false;
};

Connection::Connection(const ConnectionOptions& options) : statement_time_(options.statement_time) {
  const std::string settings =
      "-c role=" + options.role + " -c search_path=" + options.search_path +
      " -c statement_timeout=" + std::to_string(options.statement_time.count()) +
      // What the rules for statements count on.
      " -c standard_conforming_strings=on -c bytea_output=hex -c extra_float_digits=1"
      " -c client_encoding=UTF8 -c default_transaction_isolation=read\\ committed"
      " -c default_transaction_read_only=off -c idle_in_transaction_session_timeout=600000"
      // What a node without power has locked is free again in twenty seconds.
      " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2";
  const std::string seconds =
      std::to_string(std::max<std::int64_t>(options.connect_time.count(), 2));
  const std::array<const char*, 8> names{
      "dbname",          "options", "connect_timeout", "application_name", "tcp_user_timeout",
      "keepalives_idle", nullptr};
  const std::array<const char*, 8> values{options.connection.c_str(),
                                          settings.c_str(),
                                          seconds.c_str(),
                                          "serai",
                                          "10000",
                                          "30",
                                          nullptr};
  connection_ = PQconnectdbParams(names.data(), values.data(), 1);
  const auto refuse = [&](const std::string& why) {
    PQfinish(connection_);
    throw SqlError(SqlFault::io, "no connection to PostgreSQL: " + why);
  };
  if (connection_ == nullptr) throw std::bad_alloc();
  if (PQstatus(connection_) != CONNECTION_OK) refuse(PQerrorMessage(connection_));
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(connection_, 1) != 0 || PQenterPipelineMode(connection_) != 1) {
    refuse("pipeline mode is not to be had");
  }
}

Connection::~Connection() { PQfinish(connection_); }

bool Connection::reusable() {
  if (retired_ || PQstatus(connection_) != CONNECTION_OK ||
      PQtransactionStatus(connection_) != PQTRANS_IDLE) {
    return false;
  }
  // A server that says something to a connection at rest says good-bye.
  pollfd socket{PQsocket(connection_), POLLIN, 0};
  return ::poll(&socket, 1, 0) == 0;
}

int Connection::socket() const { return PQsocket(connection_); }

bool Connection::in_transaction() const {
  const auto status = PQtransactionStatus(connection_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

void Connection::forget(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const auto entry = found->second;
  by_key_.erase(found);
  prepared_.erase(entry);
}

bool Connection::send_one(const Message& message, std::size_t index,
                          std::vector<Expected>& expected) {
  static const Parameters none{{}};
  const Parameters& p = message.parameters != nullptr ? *message.parameters : none;
  const std::string sql(message.sql);
  if (message.key.empty()) {
    expected.push_back({index, true, {}, {}});
    return PQsendQueryParams(connection_, sql.c_str(), p.size(), p.types(), p.data(), p.lengths(),
                             p.formats(), 0) == 1;
  }
  std::string name;
  if (const auto found = by_key_.find(message.key); found != by_key_.end()) {
    prepared_.splice(prepared_.begin(), prepared_, found->second);
    name = found->second->name;
  } else if (const auto sent = std::find_if(expected.rbegin(), expected.rend(),
                                            [&](const Expected& earlier) {
                                              return !earlier.name.empty() &&
                                                     earlier.key == message.key;
                                            });
             sent != expected.rend()) {
    name = sent->name;  // for another row, and on its way
  } else {
    if (prepared_.size() >= kPreparedStatements) {
      const std::string drop = "DEALLOCATE " + prepared_.back().name;
      forget(prepared_.back().key);
      expected.push_back({index, false, {}, {}});
      if (PQsendQueryParams(connection_, drop.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) !=
          1) {
        return false;
      }
    }
    name = "s" + std::to_string(++names_);
    expected.push_back({index, false, std::string(message.key), name});
    if (PQsendPrepare(connection_, name.c_str(), sql.c_str(), p.size(), p.types()) != 1) {
      return false;
    }
  }
  expected.push_back({index, true, std::string(message.key), {}});
  return PQsendQueryPrepared(connection_, name.c_str(), p.size(), p.data(), p.lengths(),
                             p.formats(), 0) == 1;
}

void Connection::lose(Outcome& outcome, std::string state, std::string why) {
  retired_ = true;
  if (!outcome.failure || outcome.failure->state == "57014") {
    outcome.failure = Failure{std::move(state), std::move(why), outcome.rows.size()};
  }
}

// The next result of the query at hand, null behind the last. Waits no longer than allowed; a
// connection that gave no answer by then is lost.
pg_result* Connection::next(Wait& wait, Outcome& outcome) {
  while (PQisBusy(connection_) != 0) {
    const int unsent = PQflush(connection_);
    pollfd socket{PQsocket(connection_),
                  static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN), 0};
    const int ready = ::poll(&socket, 1, wait.milliseconds_left());
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0 && !wait.cancelled()) {
      cancel();
      wait.cancel();
      continue;
    }
    if (ready == 0) {
      lose(outcome, "57014", "the server did not answer in time");
      return nullptr;
    }
    if (unsent < 0 || PQconsumeInput(connection_) != 1) {
      lose(outcome, std::string(kLost), PQerrorMessage(connection_));
      return nullptr;
    }
  }
  return PQgetResult(connection_);
}

// The order may come late and hit what this connection runs next: nothing will. It is carried by a
// connection of its own, and libpq waits for it without a limit: not on a thread that has a
// request.
void Connection::cancel() {
  retired_ = true;
  static std::atomic<int> under_way{0};
  if (under_way.fetch_add(1) >= kCancelsAtOnce) {
    --under_way;
    return;  // the server ends it by itself, or does not hear us either
  }
  PGcancel* order = PQgetCancel(connection_);
  if (order == nullptr) {
    --under_way;
    return;
  }
  std::thread([order] {
    std::array<char, 256> why;
    PQcancel(order, why.data(), static_cast<int>(why.size()));
    PQfreeCancel(order);
    --under_way;
  }).detach();
}

void Connection::receive(const Expected& expected, bool last, const Limits& limits, Wait& wait,
                         Outcome& outcome) {
  if (last && limits.rows > 0) PQsetSingleRowMode(connection_);
  std::vector<int> columns;
  bool described = false;
  int rows = 0;
  const auto keep = [&](const PGresult* result) {
    if (!last || limits.rows == 0) return;
    Rows::Data& data = *outcome.data;
    if (!described) columns = given_columns(result, limits.hide_tenant, data);
    described = true;
    if (PQntuples(result) == 0 || outcome.too_large) return;
    if (data.rows + static_cast<std::size_t>(PQntuples(result)) > limits.rows ||
        data.bytes > kResultBytes) {
      outcome.too_large = true;
      if (limits.cancel_large) {
        cancel();
        wait.cancel();
      }
      return;
    }
    append_rows(result, columns, data);
  };
  while (const Result result{next(wait, outcome)}) {
    switch (PQresultStatus(result.get())) {
      case PGRES_SINGLE_TUPLE:
      case PGRES_TUPLES_OK:
        rows += PQntuples(result.get());
        keep(result.get());
        break;
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        if (!expected.query && !expected.key.empty()) {
          prepared_.push_front({expected.key, expected.name});
          by_key_.emplace(prepared_.front().key, prepared_.begin());
        }
        break;
      case PGRES_PIPELINE_ABORTED:
        break;
      default:
        if (!outcome.failure) {
          outcome.failure =
              Failure{state_of(result.get()), message_of(result.get()), expected.message};
        }
        if (connection_lost(state_of(result.get()))) retired_ = true;
        // Prepared for tables that have changed since.
        if (outcome.failure->state == "0A000" || outcome.failure->state == "26000") {
          forget(expected.key);
        }
        break;
    }
    if (expected.query) {
      const std::string_view tag = PQcmdStatus(result.get());
      if (last && !tag.empty()) outcome.done = tag;
      if (!tag.empty() && !tag.starts_with("SELECT")) {
        outcome.changed += std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
      }
    }
  }
  if (expected.query) outcome.rows.push_back(rows);
}

Outcome Connection::run(std::span<const Message> messages, const Limits& limits) {
  Outcome outcome;
  if (limits.rows > 0) outcome.data = std::make_unique<Rows::Data>();
  std::vector<Expected> expected;
  expected.reserve(messages.size() + 2);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!send_one(messages[i], i, expected)) {
      lose(outcome, std::string(kLost), PQerrorMessage(connection_));
      return outcome;
    }
  }
  if (PQpipelineSync(connection_) != 1) {
    lose(outcome, std::string(kLost), PQerrorMessage(connection_));
    return outcome;
  }
  Wait wait(limits.deadline, statement_time_);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    receive(expected[i], i + 1 == expected.size(), limits, wait, outcome);
    if (PQstatus(connection_) != CONNECTION_OK || (retired_ && wait.milliseconds_left() == 0)) {
      lose(outcome, std::string(kLost), "the connection was lost");
      return outcome;
    }
  }
  const Result end{next(wait, outcome)};
  if (!end || PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) {
    lose(outcome, std::string(kLost), "the connection was lost");
  }
  // We ended it, whatever the server calls it.
  if (outcome.too_large && limits.cancel_large) outcome.failure.reset();
  return outcome;
}

}  // namespace host::storage::postgres
