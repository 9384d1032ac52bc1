// Lists, changes, downloads and deletes; that deleting leaves nothing.
#include <chrono>

#include "knowledge_fixture.hpp"

namespace knowledge_test {
namespace {

TEST_F(Knowledge, a_list_is_newest_first_in_pages) {
  Ids ids;
  for (int i = 0; i < 5; ++i) {
    ids.insert(ids.begin(), add(std::to_string(i) + ".txt", "Text number " + std::to_string(i)));
    host.advance(std::chrono::seconds(1));
  }
  EXPECT_EQ(listed(), ids);
  EXPECT_EQ(listed("?limit=2"), (Ids{ids[0], ids[1]}));
  EXPECT_EQ(listed("?limit=2&offset=2"), (Ids{ids[2], ids[3]}));
  EXPECT_EQ(listed("?limit=2&offset=4"), Ids{ids[4]});
  EXPECT_EQ(listed("?offset=5"), Ids{});
  const Json page = host.get(kDocuments + "?limit=2&offset=4").json();
  EXPECT_EQ(page["count"], 1);
  EXPECT_EQ(page["total"], 5);
  for (const char* wrong : {"?limit=0", "?limit=501", "?offset=-1", "?limit=x", "?status=new"}) {
    EXPECT_EQ(host.get(kDocuments + wrong).status, 422) << wrong;
  }
}

TEST_F(Knowledge, a_list_is_narrowed_by_category_state_and_visibility) {
  const std::string rates = add("a.txt", "Text one.", {{"category", "Rates"}});
  const std::string mine = add("b.txt", "Text two.", {{"visibility", "private"}});
  const std::string waiting = add("c.txt", "Text three.", {{"auto_index", "false"}});
  const std::string broken = add("d.pdf", "%PDF-1.4 rubbish");
  EXPECT_EQ(listed("?category=RATES"), Ids{rates});
  EXPECT_EQ(listed("?visibility=private"), Ids{mine});
  EXPECT_EQ(listed("?status=pending"), Ids{waiting});
  EXPECT_EQ(listed("?status=failed"), Ids{broken});
  EXPECT_EQ(listed("?status=indexed").size(), 2U);
  EXPECT_EQ(listed("?category=rates&visibility=private"), Ids{});
  EXPECT_EQ(listed("?category=rates'%20OR%201=1--"), Ids{});
}

TEST_F(Knowledge, a_change_shows_in_the_document_and_in_searches) {
  const std::string id = add("a.txt", "The heron sleeps.");
  const Reply reply = host.patch(kDocuments + "/" + id, {{"title", "Wading birds"},
                                                         {"category", "Birds"},
                                                         {"tags", {"wild"}},
                                                         {"visibility", "private"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json document = show(id);
  EXPECT_EQ(document, reply.json()["data"]);
  EXPECT_EQ(document["title"], "Wading birds");
  EXPECT_EQ(document["category"], "birds");
  EXPECT_EQ(document["tags"], Json({"wild"}));
  EXPECT_EQ(document["visibility"], "private");
  EXPECT_EQ(found("wading"), Ids{id});
  EXPECT_EQ(found("heron", {{"category", "birds"}}), Ids{id});
  EXPECT_EQ(found("heron", {{"category", "general"}}), Ids{});
  EXPECT_EQ(found("heron", {{"visibility", "public"}}), Ids{});
  be("bob");
  EXPECT_EQ(found("heron"), Ids{});
}

TEST_F(Knowledge, a_title_given_by_a_person_outlives_indexing) {
  const std::string id = add("a.md", "# Own title\n\nText.");
  EXPECT_EQ(show(id)["title"], "Own title");
  host.patch(kDocuments + "/" + id, {{"title", "Given"}});
  host.post(kDocuments + "/" + id + "/reindex", Json::object());
  host.run_jobs();
  EXPECT_EQ(show(id)["title"], "Given");
}

TEST_F(Knowledge, a_wrong_change_changes_nothing) {
  const std::string id = add("a.txt", "The heron sleeps.");
  const Json before = show(id);
  for (const Json& body :
       {Json{{"title", ""}}, Json{{"title", "  "}}, Json{{"owner", "bob"}},
        Json{{"visibility", "secret"}}, Json{{"tags", "a"}}, Json{{"status", "indexed"}}}) {
    EXPECT_EQ(host.patch(kDocuments + "/" + id, body).status, 422) << body.dump();
  }
  EXPECT_EQ(show(id), before);
}

TEST_F(Knowledge, a_download_is_the_file_and_never_shown_in_place) {
  const std::string page = "<html><body><script>alert(1)</script>Words.</body></html>";
  const std::string id = add("caf\xC3\xA9 \"x\".html", page);
  const Reply reply = host.get(kDocuments + "/" + id + "/download");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, page);
  EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(reply.header("content-disposition"),
            "attachment; filename=\"caf__ _x_.html\"; "
            "filename*=UTF-8''caf%C3%A9%20%22x%22.html");
}

TEST_F(Knowledge, an_unknown_document_is_not_found_in_any_way) {
  const std::string path = kDocuments + "/DOC-00000000";
  EXPECT_EQ(host.get(path).status, 404);
  EXPECT_EQ(host.get(path + "/download").status, 404);
  EXPECT_EQ(host.patch(path, {{"title", "x"}}).status, 404);
  EXPECT_EQ(host.post(path + "/reindex", Json::object()).status, 404);
  EXPECT_EQ(host.del(path).status, 404);
}

TEST_F(Knowledge, deleting_leaves_nothing) {
  const std::string id = add("a.txt", "The zanzibarian heron sleeps.", {{"title", "Zanzibarian"}});
  ASSERT_EQ(found("zanzibarian"), Ids{id});
  EXPECT_EQ(host.del(kDocuments + "/" + id).status, 200);
  EXPECT_EQ(found("zanzibarian"), Ids{});
  EXPECT_EQ(host.get(kDocuments + "/" + id).status, 404);
  EXPECT_EQ(host.del(kDocuments + "/" + id).status, 404);
  host.run_jobs();
  EXPECT_EQ(host.blob_count(), 0U);
  const Ids all = tables();
  EXPECT_EQ(all.size(), 6U);
  for (const std::string& table : all) {
    EXPECT_EQ(count(table), table == "knowledge_state" ? 1 : 0) << table;
  }
  EXPECT_EQ(host.get("/api/v1/knowledge/categories").json()["count"], 0);
}

TEST_F(Knowledge, deleting_one_leaves_the_others) {
  const std::string gone = add("a.txt", "The zanzibarian heron sleeps.");
  const std::string stays = add("b.txt", "The heron of Mafia wakes.");
  be("root", true);
  ASSERT_EQ(host.post("/api/v1/knowledge/rebuild", Json::object()).status, 202);
  host.run_jobs();
  ASSERT_EQ(host.del(kDocuments + "/" + gone).status, 200);
  host.run_jobs();
  EXPECT_EQ(found("heron"), Ids{stays});
  EXPECT_EQ(found("zanzibarian"), Ids{});
  EXPECT_EQ(count("knowledge_documents"), 1);
  EXPECT_EQ(count("knowledge_chunks", "WHERE document_id = '" + gone + "'"), 0);
  EXPECT_EQ(host.blob_count(), 1U);
}

TEST_F(Knowledge, a_document_deleted_before_it_is_indexed_stays_deleted) {
  const Json uploaded = upload("a.txt", "The heron sleeps.").json();
  host.del(kDocuments + "/" + uploaded["data"]["document_id"].get<std::string>());
  host.run_jobs();
  EXPECT_EQ(found("heron"), Ids{});
  EXPECT_EQ(count("knowledge_chunks"), 0);
  for (const auto& job : host.jobs()) EXPECT_EQ(job.state, "done") << job.kind << job.last_error;
}

TEST_F(Knowledge, status_counts_what_the_caller_may_read) {
  add("a.txt", "Text one.", {{"category", "rates"}});
  add("b.txt", "Text two.", {{"category", "secret"}, {"visibility", "private"}});
  add("c.pdf", "%PDF-1.4 rubbish");
  Json status = host.get("/api/v1/knowledge/status").json()["data"];
  EXPECT_EQ(status["total_documents"], 3);
  EXPECT_EQ(status["indexed_documents"], 2);
  EXPECT_EQ(status["failed_documents"], 1);
  EXPECT_EQ(status["private_documents"], 1);
  EXPECT_EQ(status["total_chunks"], 2);
  EXPECT_EQ(status["categories"], 3);
  EXPECT_EQ(status["embeddings"]["wanted"], "local");
  EXPECT_EQ(status["embeddings"]["used"], "none");
  be("bob");
  status = host.get("/api/v1/knowledge/status").json()["data"];
  EXPECT_EQ(status["total_documents"], 2);
  EXPECT_EQ(status["private_documents"], 0);
  EXPECT_EQ(status["categories"], 2);
}

TEST_F(Knowledge, categories_count_what_the_caller_may_read) {
  add("a.txt", "Text one.", {{"category", "rates"}});
  add("b.txt", "Text two.", {{"category", "rates"}, {"visibility", "private"}});
  add("c.txt", "Text three.", {{"category", "secret"}, {"visibility", "private"}});
  EXPECT_EQ(host.get("/api/v1/knowledge/categories").json()["data"],
            (Json{{{"name", "rates"}, {"count", 2}}, {{"name", "secret"}, {"count", 1}}}));
  be("bob");
  EXPECT_EQ(host.get("/api/v1/knowledge/categories").json()["data"],
            (Json::array({{{"name", "rates"}, {"count", 1}}})));
}

TEST_F(Knowledge, only_an_administrator_rebuilds) {
  const std::string id = add("a.txt", "The heron sleeps.");
  EXPECT_EQ(host.post("/api/v1/knowledge/rebuild", Json::object()).status, 403);
  be("root", true);
  host.sql("DELETE FROM knowledge_segments");
  host.forget_tenant("acme");
  EXPECT_EQ(found("heron"), Ids{});
  const Reply reply = host.post("/api/v1/knowledge/rebuild", Json::object());
  EXPECT_EQ(reply.status, 202);
  EXPECT_FALSE(reply.json()["data"]["job_id"].get<std::string>().empty());
  host.run_jobs();
  EXPECT_EQ(found("heron"), Ids{id});
}

}  // namespace
}  // namespace knowledge_test
