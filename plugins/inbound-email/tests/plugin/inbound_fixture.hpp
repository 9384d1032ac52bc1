// The plugin in a fake host, with an address that mail is posted to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace inbound_test {

using serai::Json;
using testing::HasSubstr;

inline const std::string kTickets = "/api/v1/inbound/tickets";

inline std::string mail(const std::string& id, const std::string& subject, const std::string& body,
                        const std::string& more = "") {
  return "From: Anna Smit <anna@example.org>\r\nTo: sales@tenant.example\r\nMessage-ID: <" + id +
         ">\r\nSubject: " + subject + "\r\n" + more + "\r\n" + body;
}

class InboundEmail : public testing::Test {
 protected:
  InboundEmail() {
    sign_in();
    host.set_setting("destinations", "Zanzibar = Stone Town; Mauritius");
    host.set_setting("own_addresses", "Sales@tenant.example, info@tenant.example");
    const auto made = host.post("/api/v1/inbound/address", Json::object());
    EXPECT_EQ(made.status, 201) << made.body;
    address = path_of(made.json()["data"]["mime"]);
    form = path_of(made.json()["data"]["form"]);
  }
  void sign_in() {
    host.as_user("alice", {"inbound-email.read", "inbound-email.write", "inbound-email.manage"},
                 "admin");
  }
  static std::string path_of(const std::string& url) { return url.substr(url.find("/webhooks/")); }

  Json deliver(const std::string& raw) {
    host.as_nobody();
    const auto reply = host.request("POST", address, raw, {{"content-type", "message/rfc822"}});
    EXPECT_EQ(reply.status, 200) << reply.body;
    host.run_jobs();
    sign_in();
    return reply.status == 200 ? reply.json() : Json::object();
  }
  Json tickets(const std::string& query = "") {
    const auto reply = host.get(kTickets + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.status == 200 ? reply.json() : Json{{"data", Json::array()}, {"total", -1}};
  }
  Json show(const std::string& id) { return host.get(kTickets + "/" + id).json()["data"]; }
  std::string only_id() { return tickets()["data"][0]["ticket_id"]; }
  Json only_ticket() { return show(only_id()); }
  // What other plugins were asked, in order; each answers with `answer`.
  void offer(const std::string& service, const Json& answer) {
    host.on_service(service, [this, service, answer](const Json& asked) -> Json {
      calls[service].push_back(asked);
      return answer;
    });
  }
  void break_down(const std::string& service, int status, const std::string& why) {
    host.on_service(service, [this, service, status, why](const Json& asked) -> Json {
      calls[service].push_back(asked);
      throw serai::Problem(status, "broken", why);
    });
  }
  Json refused() { return host.get("/api/v1/inbound/refused").json()["data"]; }

  serai::testing::FakeHost host{serai_plugin_entry_v1};
  std::map<std::string, std::vector<Json>> calls;
  std::string address;
  std::string form;
};

}  // namespace inbound_test
