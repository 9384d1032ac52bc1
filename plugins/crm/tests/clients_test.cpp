// Adding, finding, changing and deleting clients, their activities and their history.
#include "crm_fixture.hpp"

namespace crm_test {
namespace {

TEST_F(Crm, a_client_has_what_the_contract_says) {
  const Json client = add("Anna@Example.com", "Anna Berg", {{"phone", "+27 82 555 0101"}});
  EXPECT_THAT(client["client_id"].get<std::string>(), testing::MatchesRegex("CLI-[0-9A-F]{8}"));
  const Json shown = show(id(client));
  EXPECT_EQ(shown["email"], "anna@example.com");
  EXPECT_EQ(shown["pipeline_stage"], "QUOTED");
  EXPECT_EQ(shown["source"], "manual");
  EXPECT_EQ(shown["value"], 0);
  for (const char* empty : {"destination", "notes", "last_activity", "consultant_id"})
    EXPECT_TRUE(shown[empty].is_null()) << empty;
  EXPECT_EQ(show(client["id"])["client_id"], client["client_id"]) << "by its UUID too";
  EXPECT_EQ(host.get(kClients + "/CLI-00000000").status, 404);
}

TEST_F(Crm, the_same_address_is_the_same_client) {
  const Json anna = add("anna@example.com", "Anna");
  const auto again = host.post(kClients, {{"email", " ANNA@example.com"}, {"name", "Other"}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json()["created"], false);
  EXPECT_EQ(again.json()["data"]["name"], "Anna");
  EXPECT_EQ(again.json()["data"]["id"], anna["id"]);
  EXPECT_EQ(count("crm_clients"), 1);
}

TEST_F(Crm, bad_fields_are_named) {
  const auto reply = host.post(kClients, {{"email", "nobody"}, {"name", "  x "}});
  EXPECT_EQ(reply.status, 422);
  EXPECT_THAT(reply.body, testing::AllOf(HasSubstr("/email"), HasSubstr("/name")));
  EXPECT_EQ(host.post(kClients, {{"email", "a@b.c"}}).status, 422);
  EXPECT_EQ(count("crm_clients"), 0);
}

TEST_F(Crm, search_comes_before_the_page) {
  add("jose@example.com", "José Núñez", {{"phone", "+27 82 555 0101"}});
  for (int i = 0; i < 60; ++i)
    add("guest" + std::to_string(i) + "@hotel.example", "Guest " + std::to_string(i));
  EXPECT_EQ(found("jose&limit=5"), Names{"José Núñez"}) << "although 60 are newer";
  EXPECT_EQ(found("N%C3%9A%C3%91&limit=1"), Names{"José Núñez"});
  EXPECT_EQ(found("nunez%20jo"), Names{"José Núñez"});
  EXPECT_EQ(found("jose%40example.com"), Names{"José Núñez"});
  EXPECT_EQ(found("082%20555"), Names{"José Núñez"});
  EXPECT_EQ(found("5550101"), Names{"José Núñez"});
  EXPECT_THAT(found("jose%20guest"), IsEmpty());
  EXPECT_THAT(found("%25"), IsEmpty()) << "a wildcard of SQL is none here";
  EXPECT_THAT(found("%2B%2B"), IsEmpty());
  const Json page = host.get(kClients + "?query=hotel&limit=10&offset=55").json();
  EXPECT_EQ(page["count"], 5);
  EXPECT_EQ(page["total"], 60);
}

TEST_F(Crm, lists_are_narrowed_by_stage_and_consultant) {
  add("a@example.com", "Ann", {{"consultant_id", "u1"}});
  add("b@example.com", "Bob", {{"pipeline_stage", "BOOKED"}, {"consultant_id", "u1"}});
  add("c@example.com", "Cas", {{"pipeline_stage", "BOOKED"}});
  EXPECT_EQ(listed(), (Names{"Cas", "Bob", "Ann"})) << "newest first";
  EXPECT_EQ(listed("?stage=BOOKED"), (Names{"Cas", "Bob"}));
  EXPECT_EQ(listed("?stage=BOOKED&consultant_id=u1"), Names{"Bob"});
  EXPECT_EQ(host.get(kClients + "?stage=NOWHERE").status, 422);
  EXPECT_EQ(host.get(kClients + "?limit=101").status, 422);
  EXPECT_EQ(host.get(kClients).json()["total"], 3);
  host.del(kClients + "/" + id(show("b@example.com")));
  EXPECT_EQ(host.get(kClients).json()["total"], 2);
}

TEST_F(Crm, no_list_asks_row_by_row) {
  const std::vector<std::string> lists{"/clients?query=guest", "/pipeline", "/stats", "/duplicates",
                                       "/clients?limit=100"};
  const auto fill = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      const Json client = add("guest" + std::to_string(i) + "@example.com", "Guest Alike");
      quote(client, "QT-" + std::to_string(i), 100);
    }
  };
  fill(0, 2);
  std::vector<std::int64_t> few, many;
  for (const auto& list : lists) few.push_back(statements(kCrm + list));
  fill(2, 40);
  const std::string of_one = kClients + "/" + id(show("guest0@example.com"));
  for (const auto& list : lists) many.push_back(statements(kCrm + list));
  EXPECT_EQ(few, many);
  EXPECT_EQ(many, (std::vector<std::int64_t>{2, 2, 3, 2, 2}));
  for (int i = 0; i < 30; ++i)
    host.post(of_one + "/activities", {{"activity_type", "note"}, {"description", "Hello"}});
  EXPECT_EQ(statements(of_one + "/activities?limit=100"), 2);
  EXPECT_EQ(statements(of_one + "/history?limit=100"), 2);
}

TEST_F(Crm, a_change_is_in_the_history_with_who_and_what) {
  const Json client = add("anna@example.com", "Anna");
  be("bert");
  host.advance(std::chrono::seconds(1));
  const auto path = kClients + "/" + id(client);
  EXPECT_EQ(data(host.patch(path, {{"name", "Anna Berg"}, {"phone", "0821234567"}}))["name"],
            "Anna Berg");
  const Json entry = history(client)[0];
  EXPECT_EQ(entry["user_id"], "bert");
  EXPECT_EQ(entry["changes"]["name"], (Json{{"from", "Anna"}, {"to", "Anna Berg"}}));
  EXPECT_EQ(entry["changes"]["phone"], (Json{{"from", nullptr}, {"to", "0821234567"}}));
  EXPECT_EQ(found("berg"), Names{"Anna Berg"});
  host.patch(path, {{"name", "Anna Berg"}});
  EXPECT_EQ(history(client).size(), 2) << "nothing changed, nothing is told";
  EXPECT_EQ(data(host.patch(path, {{"phone", nullptr}}))["phone"], nullptr);
  EXPECT_THAT(found("0821234567"), IsEmpty());
  EXPECT_EQ(host.patch(path, Json::object()).status, 422);
  EXPECT_EQ(events(), (Names{"crm.client.added", "crm.client.changed", "crm.client.changed"}));
}

TEST_F(Crm, an_address_changes_and_is_nobody_elses) {
  const Json anna = add("anna@example.com", "Anna");
  add("bob@example.com", "Bob");
  const auto path = kClients + "/" + id(anna);
  EXPECT_EQ(host.patch(path, {{"email", "bob@example.com"}}).code(), "email_taken");
  EXPECT_EQ(data(host.patch(path, {{"email", "Anna@new.example"}}))["email"], "anna@new.example");
  EXPECT_EQ(found("new"), Names{"Anna"});
  EXPECT_EQ(host.post(kClients, {{"email", "anna@example.com"}, {"name", "Annabel"}}).status, 201);
}

TEST_F(Crm, a_stage_is_set_and_logged) {
  const Json client = add("anna@example.com", "Anna");
  const auto path = kClients + "/" + id(client) + "/stage";
  const Json answer = host.patch(path, {{"stage", "BOOKED"}}).json();
  EXPECT_EQ(answer["stage"], "BOOKED");
  EXPECT_EQ(activities(client)[0]["activity_type"], "stage_change");
  EXPECT_EQ(activities(client)[0]["metadata"], (Json{{"from", "QUOTED"}, {"to", "BOOKED"}}));
  EXPECT_FALSE(show(id(client))["last_activity"].is_null());
  EXPECT_EQ(host.patch(path, {{"stage", "BOOKED"}}).status, 200);
  EXPECT_EQ(activities(client).size(), 1);
  EXPECT_EQ(host.patch(path, {{"stage", "booked"}}).status, 422);
  EXPECT_EQ(events().back(), "crm.client.stage_changed");
}

TEST_F(Crm, activities_by_either_id) {
  const Json client = add("anna@example.com", "Anna");
  for (const auto& reference : {id(client), client["id"].get<std::string>()}) {
    host.advance(std::chrono::seconds(1));
    const auto path = kClients + "/" + reference + "/activities";
    const auto reply = host.post(path, {{"activity_type", "call"},
                                        {"description", "Rang " + reference},
                                        {"metadata", {{"minutes", 3}}}});
    EXPECT_EQ(reply.status, 201) << reply.body;
    EXPECT_EQ(data(host.get(path))[0]["description"], "Rang " + reference);
    EXPECT_EQ(data(host.get(path))[0]["metadata"]["minutes"], 3);
  }
  const std::string last = activities(client)[0]["id"];
  EXPECT_EQ(host.del(kClients + "/" + id(client) + "/activities/" + last).status, 200);
  EXPECT_EQ(host.del(kClients + "/" + id(client) + "/activities/" + last).status, 404);
  EXPECT_EQ(show(id(client))["last_activity"], activities(client)[0]["created_at"]);
}

TEST_F(Crm, a_deleted_client_leaves_nothing) {
  const Json client = add("anna@example.com", "Anna");
  quote(client, "QT-1", 100);
  EXPECT_EQ(host.del(kClients + "/" + id(client)).status, 200);
  for (const char* table : {"clients", "keys", "words", "quote_values", "activities", "changes"})
    EXPECT_EQ(count(std::string("crm_") + table), 0) << table;
  EXPECT_EQ(host.del(kClients + "/" + id(client)).status, 404);
  EXPECT_EQ(events().back(), "crm.client.deleted");
}

TEST_F(Crm, another_tenant_reaches_nothing) {
  const Json client = add("anna@example.com", "Quetzal", {{"phone", "0821234567"}});
  const auto path = kClients + "/" + id(client);
  host.tenant("other");
  be("mallory");
  for (const auto& reply :
       {host.get(path), host.get(kClients + "/" + client["id"].get<std::string>()),
        host.get(path + "/activities"), host.get(path + "/history"),
        host.patch(path, {{"name", "Taken"}}), host.patch(path + "/stage", {{"stage", "LOST"}}),
        host.post(path + "/merge", {{"client_id", id(client)}}), host.del(path)}) {
    EXPECT_EQ(reply.status, 404) << reply.body;
    EXPECT_THAT(reply.body, Not(HasSubstr("Quetzal")));
  }
  EXPECT_THAT(found("quetzal"), IsEmpty());
  EXPECT_EQ(host.get(kClients).json()["total"], 0);
  for (const char* route : {"/pipeline", "/stats", "/duplicates", "/export"})
    EXPECT_THAT(host.get(kCrm + route).body, Not(HasSubstr("quetzal"))) << route;
  EXPECT_EQ(data(host.get(kCrm + "/stats"))["total_clients"], 0);
  EXPECT_THROW(quote(client, "QT-1", 5), Problem);
  host.tenant("acme");
  EXPECT_EQ(show(id(client))["name"], "Quetzal");
}

}  // namespace
}  // namespace crm_test
