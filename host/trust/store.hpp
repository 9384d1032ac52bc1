// The operator's trust store: a folder of public keys (*.yaml, one key a file) with the level each
// deserves, and revoked.yaml with what is trusted no more. Strict: an unknown key, a missing level
// or a file that does not belong there is a fault; all faults are collected. A store with a fault
// trusts nobody. No network, no cache: it is read when it is needed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "trust/keys.hpp"

namespace host::trust {

// What the signer of a plugin deserves. Ordered: more trust is greater.
enum class Level : std::uint8_t {
  none,            // unsigned, or signed by nobody known here
  tenant_private,  // for the named tenants alone
  verified,        // for every tenant
  core,            // as if it were the host's own
};
std::string_view to_text(Level level);  // "none", "tenant-private", "verified", "core"

struct TrustedKey {
  PublicKey key{};
  std::string owner;
  Level level = Level::none;
  std::set<std::string, std::less<>> tenants;  // for tenant_private; else empty
  Timestamp not_before, not_after;
};

struct TrustStore {
  std::map<std::string, TrustedKey, std::less<>> keys;  // by key id
  std::set<std::string, std::less<>> revoked_keys;      // key ids
  std::set<std::string, std::less<>> revoked_packages;  // package hashes, hexadecimal
};

struct LoadedStore {
  TrustStore store;                 // empty if there are faults
  std::vector<std::string> faults;  // "file:line: sentence."
};

// An empty path is an empty store: nobody is trusted.
LoadedStore load_store(const std::filesystem::path& folder);

}  // namespace host::trust
