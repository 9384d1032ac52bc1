// A customer is written to in their own language: paper, page and mail in German and French, whose
// language it is, and who decides.
#include <functional>

#include "quotes_fixture.hpp"

namespace quotes_test {
namespace {

class Languages : public Quotes {
 protected:
  static Json anna_in(const std::string& language) { return {{"language", language}}; }
  std::string page_of(const std::string& link) {
    return host.request("GET", link, "", {{"accept", "text/html"}}).body;
  }
  // All texts of the last paper, a line each.
  std::string paper() {
    std::string text;
    const std::function<void(const Json&)> walk = [&](const Json& value) {
      if (value.is_string()) text += value.get<std::string>() + "\n";
      if (value.is_structured())
        for (const auto& member : value) walk(member);
    };
    walk(papers.back());
    return text;
  }
};

TEST_F(Languages, german_paper_mail_and_page) {
  options[0]["lines"].push_back(option("", 9)["lines"][0]);
  options[0]["missing"] = {"flights"};
  options[0]["exchange"] = {{"from", "USD"}, {"date", "2026-01-01"}};
  options[0]["lines"][1]["rule"] = "child";
  options[0]["lines"][1]["amount_minor"] = 0;
  host.set_setting("company_name", "Baobab Travel");
  const Json made = generate(Json::object(), {{"language", "de"}, {"children_ages", {8}}});
  EXPECT_EQ(papers[0]["language"], "de");
  EXPECT_EQ(papers[0]["title"], "Angebot " + id(made));
  EXPECT_EQ(papers[0]["page_label"], "Seite {page} von {pages}");
  for (const char* words :
       {"Ihre Reise: Zanzibar", "Erstellt für", "10. Juni 2026", "2 Erwachsene, 1 Kind (8)",
        "bis 15. Januar 2026", "Ihre Ansprechperson", "Option 2: Coral Bay",
        "Double, Halbpension, 7 Nächte, 4,5 Sterne", "Erwachsener im geteilten Zimmer, 7 Nächte",
        "24.691,34\u00a0ZAR", "Gesamtpreis", "Ohne Flüge: in diesem Preis nicht enthalten.",
        "Umgerechnet aus USD zum Wechselkurs vom 1. Januar 2026.", "Kind, 7 Nächte",
        "Angebot online ansehen und annehmen"})
    EXPECT_THAT(paper(), HasSubstr(std::string(words) + "\n"));

  const Json& mail = mails[0];
  EXPECT_EQ(mail["template"]["language"], "de");
  EXPECT_EQ(mail["data"]["language"], "de");
  EXPECT_EQ(mail["data"]["subject"], "Ihr Reiseangebot: Zanzibar – Baobab Travel");
  EXPECT_EQ(mail["data"]["greeting"], "Guten Tag Anna Berg,");
  EXPECT_EQ(mail["data"]["intro"], "vielen Dank für Ihre Anfrage. Hier ist Ihr Angebot " +
                                       id(made) +
                                       " für Zanzibar, 10. Juni 2026 bis 17. Juni 2026.");
  EXPECT_EQ(mail["data"]["total"], "20.000,50\u00a0ZAR");
  EXPECT_EQ(mail["data"]["valid"], "Gültig bis 15. Januar 2026.");
  EXPECT_EQ(mail["attachments"][0]["name"], "Angebot_" + id(made) + ".pdf");
  EXPECT_EQ(show(id(made))["language"], "de");
  EXPECT_EQ(notices[0]["title"], "New quote for Anna Berg") << "staff have their own";

  host.as_nobody();
  const auto link = mailed_link();
  const auto page = page_of(link);
  EXPECT_THAT(page, HasSubstr("<html lang=\"de\">"));
  for (const char* words :
       {"Zanzibar</h1>", "Für Anna Berg, 10. Juni 2026 bis 17. Juni 2026. Gültig bis",
        "Auswählen und annehmen", "Ablehnen", "Das Angebot als PDF", "Ohne Flüge",
        "Gesamtpreis ab 20.000,50\u00a0ZAR"})
    EXPECT_THAT(page, HasSubstr(words));
  const Json shown = good(host.get(link))["data"];
  EXPECT_EQ(shown["language"], "de");
  EXPECT_EQ(host.get(shown["pdf_url"].get<std::string>()).header("content-disposition"),
            "inline; filename=\"Angebot_" + id(made) + ".pdf\"")
      << "as it was attached";
  const std::string answer = shown["answer_url"];
  const auto accepted =
      host.request("POST", answer + "?answer=accept&option=1", "", {{"accept", "text/html"}});
  EXPECT_THAT(accepted.body, HasSubstr("Sie haben dieses Angebot angenommen."));
  EXPECT_THAT(accepted.body, HasSubstr("Coral Bay (Ihre Wahl)"));
  const auto late = host.request("POST", answer + "?answer=decline", "", {{"accept", "text/html"}});
  EXPECT_EQ(late.status, 409);
  EXPECT_THAT(late.body, HasSubstr("Sie haben dieses Angebot angenommen."));
}

TEST_F(Languages, french_paper_mail_and_page) {
  options = Json::array({option("Blue Heron Lodge", 123450, {{"nights", 1}, {"star_rating", 1}})});
  const Json made = generate({{"valid_until", "2026-06-01T15:00:00Z"}},
                             {{"language", "fr"}, {"destination", "Seychelles"}});
  for (const char* words :
       {"Votre voyage\u00a0: Seychelles", "Double, demi-pension, 1 nuit, 1 étoile",
        "1\u202f234,50\u00a0ZAR", "jusqu’au 1er juin 2026 à 17:00", "Établi pour"})
    EXPECT_THAT(paper(), HasSubstr(std::string(words) + "\n"));
  const Json& data = mails[0]["data"];
  EXPECT_EQ(data["subject"], "Votre devis de voyage\u00a0: Seychelles");
  EXPECT_EQ(data["intro"], "Nous vous remercions de votre demande. Voici votre devis " + id(made) +
                               " (Seychelles), du 10 juin 2026 au 17 juin 2026.");
  EXPECT_EQ(data["colon"], "\u00a0:");
  const auto page = page_of(mailed_link());
  EXPECT_THAT(page, HasSubstr(">Accepter</button>"));
  EXPECT_THAT(page, HasSubstr("Valable jusqu’au 1er juin 2026 à 17:00."));
  host.advance(std::chrono::hours(24 * 160));
  EXPECT_THAT(page_of(mailed_link()), HasSubstr("Ce devis n’est plus valable."));
}

TEST_F(Languages, of_items_and_of_what_was_assumed) {
  const Json body{
      {"inquiry",
       {{"name", "Cas"}, {"email", "cas@example.com"}, {"language", "nl"}, {"children", 1}}},
      {"line_items", {{{"type", "activity"}, {"name", "Cruise"}, {"price", 0.1}}}}};
  good(host.post(kQuotes + "/create-with-items", body));
  EXPECT_EQ(mails[0]["data"]["cards"][0]["details"], "activiteit");
  EXPECT_EQ(mails[0]["data"]["subject"], "Uw reisofferte");
  EXPECT_THAT(paper(), HasSubstr("Inbegrepen\n"));
  EXPECT_THAT(paper(), HasSubstr("U noemde geen aankomstdag in de toekomst; wij zijn uitgegaan van "
                                 "31 januari 2026. Wij weten niet"));
}

TEST_F(Languages, are_the_customers_where_known_else_the_tenants) {
  generate();
  EXPECT_EQ(papers.back()["language"], "en");
  host.set_setting("language", "it");
  generate();
  EXPECT_EQ(papers.back()["language"], "it");
  EXPECT_EQ(mails.back()["template"]["language"], "it");
  generate(Json::object(), {{"language", "pt"}});
  EXPECT_EQ(papers.back()["language"], "pt");
  generate(Json::object(), {{"language", nullptr}});
  EXPECT_EQ(papers.back()["language"], "it");
  host.set_setting("customer_language", false);
  const auto fixed = id(generate(Json::object(), {{"language", "pt"}}));
  EXPECT_EQ(papers.back()["language"], "it");
  EXPECT_EQ(show(fixed)["language"], "pt") << "known all the same";
  EXPECT_THAT(page_of(mailed_link()), HasSubstr("<html lang=\"it\">"));
  // Of another tenant's settings nothing is seen here.
  host.tenant("other");
  generate(Json::object(), {{"language", "pt"}});
  EXPECT_EQ(papers.back()["language"], "pt");
  generate();
  EXPECT_EQ(papers.back()["language"], "en");
}

TEST_F(Languages, of_a_draft_are_changed_and_what_was_sent_stays) {
  const auto quote = draft({{"language", "de"}});
  good(host.patch(kQuotes + "/" + quote, {{"nights", 3}}));
  EXPECT_EQ(show(quote)["language"], "de");
  EXPECT_EQ(edit(quote, {{"language", "es"}})["language"], "es");
  EXPECT_EQ(asked.size(), 2) << "words have no price";
  const auto wrong = host.patch(kQuotes + "/" + quote, {{"language", "xx"}});
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.json()["errors"][0]["pointer"], "/language");
  good(host.post(kQuotes + "/" + quote + "/send"));
  const auto before = papers.size();
  EXPECT_EQ(papers.back()["language"], "es");
  host.set_setting("customer_language", false);
  EXPECT_THAT(host.get(kQuotes + "/" + quote + "/pdf").body, HasSubstr("%PDF of Presupuesto"));
  EXPECT_EQ(papers.size(), before) << "the same paper for ever";
  EXPECT_EQ(edit(draft({{"language", "de"}}), {{"language", nullptr}})["language"], nullptr);
}

TEST_F(Languages, that_nobody_writes_are_refused_from_people_and_passed_over_from_plugins) {
  for (const char* language : {"en", "af", "de", "fr", "es", "pt", "it", "nl"})
    EXPECT_EQ(show(draft(anna_in(language)))["language"], language);
  for (const char* language : {"xx", "de-AT", "", "DE"}) {
    const auto reply = host.post(kQuotes + "/generate", {{"inquiry", anna(anna_in(language))}});
    EXPECT_EQ(reply.status, 422) << language;
    EXPECT_THAT(reply.body, HasSubstr("/language"));
  }
  host.as_nobody();
  host.set_setting("language", "af");
  Json wish{{"customer", {{"email", "dot@example.com"}, {"name", "Dot"}}},
            {"destination", "Zanzibar"},
            {"check_in", "2026-06-10"},
            {"nights", 7},
            {"mode", "send"}};
  const auto language_for = [&](const Json& language) {
    wish["language"] = language;
    wish["idempotency_key"] = "mail-" + std::to_string(mails.size());
    EXPECT_EQ(host.call_service("quotes.request/1", wish)["status"], "sent");
    return papers.back()["language"];
  };
  EXPECT_EQ(language_for("nl"), "nl");
  for (const Json& unknown : {Json("sw"), Json(7), Json(), Json("")})
    EXPECT_EQ(language_for(unknown), "af");
}

TEST_F(Languages, of_links_that_are_over_are_the_tenants) {
  const auto quote = sent();
  const auto link = mailed_link();
  host.set_setting("language", "de");
  good(host.patch(kQuotes + "/" + quote + "/status", {{"status", "cancelled"}}));
  const auto reply = host.request("GET", link, "", {{"accept", "text/html"}});
  EXPECT_EQ(reply.status, 404);
  EXPECT_THAT(reply.body, HasSubstr("Dieser Link ist nicht mehr gültig."));
  EXPECT_THAT(reply.header("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(host.get(link).code(), "link_invalid");
}

}  // namespace
}  // namespace quotes_test
