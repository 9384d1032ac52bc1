// S3's XML, and what is not S3's XML.
#include "s3/answers.hpp"

#include <gtest/gtest.h>

namespace host::s3 {
namespace {

TEST(Answers, lists_objects_whatever_their_names) {
  const auto page = read_objects(
      R"(<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
      <IsTruncated>true</IsTruncated><NextContinuationToken>1+/=</NextContinuationToken>
      <Contents><Key>a &amp; b/&#233;</Key><Size>12</Size></Contents>
      <Contents><Size>0</Size><Key>z</Key></Contents></ListBucketResult>)");
  ASSERT_EQ(page.objects.size(), 2U);
  EXPECT_EQ(page.objects[0].key, "a & b/\u00e9");
  EXPECT_EQ(page.objects[0].size, 12U);
  EXPECT_EQ(page.objects[1].key, "z");
  EXPECT_EQ(page.next, "1+/=");
}

TEST(Answers, refuses_what_is_no_answer_of_s3) {
  for (const char* junk :
       {"", "not XML", "<html><body>Login</body></html>", "<ListBucketResult>", "<a/><b/>",
        "<ListBucketResult><Contents><Key>a</Key><Size>many</Size></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    EXPECT_THROW((void)read_objects(junk), BadAnswer) << junk;
    EXPECT_EQ(read_error(junk).code, "") << junk;
  }
  EXPECT_THROW((void)read_upload_id("<InitiateMultipartUploadResult/>"), BadAnswer);
  EXPECT_THROW((void)read_completed("<Other/>"), BadAnswer);
}

TEST(Answers, expands_no_entity_and_reads_no_file) {
  const std::string with_file =
      R"(<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
      <Error><Code>&f;</Code><Message>m</Message></Error>)";
  EXPECT_EQ(read_error(with_file).code, "");
  std::string bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string before = std::string("&") + static_cast<char>(c - 1) + ";";
    bomb += std::string("<!ENTITY ") + c + " \"";
    for (int i = 0; i < 10; ++i) bomb += before;
    bomb += "\">";
  }
  EXPECT_EQ(read_error(bomb + "]><Error><Code>&j;</Code></Error>").code, "");
}

TEST(Answers, knows_a_completion_that_failed_after_200) {
  EXPECT_EQ(read_completed("<Error><Code>InternalError</Code></Error>").code, "InternalError");
  EXPECT_EQ(read_completed("<CompleteMultipartUploadResult><ETag>x</ETag>"
                           "</CompleteMultipartUploadResult>")
                .code,
            "");
}

TEST(Answers, names_parts_in_order) {
  EXPECT_EQ(parts_document({"\"a\"", "<&>"}),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>&lt;&amp;&gt;</ETag></Part>"
            "</CompleteMultipartUpload>");
}

}  // namespace
}  // namespace host::s3
