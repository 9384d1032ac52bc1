// A small house for tests of accounts: real store, tenants, audit and auth over a temporary folder,
// with a clock that the test moves and a mailer that keeps what it is given.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "audit/audit.hpp"
#include "auth/auth.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "storage/store.hpp"
#include "support/test_store.hpp"
#include "tenancy/tenants.hpp"
#include "tenancy/token_mint.hpp"

namespace house {

using namespace host;

class KeepingMailer final : public auth::Mailer {
 public:
  void send(const auth::Mail& mail) override {
    const std::lock_guard lock(mutex_);
    mails.push_back(mail);
  }
  void forget(const std::string& tenant) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(mails, [&](const auth::Mail& mail) { return mail.tenant == tenant; });
  }
  // What stands behind "token=" in the last mail.
  std::string last_token() const {
    const std::string& text = mails.back().text;
    const auto at = text.rfind("token=") + 6;
    return text.substr(at, text.find('\n', at) - at);
  }
  std::vector<auth::Mail> mails;

 private:
  std::mutex mutex_;
};

inline auth::Options cheap_options() {
  auth::Options options;
  options.secret = "a secret that is only of this test run";
  options.password.memory_bytes = 8192;
  options.admin_token = "administrators only";
  return options;
}

class House {
 public:
  explicit House(auth::Options options = cheap_options())
      : folder(std::filesystem::temp_directory_path() / ("serai-auth-" + random_token(9))),
        clock(parse_timestamp("2030-01-01T00:00:00Z")) {
    options.clock = [this] { return clock.load(); };
    store = serai_test::make_store({folder});
    tenants = tenancy::make_tenants(*store);
    audit = audit::make_audit(*store);
    auth = std::make_unique<auth::Auth>(*store, *tenants, *audit, mailer, options);
    add_tenant("blue");
    add_tenant("green");
  }
  ~House() {
    auth.reset();
    audit.reset();
    tenants.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }

  void add_tenant(const std::string& id) {
    tenancy::Tenant tenant;
    tenant.id = id;
    tenant.name = "Company " + id;
    tenant.timezone = "UTC";
    tenant.currency = "USD";
    tenants->create(admin(), tenant);
  }

  CallToken admin() const {
    return tenancy::TokenMint::for_platform_admin("platform_admin", {"test", "", Deadline::max()});
  }
  // The administrator, acting on a tenant.
  CallToken inside(const std::string& tenant) const {
    return tenancy::TokenMint::for_tenant_administration(admin(), tenant);
  }

  auth::User add_user(const std::string& tenant, const std::string& email,
                      const std::string& role = "consultant") {
    return auth->team().create(inside(tenant), email, "Name of " + email, role, kPassword);
  }
  auth::Accounts::Login login(const std::string& email, const std::string& tenant = "",
                              const std::string& password = kPassword,
                              const std::string& address = "192.0.2.1") {
    return auth->accounts().login({email, password, tenant, "", ""}, {address, "test", "r1"});
  }
  CallToken token(const std::string& access, const std::string& client_id = "",
                  const std::string& address = "192.0.2.1") {
    return auth->authenticator().user("Bearer " + access, client_id, address,
                                      {"r2", "", Deadline::max()});
  }
  void pass(std::chrono::seconds time) { clock.store(clock.load() + time); }

  static inline const std::string kPassword = "correct horse battery";
  static inline const auth::Caller kCaller{"192.0.2.1", "test", "r3"};

  std::filesystem::path folder;
  std::atomic<Timestamp> clock;
  KeepingMailer mailer;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<tenancy::Tenants> tenants;
  std::unique_ptr<audit::Audit> audit;
  std::unique_ptr<auth::Auth> auth;
};

// "401 invalid_token", or "" if nothing is thrown.
template <class Action>
std::string problem_of(Action action) {
  try {
    action();
  } catch (const Problem& problem) {
    return std::to_string(problem.status()) + " " + problem.code();
  }
  return "";
}

}  // namespace house
