// The plugin in the fake host, with what other plugins answer, and alice, who may do everything.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

namespace quotes_test {

using serai::Json;
using serai::Problem;
using serai::testing::Reply;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

inline const std::string kQuotes = "/api/v1/quotes";

inline Json option(const std::string& hotel, std::int64_t total,
                   const Json& more = Json::object()) {
  Json made{{"hotel_name", hotel},
            {"star_rating", 4.5},
            {"destination", "Zanzibar"},
            {"room_type", "Double"},
            {"meal_plan", "HB"},
            {"nights", 7},
            {"total_minor", total},
            {"currency", "ZAR"},
            {"missing", Json::array()},
            {"exchange", nullptr},
            {"lines",
             {{{"rule", "adult_sharing"},
               {"rate_id", "RATE-5F0C21D9"},
               {"quantity", 2},
               {"unit_minor", total / 2},
               {"nights", 7},
               {"per_nights", 7},
               {"amount_minor", total}}}}};
  made.update(more);
  return made;
}

class Quotes : public testing::Test {
 protected:
  Quotes() {
    host.as_user("alice", {"quotes.read", "quotes.write"}, "admin");
    host.on_service("pricing.stay/1", [this](const Json& stay) {
      asked.push_back(stay);
      return Json{{"options", options}};
    });
    host.on_service("pdf.render/1", [this](const Json& document) {
      papers.push_back(document);
      return Json("%PDF of " + document["title"].get<std::string>());
    });
    host.on_service("crm.ensure_client/1", [](const Json& client) {
      return Json{{"created", true},
                  {"client", {{"client_id", "CLI-1"}, {"email", client["email"]}}}};
    });
    host.on_service("crm.quoted/1", [this](const Json& value) {
      values.push_back(value);
      return Json{{"new", true}};
    });
    host.on_service("crm.add_activity/1", [this](const Json& activity) {
      activities.push_back(activity["once_key"]);
      return Json{{"activity", Json::object()}};
    });
    host.on_service("mail.send/1", [this](const Json& mail) {
      if (mail_refuses) throw Problem(429, "daily_limit", "Today's mails are used up.");
      mails.push_back(mail);
      return Json{{"message_id", "m"}, {"status", mail_status}};
    });
    host.on_service("notifications.notify/1", [this](const Json& notice) {
      notices.push_back(notice);
      return Json{{"id", "n"}};
    });
    host.on_service("serai.users/1", [this](const Json&) { return Json{{"users", users}}; });
  }

  static Json anna(const Json& more = Json::object()) {
    Json inquiry{{"name", "Anna Berg"},        {"email", "Anna@Example.com"},
                 {"phone", "+27 82 555 0101"}, {"destination", "Zanzibar"},
                 {"check_in", "2026-06-10"},   {"check_out", "2026-06-17"}};
    inquiry.update(more);
    return inquiry;
  }
  // The answer of a route that says yes.
  static Json good(const Reply& reply) {
    EXPECT_TRUE(reply.status >= 200 && reply.status < 300) << reply.status << " " << reply.body;
    return reply.status < 300 ? reply.json() : Json::object();
  }
  Json generate(const Json& more = Json::object(), const Json& inquiry = Json::object()) {
    Json body{{"inquiry", anna(inquiry)}};
    body.update(more);
    host.advance(std::chrono::seconds(1));  // lists are ordered by time
    return good(host.post(kQuotes + "/generate", body));
  }
  std::string id(const Json& made) { return made["quote_id"]; }
  std::string draft(const Json& inquiry = Json::object()) {
    return id(generate({{"save_as_draft", true}}, inquiry));
  }
  std::string sent() { return id(generate()); }
  Json show(const std::string& quote) { return good(host.get(kQuotes + "/" + quote))["data"]; }
  std::string status(const std::string& quote) { return show(quote)["status"]; }
  Json edit(const std::string& quote, const Json& body) {
    return good(host.patch(kQuotes + "/" + quote, body))["data"];
  }
  // Of the link in the last mail.
  std::string mailed_link() { return mails.back()["data"]["link"]; }
  std::vector<std::string> events() {
    std::vector<std::string> types;
    for (const auto& event : host.events()) types.push_back(event.type);
    return types;
  }
  std::int64_t count(const std::string& table) {
    return host.sql("SELECT count(*) AS n FROM " + table)[0]["n"].get<std::int64_t>();
  }

  Json options = Json::array({option("Blue Heron Lodge", 2469134), option("Coral Bay", 2000050)});
  Json users = Json::array({{{"id", "u1"}, {"name", "Carl"}, {"role", "consultant"}},
                            {{"id", "u2"}, {"name", "Dora"}, {"role", "consultant"}},
                            {{"id", "u3"}, {"name", "Alice"}, {"role", "admin"}}});
  std::vector<Json> asked, papers, values, mails, notices;
  std::vector<std::string> activities;
  bool mail_refuses = false;
  std::string mail_status = "queued";
  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

}  // namespace quotes_test
