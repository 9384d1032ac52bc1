// multipart/form-data: what is taken, what is refused, and that no split changes it.
#include "http/multipart.hpp"

#include <gtest/gtest.h>

#include "http/multipart_fields.hpp"
#include "http/spooled_file.hpp"

namespace host::http {
namespace {

struct Collector : MultipartSink {
  bool on_part(MultipartPart part) override {
    parts.push_back({part.name, part.filename.value_or("-"), part.content_type, ""});
    return wanted;
  }
  bool on_bytes(std::string_view bytes) override {
    parts.back()[3].append(bytes);
    return true;
  }
  bool on_part_end() override {
    ++ended;
    return true;
  }
  std::vector<std::array<std::string, 4>> parts;
  std::size_t ended = 0;
  bool wanted = true;
};

const std::string kForm =
    "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
    "--b\r\nContent-Disposition: form-data; name=f; filename=\"C:\\dir\\x.txt\"\r\nContent-Type: "
    "text/plain\r\n\r\n"
    "line\r\n--not the boundary\r\n-\r\n--\r\n\r\n--b--\r\n";

Fault parse(const std::vector<std::string_view>& pieces, Collector& collector,
            const MultipartLimits& limits = {}) {
  MultipartParser parser("b", collector, limits);
  for (const auto piece : pieces) {
    if (!parser.feed(piece)) return parser.fault();
  }
  parser.finish();
  return parser.fault();
}

TEST(Multipart, hands_over_parts_and_bytes) {
  Collector collector;
  EXPECT_EQ(parse({kForm}, collector).status, 0);
  ASSERT_EQ(collector.parts.size(), 3u);
  EXPECT_EQ(collector.ended, 3u);
  EXPECT_EQ(collector.parts[0], (std::array<std::string, 4>{"a", "-", "", "value"}));
  EXPECT_EQ(collector.parts[1], (std::array<std::string, 4>{"empty", "-", "", ""}));
  EXPECT_EQ(collector.parts[2],
            (std::array<std::string, 4>{"f", "x.txt", "text/plain",
                                        "line\r\n--not the boundary\r\n-\r\n--\r\n"}));
}

TEST(Multipart, is_of_one_mind_however_the_bytes_are_split) {
  Collector whole;
  parse({kForm}, whole);
  for (std::size_t split = 0; split <= kForm.size(); ++split) {
    Collector collector;
    const std::string_view form = kForm;
    ASSERT_EQ(parse({form.substr(0, split), form.substr(split)}, collector).status, 0) << split;
    ASSERT_EQ(collector.parts, whole.parts) << split;
  }
  Collector bytewise;
  std::vector<std::string_view> pieces;
  for (std::size_t index = 0; index < kForm.size(); ++index)
    pieces.push_back(std::string_view(kForm).substr(index, 1));
  EXPECT_EQ(parse(pieces, bytewise).status, 0);
  EXPECT_EQ(bytewise.parts, whole.parts);
}

TEST(Multipart, refuses_what_is_malformed) {
  const std::string part = "Content-Disposition: form-data; name=a\r\n\r\nx\r\n";
  for (const auto& bad :
       {std::string(), std::string("x"), "preamble\r\n--b\r\n" + part + "--b--", "--b\r\n" + part,
        "--b\r\n" + part + "--b", "--bX\r\n" + part + "--b--", "--b \r\n" + part + "--b--",
        "--b\n" + part + "--b--", std::string("--b\r\n\r\nx\r\n--b--"),
        std::string("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
        std::string("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"),
        "--b\r\nContent-Disposition: form-data; name=b\r\n" + part + "--b--",
        "--b\r\nContent-Transfer-Encoding: base64\r\n" + part + "--b--",
        "--b\r\nno colon\r\n" + part + "--b--", "--b\r\nX: a\n" + part + "--b--",
        std::string("--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--")}) {
    Collector collector;
    EXPECT_EQ(parse({bad}, collector).status, 400) << bad;
  }
}

TEST(Multipart, keeps_to_its_limits) {
  const auto field = [](std::size_t size) {
    return "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n" + std::string(size, 'x') +
           "\r\n";
  };
  MultipartLimits limits;
  limits.parts = 2;
  limits.field_bytes = 10;
  limits.header_bytes = 100;
  Collector collector;
  EXPECT_EQ(parse({field(10) + field(10) + "--b--"}, collector, limits).status, 0);
  EXPECT_EQ(parse({field(11) + "--b--"}, collector, limits).code, "part_too_large");
  EXPECT_EQ(parse({field(1) + field(1) + field(1) + "--b--"}, collector, limits).code,
            "too_many_parts");
  EXPECT_EQ(parse({"--b\r\nX: " + std::string(200, 'x')}, collector, limits).code,
            "part_header_too_large");
}

TEST(Multipart, stops_when_its_sink_has_enough) {
  Collector collector;
  collector.wanted = false;
  EXPECT_EQ(parse({kForm}, collector).code, "aborted");
  EXPECT_EQ(collector.parts.size(), 1u);
}

TEST(Multipart, finds_the_boundary) {
  EXPECT_EQ(MultipartParser::boundary_of("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(MultipartParser::boundary_of("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""),
            "a b");
  for (const char* bad :
       {"", "text/plain; boundary=a", "multipart/form-data", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"a", "multipart/form-data; boundary=\"a\x01\""}) {
    EXPECT_FALSE(MultipartParser::boundary_of(bad)) << bad;
  }
  EXPECT_FALSE(
      MultipartParser::boundary_of("multipart/form-data; boundary=" + std::string(71, 'a')));
}

TEST(Multipart, reads_a_spooled_body_in_blocks) {
  Request request;
  request.headers.add("Content-Type", "multipart/form-data; boundary=b");
  request.spooled = std::make_shared<SpooledFile>();
  const std::string bytes(500'000, '-');
  request.spooled->append(
      "--b\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''%e2%82%ac.txt\r\n\r\n" +
      bytes + "\r\n--b--");
  Collector collector;
  EXPECT_EQ(parse_multipart(request, collector).status, 0);
  ASSERT_EQ(collector.parts.size(), 1u);
  EXPECT_EQ(collector.parts[0][1], "\xe2\x82\xac.txt");
  EXPECT_EQ(collector.parts[0][3], bytes);
  request.headers.set("Content-Type", "application/json");
  EXPECT_EQ(parse_multipart(request, collector).status, 415);
}

TEST(Multipart, makes_file_names_harmless) {
  EXPECT_EQ(bare_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(bare_file_name("a\\b\\c.txt"), "c.txt");
  EXPECT_EQ(bare_file_name(".."), "file");
  EXPECT_EQ(bare_file_name("dir/"), "file");
  EXPECT_EQ(bare_file_name(std::string("a\0b", 3)), "a_b");
  EXPECT_EQ(bare_file_name("\xff.txt"), "_.txt");
  EXPECT_EQ(bare_file_name(std::string(254, 'a') + "\xc3\xa4").size(), 254u);
  EXPECT_FALSE(decode_extended("iso-8859-1''%e4"));
  EXPECT_EQ(parse_parameters("form-data; name=\"a\\\"b%22c\"")->parameters.at(0).second, "a\"b\"c");
}

}  // namespace
}  // namespace host::http
