// The house of a command that works on the data of a stopped host: plugins loaded, nothing served.
#pragma once

#include <stdexcept>
#include <string>

#include "cli/house.hpp"
#include "cli/profile_options.hpp"
#include "observe/log.hpp"
#include "tenancy/token_mint.hpp"

namespace host::cli {

struct LocalHouse {
  explicit LocalHouse(const ProfileOptions& options)
      : profile(load_or_fail(options)),
        keys(config::load_keys(profile, config::process_environment())),
        house(profile, keys) {
    observe::set_level(observe::Level::warning);
    house.rooms().load_plugins();
    house.rooms().store->migrate_platform();
  }
  ~LocalHouse() { house.rooms().registry->stop_all(); }

  CallToken token_of(const std::string& tenant) {
    if (!house.rooms().tenants->find(tenant))
      throw std::runtime_error("there is no tenant " + tenant);
    return tenancy::TokenMint::for_tenant_administration(Rooms::operator_token(), tenant);
  }

  config::Profile profile;
  config::Keys keys;
  House house;
};

// The same plugins and routes in an empty folder: what others use is not touched.
inline config::Profile without_data(config::Profile profile, const std::filesystem::path& folder) {
  profile.data = folder;
  profile.storage_engine = "sqlite";
  profile.replicas.clear();
  profile.redis_address.clear();
  profile.blobs = {};
  return profile;
}

}  // namespace host::cli
