// The plugin in the fake host, with alice and bob, a host that knows them, and a plugin `mail`.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace notifications_test {

using serai::Json;
using serai::Problem;
using serai::testing::FakeHost;
using serai::testing::Reply;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

inline const std::string kPath = "/api/v1/notifications";
using Texts = std::vector<std::string>;

class Notifications : public testing::Test {
 protected:
  Notifications() {
    host.on_service("serai.users/1", [this](const Json&) { return Json{{"users", users}}; });
    host.on_service("mail.send/1", [this](const Json& document) {
      if (const auto refused = refusals.find(document["to"]["email"]); refused != refusals.end())
        throw refused->second;
      mails[document["idempotency_key"]] = document;
      return Json{{"message_id", "m"}, {"status", "queued"}};
    });
    be("alice");
  }

  void be(const std::string& user) { host.as_user(user, {"notifications.read"}); }

  static Json data(const Reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.status == 200 ? reply.json().value("data", Json()) : Json();
  }
  std::string notify(const Json& more = Json::object()) {
    host.advance(std::chrono::seconds(1));  // lists are ordered by time
    Json document{{"type", "system"}, {"title", "News"}, {"message", "Something is new."}};
    document.update(more);
    return host.call_service("notifications.notify/1", document)["id"];
  }
  // The pointer of the field that was refused.
  std::string refused(const Json& more) {
    try {
      notify(more);
    } catch (const Problem& problem) {
      EXPECT_EQ(problem.status, 422);
      return problem.errors.empty() ? "?" : problem.errors.front().pointer;
    }
    return "";
  }
  Texts titles(const std::string& query = "") {
    Texts all;
    for (const Json& one : data(host.get(kPath + query))) all.push_back(one["title"]);
    return all;
  }
  std::int64_t unread() { return host.get(kPath + "/unread-count").json()["unread_count"]; }
  void prefer(const Json& preferences) {
    const auto reply = host.put(kPath + "/preferences", preferences);
    EXPECT_EQ(reply.status, 200) << reply.body;
  }
  // "to: title" of each different mail; the key says which are the same.
  Texts mailed() {
    Texts all;
    for (const auto& [key, mail] : mails) {
      const Json& data = mail["data"];
      all.push_back(mail["to"]["email"].get<std::string>() + ": " +
                    data.value("title", data.value("heading", "")));
    }
    return all;
  }
  std::int64_t count(const std::string& table) {
    return host.sql("SELECT count(*) AS n FROM notifications_" + table)[0]["n"].get<std::int64_t>();
  }
  std::int64_t statements(const std::string& path) {
    const auto before = host.sql_statements();
    EXPECT_EQ(host.get(path).status, 200);
    return host.sql_statements() - before;
  }

  Json users = {
      {{"id", "alice"}, {"email", "alice@acme.example"}, {"name", "Alice"}, {"role", "admin"}},
      {{"id", "bob"}, {"email", "bob@acme.example"}, {"name", "Bob"}, {"role", "consultant"}}};
  std::map<std::string, Json> mails;        // by idempotency key
  std::map<std::string, Problem> refusals;  // by address
  FakeHost host{serai_plugin_entry_v1};
};

}  // namespace notifications_test
