// Files made to hurt: each ends as failed with a sentence for people, and the plugin goes on.
#include "knowledge_fixture.hpp"

namespace knowledge_test {
namespace {

const std::string kOpen =
    "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">"
    "<w:body><w:p><w:r><w:t>";
const std::string kClose = "</w:t></w:r></w:p></w:body></w:document>";

class Hostile : public Knowledge {
 protected:
  // `part`: of the sentence that says why.
  void fails(const std::string& name, const std::string& bytes, const std::string& part) {
    const std::string id = add(name, bytes);
    const Json document = show(id);
    EXPECT_EQ(document["status"], "failed") << document.dump();
    EXPECT_EQ(document["chunk_count"], 0);
    EXPECT_TRUE(document["indexed_at"].is_null());
    ASSERT_TRUE(document["error"].is_string()) << document.dump();
    const std::string error = document["error"];
    EXPECT_NE(error.find(part), std::string::npos) << error;
    EXPECT_TRUE(error.ends_with('.')) << error;
    EXPECT_EQ(error.find('/'), std::string::npos) << error;
    // The file's fault is not tried again.
    for (const auto& job : host.jobs()) {
      EXPECT_EQ(job.state, "done") << job.kind << ": " << job.last_error;
      EXPECT_EQ(job.attempts, 1U);
    }
    EXPECT_EQ(count("knowledge_chunks"), 0);
    EXPECT_TRUE(host.events().empty());
    EXPECT_EQ(host.metric("documents_failed_total"), 1);
    // Afterwards everything works.
    EXPECT_EQ(found("heron"), Ids{});
    const std::string good = add("good.txt", "The heron sleeps.");
    EXPECT_EQ(found("heron"), Ids{good});
  }
};

TEST_F(Hostile, a_packed_bomb_is_refused) {
  fails("bomb.docx", docx_with(kOpen + std::string(16U << 20, 'a') + kClose),
        "unpacks to far more");
}

TEST_F(Hostile, a_bomb_in_the_styles_is_refused) {
  fails("bomb.docx",
        zip_of({{"word/styles.xml", "<s>" + std::string(16U << 20, ' ') + "</s>"},
                {"word/document.xml", kOpen + "x" + kClose}}),
        "unpacks to far more");
}

TEST_F(Hostile, a_document_of_too_many_parts_is_refused) {
  Entries entries{{"word/document.xml", kOpen + "x" + kClose}};
  for (int i = 0; i < 4001; ++i) entries.emplace_back("p" + std::to_string(i), "");
  fails("many.docx", zip_of(entries), "more parts");
}

TEST_F(Hostile, broken_xml_is_refused) {
  fails("broken.docx", docx_with(kOpen + "text</w:p></w:document>"), "XML is broken");
}

TEST_F(Hostile, xml_that_ends_early_is_refused) {
  fails("short.docx", docx_with(kOpen + "text"), "XML is broken");
}

TEST_F(Hostile, entities_of_the_file_are_refused) {
  fails("entities.docx",
        docx_with("<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY f SYSTEM "
                  "\"file:///etc/hostname\">]><d>&b;&f;</d>"),
        "entities");
}

std::string nested(int depth) {
  std::string open, close;
  for (int i = 0; i < depth; ++i) open += "<a>", close += "</a>";
  return docx_with(open + "x" + close);
}

TEST_F(Hostile, deep_nesting_is_refused) { fails("deep.docx", nested(230), "too deeply"); }

// Beyond 256 the XML reader gives up by itself, before ours sees that depth.
TEST_F(Hostile, very_deep_nesting_is_refused) { fails("deep.docx", nested(50'000), "too deeply"); }

TEST_F(Hostile, a_document_cut_off_is_refused) {
  const std::string whole = docx_of("Heading", "Text.");
  fails("cut.docx", whole.substr(0, whole.size() - 30), "damaged");
}

TEST_F(Hostile, a_document_without_text_is_refused) {
  fails("none.docx", docx_with(kOpen + kClose), "holds no text");
}

TEST_F(Hostile, a_pdf_of_rubbish_is_refused) {
  std::string rubbish = "%PDF-1.7\n";
  unsigned seed = 1;
  for (int i = 0; i < 50'000; ++i) rubbish += static_cast<char>((seed = seed * 1664525 + 7) >> 24);
  fails("rubbish.pdf", rubbish, "The PDF");
}

TEST_F(Hostile, a_pdf_cut_off_is_refused) {
  fails("cut.pdf", pdf_of("The text of the page.").substr(0, 40), "The PDF");
}

TEST_F(Hostile, a_pdf_without_text_says_that_it_is_a_scan) {
  fails("scan.pdf", pdf_of(""), "text recognition");
}

TEST_F(Hostile, a_text_that_turns_binary_is_refused) {
  fails("late.txt", std::string(100'000, 'a') + std::string(1000, '\0'), "not text");
}

TEST_F(Hostile, white_space_alone_is_refused) { fails("blank.txt", " \n\t\r\n ", "no text"); }

TEST_F(Hostile, more_text_than_one_file_may_hold_is_refused) {
  std::string text;
  while (text.size() < (17U << 20)) text += std::string(1000, 'y') + "\n\n";
  fails("long.txt", text, "split it");
}

TEST_F(Hostile, a_page_too_large_is_refused) {
  fails("large.html", "<html><body>" + std::string(9U << 20, 'a'), "8 MiB");
}

TEST_F(Hostile, a_huge_line_is_cut_into_passages) {
  std::string line;
  for (int i = 0; i < 40'000; ++i) line += "word" + std::to_string(i % 97) + " ";
  line += "flamingo";
  const std::string id = add("line.txt", line);
  const Json document = show(id);
  EXPECT_EQ(document["status"], "indexed") << document.dump();
  EXPECT_GT(document["chunk_count"].get<int>(), 100);
  const Json hits = find("flamingo")["data"];
  ASSERT_FALSE(hits.empty());
  EXPECT_LT(hits[0]["content"].get<std::string>().size(), 4000U);
}

TEST_F(Hostile, a_huge_word_does_no_harm) {
  const Json document = show(add("word.txt", std::string(1U << 20, 'x') + " heron"));
  EXPECT_TRUE(document["status"] == "indexed" || document["status"] == "failed") << document;
  EXPECT_EQ(document["status"] == "failed", document["error"].is_string());
}

TEST_F(Hostile, a_deep_page_does_no_harm) {
  std::string page = "<html><body>";
  for (int i = 0; i < 100'000; ++i) page += "<div>";
  const Json document = show(add("deep.html", page + "heron"));
  EXPECT_TRUE(document["status"] == "indexed" || document["status"] == "failed") << document;
  EXPECT_EQ(document["status"] == "failed", document["error"].is_string());
}

TEST_F(Hostile, queries_of_all_kinds_are_answered) {
  add("a.txt", "The heron sleeps.");
  for (const std::string& query :
       {std::string("'; DROP TABLE knowledge_documents; --"), std::string("\" OR ("),
        std::string("%"), std::string("?!."), std::string(2000, 'x'),
        std::string("\xF0\x9F\xA6\xA9 \xE2\x80\xAE")}) {
    EXPECT_EQ(host.post(kSearch, {{"query", query}}).status, 200) << query;
  }
  EXPECT_EQ(host.post(kSearch, {{"query", std::string(2001, 'x')}}).status, 422);
  EXPECT_EQ(count("knowledge_documents"), 1);
}

}  // namespace
}  // namespace knowledge_test
