// Addresses that the platform's administrator gave to tenants, at any domain; each is one tenant's.
// Not what tenants say of themselves: anybody could claim another's. Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail_in/address.hpp"
#include "storage/store.hpp"

namespace host::mail_in {

class Addresses {
 public:
  static constexpr std::size_t kMost = 100'000;

  // After the tables are registered.
  explicit Addresses(storage::Store& store) : store_(store) {}

  struct Assigned {
    std::string address, tenant, assigned_at, assigned_by;
  };

  std::optional<std::string> tenant_of(const std::string& address) const;
  // By address; at most `limit`, those behind `after`.
  std::vector<Assigned> list(std::string_view after, std::size_t limit) const;
  // That tenant's, in their order; at most `limit`.
  std::vector<std::string> of_tenant(std::string_view tenant, std::size_t limit) const;
  std::size_t count_of(std::string_view tenant) const;
  std::size_t count() const;
  // True: it is new. Again for the same tenant: nothing changes. Throws Problem(409 address_taken)
  // if it is another's, Problem(409 too_many_addresses).
  bool assign(const Address& address, std::string_view tenant, std::string_view by);
  bool remove(const Address& address);
  void forget_tenant(std::string_view tenant);

 private:
  storage::Store& store_;
};

}  // namespace host::mail_in
