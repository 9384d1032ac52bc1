// One connection of the host to PostgreSQL, over libpq's pipeline mode: several messages in one
// round trip, each parsed by itself (so that a message is one statement, always), with a time-out
// that holds even if the server is silent. Used by one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "storage/postgres/faults.hpp"
#include "storage/postgres/values.hpp"
#include "storage/rows_data.hpp"

struct pg_conn;

namespace host::storage::postgres {

struct ConnectionOptions {
  std::string connection;   // as libpq reads it: a URI or "host=... dbname=..."
  std::string role;         // acts as this role from the first statement on
  std::string search_path;  // the schemas of names without one
  std::chrono::seconds connect_time{5};
  std::chrono::milliseconds statement_time{30'000};  // of statements without another limit
};

struct Message {
  std::string_view sql;
  const Parameters* parameters = nullptr;
  std::string_view key;  // not empty: the statement is prepared once under this key
};

struct Limits {
  Deadline deadline = Deadline::max();
  std::size_t rows = 0;      // of the last message; 0: none are wanted
  bool hide_tenant = false;  // leaves tenant_id out
  bool cancel_large = true;  // ends a statement that gives too much; else its rows pass by unread
};

struct Outcome {
  std::optional<Failure> failure;
  std::vector<int> rows;  // that each message gave
  std::unique_ptr<Rows::Data> data;
  std::int64_t changed = 0;  // rows, by all messages
  std::string done;          // its command tag: "COMMIT"
  bool too_large = false;
};

class Connection {
 public:
  // Throws SqlError(io).
  explicit Connection(const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // All in one round trip; outside of BEGIN they are one transaction. Stops at the first that
  // fails. Never throws for what the server says.
  Outcome run(std::span<const Message> messages, const Limits& limits);

  // False: this connection is to be closed and not lent again.
  bool reusable();
  bool in_transaction() const;
  void retire() { retired_ = true; }
  // The descriptor, owned by libpq.
  int socket() const;

 private:
  struct Prepared {
    std::string key, name;
  };
  struct Expected {
    std::size_t message;
    bool query;       // false: the preparation of one, or a DEALLOCATE
    std::string key;  // of a preparation
    std::string name;
  };
  class Wait;

  void send(std::span<const Message> messages, std::vector<Expected>& expected);
  bool send_one(const Message& message, std::size_t index, std::vector<Expected>& expected);
  void receive(const Expected& expected, bool last, const Limits& limits, Wait& wait,
               Outcome& outcome);
  pg_result* next(Wait& wait, Outcome& outcome);
  void lose(Outcome& outcome, std::string state, std::string why);
  void cancel();
  void forget(std::string_view key);

  const std::chrono::milliseconds statement_time_;
  pg_conn* connection_ = nullptr;
  bool retired_ = false;
  std::uint64_t names_ = 0;
  std::list<Prepared> prepared_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Prepared>::iterator> by_key_;
};

}  // namespace host::storage::postgres
