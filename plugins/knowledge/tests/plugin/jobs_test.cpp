// The jobs: twice is as once, the index outlives the plugin, and what the plugin tells others.
#include "knowledge_fixture.hpp"

namespace knowledge_test {
namespace {

const std::string kText =
    "Rates\n\nThe flamingo lagoon costs ten euros. Children pay half.\n\n"
    "Times\n\nThe lagoon opens at nine. It closes when the flamingos sleep.\n";

// Everything the plugin keeps in the database, as SQL that puts it into another one.
Ids dump(FakeHost& host) {
  Ids statements;
  for (const Json& table : host.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name "
                                    "LIKE 'knowledge\\_%' ESCAPE '\\'")) {
    const std::string name = table["name"];
    statements.push_back("DELETE FROM " + name);
    std::string columns;
    for (const Json& column : host.sql("SELECT name FROM pragma_table_info($1)", name)) {
      columns += (columns.empty() ? "" : " || ', ' || ") + std::string("quote(") +
                 column["name"].get<std::string>() + ")";
    }
    for (const Json& row : host.sql("SELECT " + columns + " AS row_values FROM " + name)) {
      statements.push_back("INSERT INTO " + name + " VALUES (" +
                           row["row_values"].get<std::string>() + ")");
    }
  }
  return statements;
}

TEST_F(Knowledge, indexing_twice_is_as_once) {
  const std::string id = add("a.txt", kText);
  const std::int64_t chunks = count("knowledge_chunks");
  ASSERT_GE(chunks, 1);
  const Json before = find("flamingo lagoon");
  host.run_job("index", {{"document_id", id}});
  host.run_job("index", {{"document_id", id}});
  EXPECT_EQ(count("knowledge_chunks"), chunks);
  EXPECT_EQ(show(id)["chunk_count"], chunks);
  EXPECT_EQ(find("flamingo lagoon"), before);
  EXPECT_EQ(host.get("/api/v1/knowledge/status").json()["data"]["index_chunks"], chunks);
}

TEST_F(Knowledge, rebuilding_twice_is_as_once) {
  add("a.txt", kText);
  add("b.txt", "Trains leave at noon.");
  const Json before = find("flamingo lagoon");
  host.run_job("rebuild");
  host.run_job("rebuild");
  host.run_jobs();
  EXPECT_EQ(find("flamingo lagoon"), before);
}

TEST_F(Knowledge, reindexing_waits_once_however_often_it_is_asked_for) {
  const std::string id = add("a.txt", kText);
  const std::size_t jobs = host.jobs().size();
  for (int i = 0; i < 3; ++i) {
    const Reply reply = host.post(kDocuments + "/" + id + "/reindex", Json::object());
    EXPECT_EQ(reply.status, 202);
    EXPECT_EQ(reply.json()["data"]["status"], "pending");
  }
  EXPECT_EQ(host.jobs().size(), jobs + 1);
  EXPECT_EQ(found("flamingo").empty(), false);  // what was found stays found until then
  host.run_jobs();
  EXPECT_EQ(show(id)["status"], "indexed");
}

TEST_F(Knowledge, a_document_whose_file_is_gone_fails_with_a_sentence) {
  const std::string id = add("a.txt", kText);
  const std::string blob = host.sql("SELECT blob FROM knowledge_documents")[0]["blob"];
  host.sql("UPDATE knowledge_documents SET blob = 'nowhere'");
  host.run_job("index", {{"document_id", id}});
  EXPECT_EQ(show(id)["status"], "failed");
  EXPECT_EQ(show(id)["error"], "The stored file is gone: upload it again.");
  EXPECT_EQ(found("flamingo"), Ids{});
  host.sql("UPDATE knowledge_documents SET blob = $1", blob);
  host.run_job("index", {{"document_id", id}});
  EXPECT_TRUE(show(id)["error"].is_null());
  EXPECT_FALSE(found("flamingo").empty());
}

TEST_F(Knowledge, a_job_for_a_document_that_is_gone_does_nothing) {
  host.run_job("index", {{"document_id", "DOC-00000000"}});
  host.run_job("embed", {{"document_id", "DOC-00000000"}});
  host.run_job("train");
  host.run_job("discard", {{"blob", "nowhere"}});
  EXPECT_TRUE(host.events().empty());
}

TEST_F(Knowledge, a_file_another_document_has_is_not_discarded) {
  const std::string first = add("a.txt", kText);
  const std::string second = add("b.txt", "Trains.");
  host.sql(
      "UPDATE knowledge_documents SET blob = (SELECT blob FROM knowledge_documents WHERE "
      "document_id = $1)",
      first);
  ASSERT_EQ(host.del(kDocuments + "/" + first).status, 200);
  host.run_jobs();
  EXPECT_EQ(host.get(kDocuments + "/" + second + "/download").body, kText);
}

TEST_F(Knowledge, the_index_outlives_the_plugin) {
  const std::string id = add("a.txt", kText);
  const std::string mine = add("b.txt", "The flamingo diary.", {{"visibility", "private"}});
  const std::string gone = add("c.txt", "The flamingo that left.");
  host.del(kDocuments + "/" + gone);
  const Json before = find("flamingo");
  FakeHost second{serai_plugin_entry_v1};
  second.as_user("alice", {"knowledge.read"});
  second.start();
  for (const std::string& statement : dump(host)) second.sql(statement);
  EXPECT_EQ(second.post(kSearch, {{"query", "flamingo"}}).json(), before);
  EXPECT_GE(before["count"].get<int>(), 2);
  second.as_user("bob", {"knowledge.read"});
  EXPECT_EQ(second.post(kSearch, {{"query", "diary"}}).json()["count"], 0);
}

TEST_F(Knowledge, a_damaged_index_is_made_anew_from_the_chunks) {
  const std::string id = add("a.txt", kText);
  const Json before = find("flamingo");
  host.sql("UPDATE knowledge_segments SET bytes = X'0011223344'");
  host.forget_tenant("acme");
  EXPECT_EQ(find("flamingo"), before);
  ASSERT_FALSE(host.logs().empty());
  EXPECT_EQ(host.logs().back().level, static_cast<std::uint32_t>(SERAI_LOG_ERROR));
}

TEST_F(Knowledge, what_happens_to_a_document_is_published) {
  const std::string id = add("a.md", "# Flamingos\n\nText.", {{"visibility", "private"}});
  ASSERT_EQ(host.events().size(), 1U);
  EXPECT_EQ(host.events()[0].type, "knowledge.document.indexed");
  EXPECT_EQ(host.events()[0].payload, (Json{{"document_id", id},
                                            {"title", "Flamingos"},
                                            {"visibility", "private"},
                                            {"chunk_count", 1}}));
  host.del(kDocuments + "/" + id);
  ASSERT_EQ(host.events().size(), 2U);
  EXPECT_EQ(host.events()[1].type, "knowledge.document.deleted");
  EXPECT_EQ(host.events()[1].payload, (Json{{"document_id", id}}));
  EXPECT_EQ(host.metric("documents_indexed_total"), 1);
}

TEST_F(Knowledge, indexing_reads_no_more_rows_when_there_are_many_documents) {
  int documents = 0;
  const auto add_up_to = [&](int count) {
    for (; documents < count; ++documents) {
      add(std::to_string(documents) + ".txt",
          "The flamingo lagoon opens at " + std::to_string(documents) + ".");
    }
  };
  // Eight each time: the index is merged by eights.
  const auto rows_of_eight_more = [&] {
    const std::int64_t before = host.sql_rows();
    add_up_to(documents + 8);
    return host.sql_rows() - before;
  };
  add_up_to(16);
  const std::int64_t few = rows_of_eight_more();
  add_up_to(120);
  const std::int64_t many = rows_of_eight_more();
  EXPECT_GT(few, 0);
  EXPECT_LT(many, few + 64);
  EXPECT_EQ(found("flamingo 3", {{"top_k", 20}}).size(), 20U);
}

TEST_F(Knowledge, much_text_is_learnt_from_and_still_found) {
  const char* subjects[] = {"heron", "lagoon", "train", "ticket", "lodge", "river", "boat", "tent"};
  std::string text;
  for (int i = 0; i < 80; ++i) {
    text += "# Chapter " + std::to_string(i) + "\n\n";
    for (int j = 0; j < 40; ++j) {
      text += std::string("The ") + subjects[(i + j) % 8] + " meets the " +
              subjects[(i * 3 + j) % 8] + " near place" + std::to_string(i) + ". ";
    }
    text += "\n\n";
  }
  const std::string id = add("long.md", text);
  ASSERT_GE(show(id)["chunk_count"].get<int>(), 64);
  EXPECT_EQ(count("knowledge_models"), 1);
  const Json answer = find("place42 heron");
  EXPECT_EQ(answer["vectors"], "latent");
  EXPECT_EQ(answer["data"][0]["heading"], "Chapter 42");
  const Json embeddings = host.get("/api/v1/knowledge/status").json()["data"]["embeddings"];
  EXPECT_EQ(embeddings["used"], "latent");
  EXPECT_GT(embeddings["dimensions"].get<int>(), 0);
}

}  // namespace
}  // namespace knowledge_test
