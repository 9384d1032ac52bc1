// The provider of this test: posts that a route wants signed are signed with a key that it has put
// into the settings, so that they get as far as without.
#pragma once

#include <memory>
#include <string>

#include <openssl/types.h>

#include "config/profile.hpp"
#include "http/message.hpp"

namespace host::cli::isolation_test {

class Signer {
 public:
  Signer();

  // Settles the key with that plugin, for all tenants. Does nothing for a file that is no plugin.
  void settle(config::PluginChoice& choice, const std::filesystem::path& file) const;
  // Adds the headers; the body is there.
  void sign(http::Request& request) const;

 private:
  struct Release {
    void operator()(EVP_PKEY* key) const noexcept;
  };
  std::unique_ptr<EVP_PKEY, Release> key_;
};

}  // namespace host::cli::isolation_test
