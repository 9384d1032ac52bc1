// A house to which mail comes: real store, tenants and blobs; the plugin that takes mail is a
// function of the test.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "mail_in/mail_in.hpp"
#include "plugins/registry.hpp"
#include "storage/blobs.hpp"
#include "storage/store.hpp"
#include "support/test_store.hpp"
#include "tenancy/tenants.hpp"
#include "tenancy/token_mint.hpp"

namespace mail_in_test {

using namespace host;
using namespace host::mail_in;
using nlohmann::json;

class World {
 public:
  explicit World(Options options = profile()) {
    store = serai_test::make_store({folder / "data"});
    tenants = tenancy::make_tenants(*store);
    store->migrate_platform();
    blobs = storage::make_file_blobs(folder / "blobs");
    plugins::Rooms rooms;
    rooms.store = store.get();
    rooms.blobs = blobs.get();
    registry = std::make_unique<plugins::Registry>(rooms, plugins::RegistryOptions{});
    mail = std::make_unique<MailIn>(
        *store, *tenants,
        Delivery(*blobs, registry->blob_keeper(),
                 [this](const CallToken& token, std::string_view service,
                        std::string_view payload) { return receive(token, service, payload); }),
        std::move(options));
    for (const auto* id : {"lagoon", "savanna"}) make_tenant(id);
  }
  ~World() {
    mail.reset();
    registry.reset();
    blobs.reset();
    tenants.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }

  static Options profile() {
    return {
        {{"mail.example"}, {Strategy::address, Strategy::local_part, Strategy::plus}}, true, {}};
  }
  void make_tenant(const std::string& id) {
    tenancy::Tenant tenant;
    tenant.id = tenant.name = id;
    tenant.timezone = "UTC";
    tenant.currency = "EUR";
    tenants->create(admin, tenant);
  }
  static Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(60); }
  static Mail mail_to(const std::vector<std::string>& recipients,
                      const std::string& bytes = "Subject: Safari\r\n\r\nhello\r\n") {
    Mail mail;
    mail.sender = "ann@there.example";
    for (const auto& recipient : recipients) mail.recipients.push_back(*parse_address(recipient));
    mail.via = "lmtp";
    mail.bytes = bytes;
    return mail;
  }
  MailIn::Received receive(const Mail& message) { return mail->receive(message, soon()); }

  struct Taken {
    std::string tenant;
    json asked;
    std::string bytes;
  };
  std::vector<Taken> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  std::string blob(const CallToken& token, const std::string& reference) const {
    const auto reader = blobs->open(token, reference);
    std::string bytes(reader->size(), '\0');
    for (std::size_t at = 0, got = 1; got > 0; at += got)
      got = reader->read(at, std::as_writable_bytes(std::span(bytes)).subspan(at));
    return bytes;
  }

  // The plugin, while the call lasts.
  std::function<void(const CallToken&, const json& asked)> look;
  // What the plugin answers, or throws; empty: {"result": "stored"}.
  std::function<std::string(const CallToken&)> plugin;

  const CallToken admin =
      tenancy::TokenMint::for_platform_admin("platform_admin", {"r", "", Deadline::max()});
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("serai-mail-in-" + random_token(9));
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<tenancy::Tenants> tenants;
  std::unique_ptr<storage::Blobs> blobs;
  std::unique_ptr<plugins::Registry> registry;
  std::unique_ptr<MailIn> mail;

 private:
  std::string receive(const CallToken& token, std::string_view service, std::string_view payload) {
    EXPECT_EQ(service, kReceive);
    const auto asked = json::parse(payload);
    if (look) look(token, asked);
    const auto bytes = asked.contains("blob") ? blob(token, asked["blob"]) : std::string();
    auto answer = plugin ? plugin(token) : R"({"result": "stored"})";
    const std::lock_guard lock(mutex_);
    taken_.push_back({token.tenant(), asked, bytes});
    return answer;
  }

  mutable std::mutex mutex_;
  std::vector<Taken> taken_;
};

}  // namespace mail_in_test
