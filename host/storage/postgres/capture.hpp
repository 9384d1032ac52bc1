// Notes which rows of a tenant are changed, by triggers that its owner makes on the shared tables
// for as long as the tenant is being moved, and refuses writes while it is frozen. Every process
// that writes is seen. What a killed process leaves behind says nothing once its time is over, and
// is removed when the next capture begins.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "storage/sql.hpp"
#include "storage/transfer.hpp"

namespace host::storage::postgres {

// SQLSTATE with which the triggers refuse a write.
inline constexpr std::string_view kMovingState = "SRMOV";

class Captures {
 public:
  // `owner`: the connection of who owns the tables; empty: nothing can be captured.
  explicit Captures(std::string owner) : owner_(std::move(owner)) {}

  void begin(const std::string& tenant, const std::vector<TableShape>& tables,
             std::chrono::seconds life) const;
  // `platform`: a session of the platform's schema.
  static std::vector<RowChange> take(Session& platform, const std::string& tenant);
  static void freeze(Session& platform, const std::string& tenant, std::chrono::seconds time);
  // No-op where nothing was begun.
  void end(Session& platform, const std::string& tenant) const;

 private:
  std::string owner_;
};

}  // namespace host::storage::postgres
