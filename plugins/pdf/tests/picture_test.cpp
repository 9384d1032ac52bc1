// Pictures, kind ones and hostile ones.
#include "picture.hpp"

#include "pictures.hpp"
#include "quote.hpp"

namespace pdf_test {
namespace {

Json image(const std::string& base64) {
  return document(
      Json::array({{{"type", "image"}, {"data", base64}, {"width_mm", 40}, {"alt", "Łodge"}}}));
}

std::string bytes_of(const char* base64) { return *pdf::decode_base64(base64); }

std::string fault_of_bytes(const std::string& bytes) {
  try {
    pdf::read_picture(bytes, "/p");
  } catch (const serai::Problem& problem) {
    return problem.errors.at(0).detail;
  }
  return "none";
}

TEST(Picture, of_both_kinds_is_in_the_file_with_words_for_it) {
  for (const char* one : {kPng, kJpeg}) {
    const auto pdf = render(image(one));
    EXPECT_NE(ask("pdfimages -list -", pdf).find("16     8"), std::string::npos)
        << ask("pdfimages -list -", pdf);
    EXPECT_NE(ask("pdfinfo -struct -", pdf).find("Figure"), std::string::npos);
    EXPECT_NE(pdf.find("/Alt <FEFF0141006F006400670065>"), std::string::npos);
    EXPECT_EQ(facts_of(pdf).find("Syntax"), std::string::npos);
  }
}

TEST(Picture, may_be_a_blob) {
  Json json = image("");
  json["content"][0].erase("data");
  json["content"][0]["blob"] = "sha-of-it";
  std::string asked;
  const auto document = pdf::read_document(json, {}, [&](const std::string& reference) {
    asked = reference;
    return bytes_of(kPng);
  });
  EXPECT_EQ(asked, "sha-of-it");
  EXPECT_EQ(std::get<pdf::Figure>(document.content.at(0)).picture.width, 16);
  json["content"][0]["data"] = kPng;  // one or the other
  EXPECT_EQ(fault_of(json), "/content/0/data");
}

TEST(Picture, leaves_behind_where_a_photo_was_taken) {
  ASSERT_NE(bytes_of(kJpeg).find("PLACE-OF-THE-PHOTO"), std::string::npos);
  const auto picture = pdf::read_picture(bytes_of(kJpeg), "/p");
  EXPECT_EQ(picture.bytes.find("PLACE"), std::string::npos);
  EXPECT_EQ(picture.bytes.find("COMMENT"), std::string::npos);
  EXPECT_EQ(picture.width, 16);
  EXPECT_EQ(picture.height, 8);
}

TEST(Picture, of_another_kind_is_refused) {
  EXPECT_NE(fault_of_bytes("GIF89a").find("neither"), std::string::npos);
  EXPECT_NE(fault_of_bytes("<svg/>").find("neither"), std::string::npos);
  EXPECT_NE(fault_of_bytes("").find("neither"), std::string::npos);
  EXPECT_NE(fault_of_bytes(bytes_of(kCmykJpeg)).find("RGB"), std::string::npos);
  EXPECT_NE(fault_of_bytes(std::string(pdf::kMaxPictureBytes + 1, 'x')).find("4 MiB"),
            std::string::npos);
  EXPECT_EQ(fault_of(image("not base64")), "/content/0/data");
}

// Forty bytes that would become 400 megabytes.
TEST(Picture, that_promises_too_many_pixels_is_refused_before_it_is_decoded) {
  auto png = bytes_of(kPng);
  png[17] = png[21] = 0x01;  // 65552 x 65544
  EXPECT_NE(fault_of_bytes(png).find("at most 8000"), std::string::npos);
  auto jpeg = bytes_of(kJpeg);
  const auto frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg[frame + 5] = jpeg[frame + 7] = '\xFF';
  EXPECT_NE(fault_of_bytes(jpeg).find("at most 8000"), std::string::npos);
}

// Cut anywhere, any byte changed: a fault or a picture, never anything else. Every ninth is drawn.
TEST(Picture, that_is_broken_is_a_fault_or_a_picture) {
  for (const char* one : {kPng, kJpeg}) {
    const auto whole = bytes_of(one);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      fault_of_bytes(whole.substr(0, i));
      auto changed = whole;
      changed[i] = static_cast<char>(~changed[i]);
      if (fault_of_bytes(changed) != "none" || i % 9 != 0) continue;
      pdf::Document broken = read(document(Json::array()));
      pdf::Figure figure;
      figure.picture = pdf::read_picture(changed, "/p");
      broken.content.push_back(figure);
      static pdf::Engine engine;
      try {
        EXPECT_TRUE(engine.render(broken, [] {}).starts_with("%PDF-")) << i;
      } catch (const serai::Problem& problem) {
        EXPECT_EQ(problem.status, 422) << i;
      }
    }
    EXPECT_NE(fault_of_bytes(whole.substr(0, 20)), "none");
  }
}

}  // namespace
}  // namespace pdf_test
