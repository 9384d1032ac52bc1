// A store and its tenants over a temporary folder.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "storage/store.hpp"
#include "support/test_store.hpp"
#include "tenancy/tenants.hpp"
#include "tenancy/token_mint.hpp"

namespace tenancy_test {

using namespace host;

struct Fixture : ::testing::Test {
  Fixture() {
    store = serai_test::make_store({folder / "data"});
    tenants = tenancy::make_tenants(*store);
  }
  ~Fixture() override {
    tenants.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }
  static tenancy::Tenant draft(const std::string& id) {
    tenancy::Tenant tenant;
    tenant.id = id;
    tenant.name = "Company " + id;
    tenant.timezone = "Africa/Johannesburg";
    tenant.currency = "ZAR";
    return tenant;
  }
  template <class Action>
  static std::string problem_of(Action action) {
    try {
      action();
    } catch (const Problem& problem) {
      return std::to_string(problem.status()) + " " + problem.code();
    }
    return "";
  }
  const CallToken admin =
      tenancy::TokenMint::for_platform_admin("platform_admin", {"r", "", Deadline::max()});
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("serai-tenancy-" + random_token(9));
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<tenancy::Tenants> tenants;
};

}  // namespace tenancy_test
