// From a file to passages that are found, for every kind of file, and what is refused at the door.
#include "knowledge_fixture.hpp"

namespace knowledge_test {
namespace {

class Kinds : public Knowledge {
 protected:
  void finds(const std::string& name, const std::string& bytes, const std::string& type) {
    const std::string other = add("other.txt", "Nothing here but ordinary words about trains.");
    const std::string id = add(name, bytes);
    const Json document = show(id);
    EXPECT_EQ(document["status"], "indexed") << document.dump();
    EXPECT_EQ(document["file_type"], type);
    EXPECT_EQ(document["filename"], id + "." + type);
    EXPECT_EQ(document["original_filename"], name);
    EXPECT_EQ(document["file_size"], bytes.size());
    EXPECT_GE(document["chunk_count"].get<int>(), 1);
    EXPECT_TRUE(document["error"].is_null());
    EXPECT_FALSE(document["indexed_at"].is_null());
    EXPECT_EQ(found("flamingo lagoon"), Ids{id});
    EXPECT_EQ(found("trains"), Ids{other});
  }
};

const std::string kSentence = "The flamingo lagoon opens in June.";

TEST_F(Kinds, a_text_file_is_found) { finds("birds.txt", kSentence, "txt"); }
TEST_F(Kinds, markdown_is_found) { finds("birds.md", "# Birds\n\n" + kSentence + "\n", "md"); }
TEST_F(Kinds, html_is_found) {
  finds("birds.html", "<html><body><h1>Birds</h1><p>" + kSentence + "</p></body></html>", "html");
}
TEST_F(Kinds, a_word_document_is_found) { finds("b.docx", docx_of("Birds", kSentence), "docx"); }
TEST_F(Kinds, a_pdf_is_found) { finds("birds.pdf", pdf_of(kSentence), "pdf"); }

TEST_F(Knowledge, windows_and_utf16_text_is_read_as_what_it_means) {
  add("w.txt", "The caf\xE9 opens at nine.");
  EXPECT_EQ(find("caf\xC3\xA9 opens")["data"][0]["content"], "The caf\xC3\xA9 opens at nine.");
  std::string wide = "\xFF\xFE";
  for (const char c : std::string("The heron sleeps.")) wide += {c, '\0'};
  add("u.txt", wide);
  EXPECT_EQ(find("heron")["data"][0]["content"], "The heron sleeps.");
}

TEST_F(Knowledge, a_title_in_another_encoding_becomes_utf8) {
  const Reply reply = upload("birds.txt", kSentence, {{"title", "Caf\xE9 of birds"}});
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json()["data"]["title"], "Caf\xEF\xBF\xBD of birds");
  EXPECT_EQ(host.sql("SELECT title FROM knowledge_documents")[0]["title"],
            "Caf\xEF\xBF\xBD of birds");
}

TEST_F(Knowledge, headings_of_a_word_document_lead_to_its_passages) {
  const std::string id = add("guide.docx", docx_of("Refunds", "A refund takes ten days."));
  EXPECT_EQ(show(id)["title"], "Guide by its own title");
  const Json hit = find("refund days")["data"][0];
  EXPECT_EQ(hit["heading"], "Refunds");
  EXPECT_NE(hit["content"].get<std::string>().find("Season | Price"), std::string::npos);
  EXPECT_EQ(hit["content"].get<std::string>().find("struckout"), std::string::npos);
}

TEST_F(Knowledge, scripts_and_styles_of_a_page_are_no_text) {
  const std::string id =
      add("p.html",
          "<html><head><title>Page title</title><style>.violet{}</style></head>"
          "<body><script>var crimson;</script><p>Plain words.</p></body></html>");
  EXPECT_EQ(show(id)["title"], "Page title");
  EXPECT_TRUE(found("violet").empty());
  EXPECT_TRUE(found("crimson").empty());
  EXPECT_EQ(found("plain words"), Ids{id});
}

TEST_F(Knowledge, the_form_says_title_category_tags_and_visibility) {
  const std::string id = add("a.md", "# Own title\n\nText.",
                             {{"title", "  Given title "},
                              {"category", " Rates "},
                              {"tags", "summer, ,winter,summer"},
                              {"visibility", "private"}});
  const Json document = show(id);
  EXPECT_EQ(document["title"], "Given title");
  EXPECT_EQ(document["category"], "rates");
  EXPECT_EQ(document["tags"], Json({"summer", "winter"}));
  EXPECT_EQ(document["visibility"], "private");
}

TEST_F(Knowledge, a_document_without_title_and_category_gets_some) {
  const Json document = show(add("C:\\folder\\Price list.txt", "Text without a title."));
  EXPECT_EQ(document["original_filename"], "Price list.txt");
  EXPECT_EQ(document["title"], "Price list");
  EXPECT_EQ(document["category"], "general");
  EXPECT_EQ(document["visibility"], "public");
  EXPECT_EQ(document["tags"], Json::array());
}

TEST_F(Knowledge, without_auto_index_a_document_waits) {
  const std::string id = add("a.txt", "The heron sleeps.", {{"auto_index", "false"}});
  EXPECT_EQ(show(id)["status"], "pending");
  EXPECT_TRUE(host.jobs().empty());
  EXPECT_TRUE(found("heron").empty());
  EXPECT_EQ(host.post(kDocuments + "/" + id + "/reindex", Json::object()).status, 202);
  host.run_jobs();
  EXPECT_EQ(found("heron"), Ids{id});
}

TEST_F(Knowledge, the_content_counts_and_not_the_name) {
  EXPECT_EQ(show(add("really.txt", pdf_of("The heron sleeps.")))["file_type"], "pdf");
  EXPECT_EQ(show(add("really.pdf", "The heron sleeps."))["file_type"], "txt");
}

TEST_F(Knowledge, files_of_other_kinds_are_refused_whatever_they_are_called) {
  const std::string picture("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\1\0", 20);
  const std::string program(
      "\x7F"
      "ELF\2\1\1\0\0\0\0\0",
      12);
  const std::string zip = zip_of({{"readme.txt", "Not a document."}});
  for (const std::string& bytes : {picture, program, zip, std::string(64, '\0')}) {
    for (const char* name : {"a.txt", "a.pdf", "a.docx"}) {
      const Reply reply = upload(name, bytes);
      EXPECT_EQ(reply.status, 415) << name << " " << reply.body;
      EXPECT_EQ(reply.code(), "unsupported_file_type");
    }
  }
  EXPECT_EQ(count("knowledge_documents"), 0);
  EXPECT_EQ(host.blob_count(), 0U);
  EXPECT_TRUE(host.jobs().empty());
}

TEST_F(Knowledge, a_form_without_a_file_or_with_an_empty_one_is_refused) {
  EXPECT_EQ(upload("empty.txt", "").status, 422);
  EXPECT_EQ(host.post_form(kDocuments, {{"title", "No file"}}).status, 422);
  EXPECT_EQ(host.post_form(kDocuments, {{"file", "Text without a file name."}}).status, 422);
  EXPECT_EQ(count("knowledge_documents"), 0);
  EXPECT_EQ(host.blob_count(), 0U);
}

TEST_F(Knowledge, the_same_content_twice_is_a_conflict) {
  // The host names a blob by its content, the fake one by number: so the test foretells the name
  // of the next upload and gives it to a document that is there.
  const auto reference = [this](const std::string& id) {
    const std::string blob =
        host.sql("SELECT blob FROM knowledge_documents WHERE document_id = $1", id)[0]["blob"];
    return std::stoi(blob.substr(blob.find('-') + 1));
  };
  const auto wait = [this](const std::string& text) {
    return upload("a.txt", text).json()["data"]["document_id"].get<std::string>();
  };
  const std::string first = wait("One heron.");
  const std::string second = wait("Two herons.");
  const int next = 2 * reference(second) - reference(first);
  host.sql("UPDATE knowledge_documents SET blob = $1 WHERE document_id = $2",
           "upload-" + std::to_string(next), first);
  const Reply reply = upload("b.txt", "One heron.");
  EXPECT_EQ(reply.status, 409) << reply.body;
  EXPECT_EQ(reply.code(), "duplicate_document");
  EXPECT_NE(reply.body.find(first), std::string::npos) << reply.body;
  EXPECT_EQ(count("knowledge_documents"), 2);
}

TEST_F(Knowledge, uploading_needs_the_permission) {
  host.as_user("bob", {"knowledge.read"});
  EXPECT_EQ(upload("a.txt", "Text.").status, 403);
  host.as_nobody();
  EXPECT_EQ(upload("a.txt", "Text.").status, 401);
  EXPECT_EQ(count("knowledge_documents"), 0);
}

}  // namespace
}  // namespace knowledge_test
