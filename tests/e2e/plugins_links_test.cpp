// Addresses that need no login (access: link): what they open, and to whom they stay closed. In
// both placements: the address is made by the host, wherever the plugin runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Links : public testing::TestWithParam<bool> {
 protected:
  Links() : host_(options()) {
    lagoon_ = host_.make_tenant("lagoon");
    savanna_ = host_.make_tenant("savanna");
  }
  static RunningHost::Options options() {
    RunningHost::Options options;
    options.plugins = {"probe"};
    options.profile["listen"]["url"] = "https://api.example.com";
    if (GetParam())
      options.profile["plugins"]["enabled"] = {{{"id", "probe"}, {"placement", "isolated"}}};
    return options;
  }
  // The path of an address of a note of that person's tenant.
  std::string share(const Person& person, const std::string& text, int seconds = 0) {
    const auto client = host_.client(person);
    const auto note =
        client.post("/api/v1/probe/notes", {{"text", text}, {"tags", json::array()}}).json();
    const auto shared =
        client.post("/api/v1/probe/notes/" + note["data"]["id"].get<std::string>() + "/share" +
                        (seconds == 0 ? "" : "?seconds=" + std::to_string(seconds)),
                    {});
    const std::string url = shared.json()["data"]["url"], origin = "https://api.example.com";
    EXPECT_EQ(url.rfind(origin, 0), 0U) << url;
    return url.substr(origin.size());
  }
  std::string code(const std::string& path) { return host_.client().get(path).json()["code"]; }

  RunningHost host_;
  Person lagoon_, savanna_;
};

TEST_P(Links, open_one_thing_of_one_tenant_to_whoever_has_them) {
  const auto path = share(lagoon_, "an offer"), other = share(savanna_, "another offer");
  const auto seen = host_.client().get(path);
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.json()["data"]["text"], "an offer");
  EXPECT_EQ(seen.json()["data"]["tenant"], "lagoon");
  EXPECT_EQ(seen.json()["data"]["user"], "");
  EXPECT_EQ(seen.json()["data"]["may_use"], false);
  EXPECT_EQ(host_.client().get(other).json()["data"]["text"], "another offer");
  // Who is signed in elsewhere gets what the link says, too, and not what his token says.
  EXPECT_EQ(host_.client(savanna_).get(path).json()["data"]["tenant"], "lagoon");
}

TEST_P(Links, that_were_not_signed_or_are_over_open_nothing) {
  const auto path = share(lagoon_, "an offer");
  const std::string route = "/api/v1/probe/shared/";
  EXPECT_EQ(code(route + "x"), "link_invalid");
  auto forged = path;
  forged[route.size() + 20] = forged[route.size() + 20] == 'A' ? 'B' : 'A';
  EXPECT_EQ(code(forged), "link_invalid");
  EXPECT_EQ(code(share(lagoon_, "a late offer", -5)), "link_expired");
  EXPECT_EQ(host_.client().get(share(lagoon_, "a short offer", 600)).status, 200);
  EXPECT_EQ(host_.client().get("/api/v1/probe/notes").status, 401) << "no other route";
}

TEST_P(Links, of_a_tenant_that_is_suspended_or_gone_open_nothing) {
  const auto path = share(lagoon_, "an offer");
  ASSERT_EQ(
      host_.admin().post("/api/v1/admin/tenants/lagoon/suspend", {{"reason", "A pause."}}).status,
      200);
  EXPECT_EQ(code(path), "tenant_suspended");
  ASSERT_EQ(host_.admin().post("/api/v1/admin/tenants/lagoon/activate", {}).status, 200);
  EXPECT_EQ(host_.client().get(path).status, 200);
  ASSERT_EQ(host_.admin().remove("/api/v1/admin/tenants/lagoon?confirm=true").status, 200);
  EXPECT_EQ(code(path), "link_invalid");
}

TEST_P(Links, are_limited_for_each_address_that_uses_them) {
  auto limited = options();
  limited.profile["rate_limits"]["user"] = "20/min";
  limited.profile["proxy"]["trusted"] = {"127.0.0.1"};
  RunningHost host(limited);
  const auto owner = host.make_tenant("atoll");
  const auto note = host.client(owner)
                        .post("/api/v1/probe/notes", {{"text", "x"}, {"tags", json::array()}})
                        .json()["data"]["id"]
                        .get<std::string>();
  const std::string url =
      host.client(owner).post("/api/v1/probe/notes/" + note + "/share", {}).json()["data"]["url"];
  const auto path = url.substr(url.find("/api/"));
  const auto ask = [&](const char* address) {
    return host.client().send("GET", path, "", {{"X-Forwarded-For", address}}).status;
  };
  int answered = 0;
  while (answered < 100 && ask("192.0.2.7") == 200) ++answered;
  EXPECT_GT(answered, 0);
  EXPECT_LT(answered, 100);
  EXPECT_EQ(ask("192.0.2.7"), 429);
  EXPECT_EQ(ask("192.0.2.8"), 200) << "one visitor shuts out no other";
}

TEST_P(Links, do_not_stand_in_the_log) {
  const auto path = share(lagoon_, "an offer");
  ASSERT_EQ(host_.client().get(path).status, 200);
  EXPECT_EQ(code(path + "A"), "link_invalid");
  ASSERT_TRUE(eventually([&] {
    return host_.process().log().find("/api/v1/probe/shared/{link}") != std::string::npos;
  }));
  EXPECT_THAT(host_.process().log(), Not(HasSubstr(path.substr(path.rfind('/') + 1))));
}

INSTANTIATE_TEST_SUITE_P(Placement, Links, testing::Values(false, true),
                         [](const auto& one) { return one.param ? "isolated" : "in_process"; });

}  // namespace
}  // namespace serai_test
