// Documents as PDFs through the real host, in its process and in one of their own.
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/running_host.hpp"

namespace serai_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Pdf : public testing::TestWithParam<const char*> {
 protected:
  RunningHost::Options options() const {
    RunningHost::Options out;
    out.plugins = {"pdf"};
    out.profile["plugins"]["enabled"] = {{{"id", "pdf"},
                                          {"placement", GetParam()},
                                          {"settings", {{"company_name", "Baobab Travel"}}}}};
    return out;
  }
  static json quote() {
    return {
        {"title", "Quote QT-1"},
        {"language", "en"},
        {"date", "2026-11-22"},
        {"content",
         json::array({{{"type", "heading"}, {"text", "Zanzibar"}},
                      {{"type", "list"}, {"items", {"山田太郎", "محمد", "יעל", "สมชาย ใจดี"}}}})}};
  }
  std::string text_of(const std::string& pdf) {
    const auto file = host_.directory() / "quote.pdf";
    write_file(file, pdf);
    auto text = shell("pdftotext " + file.string() + " -").output;
    // poppler takes a wide letter's side for a space between two words.
    std::erase(text, ' ');
    return text;
  }

  RunningHost host_{options()};
};

TEST_P(Pdf, has_every_script_and_the_tenants_name) {
  const auto owner = host_.make_tenant("baobab");
  const auto reply = host_.client(owner).post("/api/v1/pdf/preview", quote());
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto text = text_of(reply.body);
  for (const char* words :
       {"BaobabTravel", "Zanzibar", "山田太郎", "محمد", "יעל", "สมชาย", "Page1of1"})
    EXPECT_THAT(text, HasSubstr(words));
  const auto wrong =
      host_.client(owner).post("/api/v1/pdf/preview", {{"title", "x"}, {"language", "en"}});
  EXPECT_EQ(wrong.status, 422);
}

TEST_P(Pdf, is_the_same_for_all_who_ask_at_once_and_after_a_reload) {
  const auto client = host_.client(host_.make_tenant("baobab"));
  const auto ask = [&] { return client.post("/api/v1/pdf/preview", quote()).body; };
  const auto expected = ask();
  const auto check = [&] {
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 8; ++i) answers.push_back(std::async(std::launch::async, ask));
    for (auto& answer : answers) EXPECT_EQ(answer.get(), expected);
  };
  check();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(host_.run({"plugin", "reload", "pdf"}).status, 0);
  check();
}

INSTANTIATE_TEST_SUITE_P(Placements, Pdf, testing::Values("in-process", "isolated"),
                         [](const auto& one) {
                           return std::string(one.param) == "isolated" ? "isolated" : "in_process";
                         });

}  // namespace
}  // namespace serai_test
