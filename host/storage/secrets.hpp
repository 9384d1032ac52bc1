// Secrets under envelope encryption: XChaCha20-Poly1305 with a data key per tenant, which is stored
// wrapped by the operator's master key. Forgetting a tenant's data key makes everything encrypted
// under it unreadable for ever, backups included. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/call_token.hpp"
#include "storage/store.hpp"

namespace host::storage {

using MasterKey = std::array<unsigned char, 32>;

class Secrets {
 public:
  virtual ~Secrets() = default;
  // Named per tenant and plugin (both from the token).
  virtual void put(const CallToken& token, std::string_view name, std::string_view value) = 0;
  virtual std::optional<std::string> get(const CallToken& token, std::string_view name) = 0;
  virtual void erase(const CallToken& token, std::string_view name) = 0;
  // For fields in tables: ciphertext bound to (tenant, plugin, context); opening it under another
  // context throws.
  virtual std::string seal(const CallToken& token, std::string_view context,
                           std::string_view plain) = 0;
  virtual std::string open(const CallToken& token, std::string_view context,
                           std::string_view sealed) = 0;
  // The value of a row of serai_secrets as it is read, and what such a row must hold: for the
  // host's rooms that take rows elsewhere. Named per tenant and plugin, as above.
  virtual std::string reveal(const CallToken& token, std::string_view name,
                             std::string_view sealed) = 0;
  virtual std::string conceal(const CallToken& token, std::string_view name,
                              std::string_view value) = 0;
  // Destroys the tenant's data key.
  virtual void destroy(const CallToken& token) = 0;
};

// The wrapped data keys lie in the platform database, the secrets in the tenants'.
std::unique_ptr<Secrets> make_secrets(Store& store, const MasterKey& master);

}  // namespace host::storage
