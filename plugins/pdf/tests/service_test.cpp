// The plugin in the fake host: service, preview, settings.
#include <serai/testing/fake_host.hpp>

#include "quote.hpp"

namespace pdf_test {
namespace {

class Pdf : public ::testing::Test {
 protected:
  Pdf() { host.as_user("alice", {"pdf.preview"}); }

  static constexpr auto kPreview = "/api/v1/pdf/preview";
  serai::testing::FakeHost host{serai_plugin_entry_v1};
};

Json bare() {
  Json json = document(Json::array({{{"type", "paragraph"}, {"text", "Jambo"}}}));
  json.erase("brand");
  return json;
}

TEST_F(Pdf, preview_is_the_document) {
  const auto reply = host.post(kPreview, bare());
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("content-type"), "application/pdf");
  EXPECT_NE(text_of(reply.body).find("Jambo"), std::string::npos);
  EXPECT_EQ(host.metric("documents_total"), 1);
}

TEST_F(Pdf, what_a_document_leaves_out_is_the_tenants) {
  host.set_setting("company_name", "Baobab Travel")
      .set_setting("company_address", "12 Harbour Road\nCape Town")
      .set_setting("page_size", "Letter")
      .set_setting("terms", "Prices hold for a week.");
  const auto pdf = host.post(kPreview, bare()).body;
  const auto text = text_of(pdf);
  for (const char* words : {"Baobab Travel", "12 Harbour Road", "Cape Town", "Prices hold"})
    EXPECT_NE(text.find(words), std::string::npos) << words;
  EXPECT_NE(facts_of(pdf).find("612 x 792"), std::string::npos);
  Json own = bare();
  own["brand"] = {{"name", "Acacia"}, {"page", "A4"}};
  const auto other = host.post(kPreview, own).body;
  EXPECT_EQ(text_of(other).find("Baobab"), std::string::npos);
  EXPECT_NE(facts_of(other).find("A4"), std::string::npos);
}

TEST_F(Pdf, preview_needs_its_permission_and_names_faults) {
  Json wrong = bare();
  wrong["content"][0]["colour"] = "red";
  const auto reply = host.post(kPreview, wrong);
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.json()["errors"][0]["pointer"], "/content/0/colour");
  host.as_user("bob", {});
  EXPECT_EQ(host.post(kPreview, bare()).status, 403);
}

TEST_F(Pdf, service_names_faults) {
  try {
    host.call_service("pdf.render/1", {{"title", "x"}});
    FAIL();
  } catch (const serai::Problem& problem) {
    EXPECT_EQ(problem.status, 422);
    EXPECT_EQ(problem.errors.at(0).pointer, "/language");
  }
}

}  // namespace
}  // namespace pdf_test
