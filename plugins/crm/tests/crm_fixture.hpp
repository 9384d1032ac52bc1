// The plugin in the fake host, with alice, who may do everything, signed in.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace crm_test {

using serai::Json;
using serai::Problem;
using serai::testing::FakeHost;
using serai::testing::Reply;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

inline const std::string kCrm = "/api/v1/crm";
inline const std::string kClients = kCrm + "/clients";
using Names = std::vector<std::string>;

class Crm : public testing::Test {
 protected:
  Crm() { be("alice"); }

  void be(const std::string& user) {
    host.as_user(user, {"crm.read", "crm.write", "crm.transfer"}, "admin");
  }

  // The data of a good answer.
  static Json data(const Reply& reply) {
    EXPECT_TRUE(reply.status >= 200 && reply.status < 300) << reply.status << " " << reply.body;
    const Json body = reply.status < 300 ? reply.json() : Json::object();
    return body.value("data", Json::object());
  }

  Json add(const std::string& email, const std::string& name, Json more = Json::object()) {
    more["email"] = email;
    more["name"] = name;
    host.advance(std::chrono::seconds(1));  // lists are ordered by time
    return data(host.post(kClients, more));
  }
  std::string id(const Json& client) { return client["client_id"]; }
  Json show(const std::string& reference) { return data(host.get(kClients + "/" + reference)); }

  // Names in the order of the list; `query` with its question mark.
  Names listed(const std::string& query = "") {
    Names names;
    for (const Json& one : data(host.get(kClients + query))) names.push_back(one["name"]);
    return names;
  }
  Names found(const std::string& query) { return listed("?query=" + query); }

  Json quote(const Json& client, const std::string& quote_id, std::int64_t amount,
             const std::string& currency = "ZAR") {
    host.advance(std::chrono::seconds(1));
    return host.call_service("crm.quoted/1", {{"client", client["email"]},
                                              {"quote_id", quote_id},
                                              {"amount", amount},
                                              {"currency", currency}});
  }

  Json history(const Json& client) {
    return data(host.get(kClients + "/" + id(client) + "/history"));
  }
  Json activities(const Json& client) {
    return data(host.get(kClients + "/" + id(client) + "/activities"));
  }

  std::int64_t count(const std::string& table) {
    return host.sql("SELECT count(*) AS n FROM " + table)[0]["n"].get<std::int64_t>();
  }
  Names events() {
    Names types;
    for (const auto& event : host.events()) types.push_back(event.type);
    return types;
  }

  // Statements that the plugin sends for one request.
  std::int64_t statements(const std::string& path) {
    const auto before = host.sql_statements();
    const auto reply = host.get(path);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return host.sql_statements() - before;
  }

  FakeHost host{serai_plugin_entry_v1};
};

}  // namespace crm_test
