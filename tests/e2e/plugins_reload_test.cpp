// A plugin is reloaded again and again while clients call it: not one call may fail.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

constexpr int kReloads = 40, kClients = 4;

TEST(ReloadUnderLoad, fails_no_call) {
  RunningHost host({.plugins = {"hello"}});
  std::atomic<bool> over{false};
  std::atomic<int> good{0}, bad{0};
  std::vector<std::string> faults(kClients);
  std::vector<std::jthread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      const auto client = host.client();
      const auto path = "/api/v1/hello/client-" + std::to_string(i);
      while (!over) {
        const auto answer = client.get(path);
        const bool right =
            answer.status == 200 && answer.json()["hello"] == "client-" + std::to_string(i);
        ++(right ? good : bad);
        if (!right) faults[i] = std::to_string(answer.status) + " " + answer.body;
      }
    });
  }
  for (int reload = 0; reload < kReloads; ++reload) {
    const int before = good;
    const auto answer = host.admin().send("POST", "/api/v1/admin/plugins/hello/reload", "");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["data"]["kept_generations"], 0);
    EXPECT_TRUE(eventually([&] { return good > before || bad > 0; }));
  }
  over = true;
  clients.clear();
  EXPECT_EQ(bad, 0);
  for (const auto& fault : faults) EXPECT_EQ(fault, "");
  const auto list = host.admin().get("/api/v1/admin/plugins").json();
  EXPECT_EQ(list["data"][0]["generation"], kReloads + 1);
  std::cout << kReloads << " reloads, " << good << " calls, " << bad << " failed\n";
}

TEST(ReloadUnderLoad, waits_for_a_call_that_is_inside) {
  // Switched off and on while calls run: they end well or are told 404 or 503, nothing else.
  RunningHost host({.plugins = {"hello"}});
  std::atomic<bool> over{false};
  std::atomic<int> unexpected{0}, answered{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      const auto client = host.client();
      while (!over) {
        const int status = client.get("/api/v1/hello/x").status;
        if (status != 200 && status != 404 && status != 503) ++unexpected;
        ++answered;
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    for (const auto* action : {"disable", "enable"}) {
      const int before = answered;
      EXPECT_EQ(host.admin()
                    .send("POST", std::string("/api/v1/admin/plugins/hello/") + action, "")
                    .status,
                200);
      EXPECT_TRUE(eventually([&] { return answered > before; }));
    }
  }
  over = true;
  clients.clear();
  EXPECT_EQ(unexpected, 0);
  EXPECT_EQ(host.client().get("/api/v1/hello/x").status, 200);
}

}  // namespace
}  // namespace serai_test
