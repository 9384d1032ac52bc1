// What other plugins do with clients, values, pipeline, duplicates.
#include "crm_fixture.hpp"

namespace crm_test {
namespace {

TEST_F(Crm, a_plugin_gets_or_makes_a_client) {
  host.as_nobody();
  const Json request{{"email", "Anna@example.com"}, {"name", "Anna"}, {"source", "email"}};
  const Json made = host.call_service("crm.ensure_client/1", request);
  EXPECT_EQ(made["created"], true);
  EXPECT_EQ(made["client"]["source"], "email");
  const Json again = host.call_service("crm.ensure_client/1", request);
  EXPECT_EQ(again["created"], false);
  EXPECT_EQ(again["client"]["id"], made["client"]["id"]);
  EXPECT_THROW(host.call_service("crm.ensure_client/1", {{"email", "x"}, {"name", "Y"}}), Problem);
}

TEST_F(Crm, an_activity_with_a_key_is_recorded_once) {
  const Json client = add("anna@example.com", "Anna");
  const Json request{{"client", client["client_id"]},
                     {"activity_type", "email"},
                     {"description", "Quote mailed"},
                     {"once_key", "mail-1"}};
  const Json first = host.call_service("crm.add_activity/1", request);
  EXPECT_EQ(host.call_service("crm.add_activity/1", request), first);
  EXPECT_EQ(activities(client).size(), 1);
  EXPECT_THROW(host.call_service("crm.set_stage/1", {{"client", "CLI-0"}, {"stage", "PAID"}}),
               Problem);
  EXPECT_THROW(host.call_service("crm.set_stage/1", {{"client", id(client)}, {"stage", "X"}}),
               Problem);
  const Json paid =
      host.call_service("crm.set_stage/1", {{"client", id(client)}, {"stage", "PAID"}});
  EXPECT_EQ(paid["client"]["pipeline_stage"], "PAID");
}

TEST_F(Crm, quotes_make_value_and_stage) {
  const Json client = add("anna@example.com", "Anna");
  Json answer = quote(client, "QT-1", 1234567);
  EXPECT_EQ(answer["new"], true);
  EXPECT_EQ(answer["client"]["pipeline_stage"], "QUOTED");
  EXPECT_EQ(answer["client"]["value"].dump(), "12345.67");
  answer = quote(client, "QT-2", 50);
  EXPECT_EQ(answer["client"]["pipeline_stage"], "NEGOTIATING");
  EXPECT_EQ(answer["client"]["value"].dump(), "0.5") << "the latest quote's";
  EXPECT_EQ(answer["client"]["quote_count"], 2);
  answer = quote(client, "QT-1", 1000);  // changed afterwards
  EXPECT_EQ(answer["new"], false);
  EXPECT_EQ(answer["client"]["value"].dump(), "0.5");
  EXPECT_EQ(answer["client"]["quote_count"], 2);
  EXPECT_EQ(activities(client).size(), 3) << "two quotes and a stage";
  EXPECT_EQ(data(host.get(kCrm + "/pipeline"))["NEGOTIATING"]["value"].dump(), "10.5");
  EXPECT_EQ(history(client)[0]["cause"], "quoted");
  const Json other = add("bob@example.com", "Bob");
  EXPECT_THROW(quote(other, "QT-1", 1), Problem);
  EXPECT_THROW(quote(other, "QT-9", -1), Problem);
  EXPECT_THROW(quote(other, "QT-9", 1, "rand"), Problem);
  EXPECT_EQ(count("crm_quote_values"), 2);
}

TEST_F(Crm, sums_never_mix_currencies_and_leave_out_what_is_over) {
  quote(add("a@example.com", "Ann"), "QT-1", 10);
  quote(add("b@example.com", "Bob"), "QT-2", 20);
  quote(add("c@example.com", "Cas"), "QT-3", 7, "EUR");
  const Json lost = add("d@example.com", "Dot", {{"source", "web"}});
  quote(lost, "QT-4", 4000);
  host.patch(kClients + "/" + id(lost) + "/stage", {{"stage", "LOST"}});
  const Json pipeline = host.get(kCrm + "/pipeline/summary").json();
  EXPECT_EQ(pipeline["data"].size(), 6);
  EXPECT_EQ(pipeline["currency"], "ZAR");
  EXPECT_EQ(pipeline["data"]["QUOTED"]["count"], 3);
  EXPECT_EQ(pipeline["data"]["QUOTED"]["value"].dump(), "0.3");
  EXPECT_EQ(pipeline["data"]["QUOTED"]["values"].dump(), R"({"EUR":0.07,"ZAR":0.3})");
  EXPECT_EQ(pipeline["data"]["LOST"]["count"], 1);
  EXPECT_EQ(pipeline["data"]["LOST"]["value"], 0);
  const Json stats = data(host.get(kCrm + "/stats"));
  EXPECT_EQ(stats["total_clients"], 4);
  EXPECT_EQ(stats["total_value"].dump(), "0.3");
  EXPECT_EQ(stats["by_stage"]["LOST"], 1);
  EXPECT_EQ(stats["by_source"], (Json{{"manual", 3}, {"web", 1}}));
  host.set_setting("currency", "EUR");
  EXPECT_EQ(data(host.get(kCrm + "/stats"))["total_value"].dump(), "0.07");
}

TEST_F(Crm, duplicates_are_named_and_merged) {
  const Json kept = add("anna@example.com", "Anna Berg", {{"notes", "Likes trains"}});
  const Json other = add("aberg@work.example", "BERG, Anna",
                         {{"phone", "+27 82 555 0101"}, {"notes", "Vegetarian"}});
  add("bob@example.com", "Bob", {{"phone", "082 555 0101"}});
  const Json groups = data(host.get(kCrm + "/duplicates"));
  ASSERT_EQ(groups.size(), 2);
  EXPECT_EQ(groups[0]["reason"], "phone");
  EXPECT_EQ(groups[1]["reason"], "name");
  EXPECT_EQ(groups[1]["count"], 2);
  EXPECT_EQ(groups[1]["clients"][0]["id"], kept["id"]);

  quote(kept, "QT-1", 100);
  quote(other, "QT-2", 200);
  const auto path = kClients + "/" + id(kept) + "/merge";
  EXPECT_EQ(host.post(path, {{"client_id", id(kept)}}).status, 422);
  const Json merged = data(host.post(path, {{"client_id", id(other)}}));
  EXPECT_EQ(merged["id"], kept["id"]);
  EXPECT_EQ(merged["phone"], "+27 82 555 0101");
  EXPECT_EQ(merged["notes"], "Likes trains\n\nVegetarian");
  EXPECT_EQ(merged["value"], 2);
  EXPECT_EQ(merged["quote_count"], 2);
  for (const std::string& reference :
       {id(other), other["id"].get<std::string>(), std::string("aberg@work.example")})
    EXPECT_EQ(show(reference)["id"], kept["id"]) << reference;
  EXPECT_EQ(show(id(kept))["other_emails"], Json::array({"aberg@work.example"}));
  EXPECT_EQ(found("work"), Names{"Anna Berg"});
  EXPECT_EQ(host.post(kClients, {{"email", "aberg@work.example"}, {"name", "Anna"}}).status, 200);
  EXPECT_EQ(activities(kept).size(), 2) << "of both";
  EXPECT_THAT(history(kept).dump(), HasSubstr("BERG, Anna"));
  EXPECT_EQ(count("crm_clients"), 2);
  EXPECT_EQ(host.events().back().payload["merged_client_id"], other["client_id"]);
}

}  // namespace
}  // namespace crm_test
