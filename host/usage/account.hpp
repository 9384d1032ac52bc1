// Who used something: a plugin for a tenant. Tenant "" is nobody's: public routes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "usage/units.hpp"

namespace host::usage {

struct AccountView {
  std::string_view tenant, plugin;
  bool operator==(const AccountView&) const = default;
};

struct AccountKey {
  std::string tenant, plugin;
  operator AccountView() const { return {tenant, plugin}; }  // NOLINT: a view of itself
};

struct AccountHash {
  using is_transparent = void;
  std::size_t operator()(const AccountView& key) const noexcept {
    const std::hash<std::string_view> hash;
    return hash(key.tenant) * 31 + hash(key.plugin);
  }
};
struct AccountEqual {
  using is_transparent = void;
  bool operator()(const AccountView& a, const AccountView& b) const noexcept { return a == b; }
};

template <class Value>
using ByAccount = std::unordered_map<AccountKey, Value, AccountHash, AccountEqual>;

}  // namespace host::usage
