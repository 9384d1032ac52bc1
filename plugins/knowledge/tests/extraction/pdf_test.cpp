// PDFs through the real reader.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <serai/testing/program.hpp>

#include "extraction/extract.hpp"
#include "files.hpp"
#include "shapes.hpp"

namespace knowledge {
namespace {

using knowledge_test::deflated_run;
using knowledge_test::pdf_of;
using knowledge_test::pdf_with_stream;
using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::string& bytes, const ExtractionLimits& limits = {}) {
  try {
    extract_pdf(bytes, limits, serai::testing::run_program);
  } catch (const ExtractionError& error) {
    return error.what();
  }
  return "taken";
}

TEST(Pdf, text_of_all_pages_is_read) {
  const auto text = extract_pdf(
      pdf_of({{"DEPOSITS"}, {"The deposit is 30 % of the price (land", "arrangements only)."}}), {},
      serai::testing::run_program);
  EXPECT_THAT(shapes(text), ElementsAre("h1 DEPOSITS",
                                        "p The deposit is 30 % of the price (land arrangements "
                                        "only)."));
}

TEST(Pdf, with_more_pages_than_allowed_is_refused_and_not_cut) {
  ExtractionLimits limits;
  limits.pages = 10;
  std::vector<std::vector<std::string>> pages(11, {"A page."});
  EXPECT_THAT(refusal(pdf_of(pages), limits), HasSubstr("more than 10 pages"));
  pages.resize(10);
  EXPECT_EQ(refusal(pdf_of(pages), limits), "taken");
}

TEST(Pdf, of_ten_thousand_pages_is_refused_at_the_usual_limit) {
  EXPECT_THAT(refusal(pdf_of(std::vector<std::vector<std::string>>(10'000, {"x"}))),
              HasSubstr("more than 2000 pages"));
}

TEST(Pdf, that_unpacks_to_a_thousand_times_its_size_is_stopped) {
  ExtractionLimits limits;
  limits.child_cpu_seconds = 1;
  const std::string bomb = pdf_with_stream(deflated_run('1', 512U << 20), "/FlateDecode");
  EXPECT_LT(bomb.size(), 1U << 20);
  EXPECT_THAT(refusal(bomb, limits), HasSubstr("refused"));
}

TEST(Pdf, damage_and_passwords_are_told) {
  EXPECT_THAT(refusal("%PDF-1.4\nnothing"), HasSubstr("damaged"));
}

}  // namespace
}  // namespace knowledge
