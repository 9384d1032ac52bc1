// From PostgreSQL's SQLSTATE to what callers can do something about.
#pragma once

#include <string>
#include <string_view>

#include "storage/sql.hpp"

namespace host::storage::postgres {

// What the server (or the lack of it) said.
struct Failure {
  std::string state;  // SQLSTATE; "08006" when the connection is gone
  std::string message;
  std::size_t message_index = 0;  // of the messages sent together, the one that failed
};

SqlFault fault_of(std::string_view state);
// The server may have undone the transaction because others were in its way: doing it again helps.
bool worth_repeating(std::string_view state);
// No answer will come from this connection any more.
bool connection_lost(std::string_view state);
[[noreturn]] void fail(const Failure& failure);

}  // namespace host::storage::postgres
