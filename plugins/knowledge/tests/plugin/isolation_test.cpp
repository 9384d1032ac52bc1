// Who sees what: nobody another tenant's documents, nobody another person's private ones.
#include "knowledge_fixture.hpp"

namespace knowledge_test {
namespace {

constexpr const char* kMarker = "quetzalmarker";

class Isolation : public Knowledge {
 protected:
  std::string add_marked(const std::string& visibility) {
    return add("quetzalmarker.txt", "The quetzalmarker nests in the cloud forest.",
               {{"title", "Quetzalmarker"},
                {"category", "quetzalmarker"},
                {"tags", "quetzalmarker"},
                {"visibility", visibility}});
  }

  // Of the present caller: every door to the document is closed and no answer speaks of it.
  void sees_nothing_of(const std::string& id) {
    const std::string path = kDocuments + "/" + id;
    for (const Reply& reply :
         {host.get(path), host.get(path + "/download"), host.patch(path, {{"title", "Taken"}}),
          host.post(path + "/reindex", Json::object()), host.del(path)}) {
      EXPECT_EQ(reply.status, 404) << reply.body;
      is_silent(reply.body);
    }
    for (const char* tail : {"", "?visibility=private", "?category=quetzalmarker"}) {
      EXPECT_EQ(listed(tail), Ids{}) << tail;
      is_silent(host.get(kDocuments + tail).body);
    }
    for (const Json& body : {Json::object(), Json{{"visibility", "private"}},
                             Json{{"category", "quetzalmarker"}}, Json{{"min_score", 0}}}) {
      EXPECT_EQ(found("cloud forest nests", body), Ids{}) << body.dump();
      EXPECT_EQ(find("cloud forest nests", body)["confidence"], 0.0);
    }
    is_silent(host.get("/api/v1/knowledge/categories").body);
    is_silent(host.get("/api/v1/knowledge/status").body);
    is_silent(host.call_service("knowledge.search/1", {{"query", "cloud forest"}}).dump());
    is_silent(
        host.call_service("knowledge.search/1", {{"query", "cloud"}, {"document", id}}).dump());
    is_silent(host.call_service("knowledge.topics/1").dump());
  }

  static void is_silent(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(text.find(kMarker), std::string::npos) << text;
  }
};

TEST_F(Isolation, another_tenant_sees_nothing_of_a_public_document) {
  const std::string id = add_marked("public");
  host.tenant("other");
  be("mallory", true);
  sees_nothing_of(id);
  host.run_jobs();
  host.tenant("acme");
  be("alice");
  EXPECT_EQ(show(id)["title"], "Quetzalmarker");
  EXPECT_EQ(found("cloud forest"), Ids{id});
  EXPECT_EQ(host.get(kDocuments + "/" + id + "/download").status, 200);
}

TEST_F(Isolation, the_same_user_id_in_another_tenant_is_another_person) {
  const std::string id = add_marked("private");
  host.tenant("other");
  be("alice");
  sees_nothing_of(id);
}

TEST_F(Isolation, forgetting_a_tenant_does_not_open_it_to_another) {
  const std::string id = add_marked("public");
  host.forget_tenant("acme");
  host.tenant("other");
  be("mallory");
  sees_nothing_of(id);
}

TEST_F(Isolation, another_person_sees_nothing_of_a_private_document) {
  const std::string id = add_marked("private");
  EXPECT_EQ(found("cloud forest"), Ids{id});
  be("bob");
  sees_nothing_of(id);
  host.run_jobs();
  be("alice");
  EXPECT_EQ(show(id)["title"], "Quetzalmarker");
  EXPECT_EQ(found("cloud forest"), Ids{id});
}

TEST_F(Isolation, an_administrator_sees_private_documents) {
  const std::string id = add_marked("private");
  be("root", true);
  EXPECT_EQ(listed(), Ids{id});
  EXPECT_EQ(found("cloud forest"), Ids{id});
  EXPECT_EQ(found("cloud forest", {{"visibility", "private"}}), Ids{id});
  EXPECT_EQ(found("cloud forest", {{"visibility", "public"}}), Ids{});
}

TEST_F(Isolation, a_private_document_made_public_is_seen_and_the_other_way_round) {
  const std::string id = add_marked("private");
  const std::string path = kDocuments + "/" + id;
  ASSERT_EQ(host.patch(path, {{"visibility", "public"}}).status, 200);
  be("bob");
  EXPECT_EQ(found("cloud forest"), Ids{id});
  EXPECT_EQ(listed(), Ids{id});
  be("alice");
  ASSERT_EQ(host.patch(path, {{"visibility", "private"}}).status, 200);
  be("bob");
  sees_nothing_of(id);
}

TEST_F(Isolation, a_service_call_without_a_person_finds_what_is_public) {
  add_marked("private");
  const std::string open = add("b.txt", "The cloud forest is open to everyone.");
  host.as_nobody();
  const Json answer = host.call_service("knowledge.search/1", {{"query", "cloud forest"}});
  ASSERT_EQ(answer["results"].size(), 1U);
  EXPECT_EQ(answer["results"][0]["document_id"], open);
  is_silent(answer.dump());
  is_silent(host.call_service("knowledge.topics/1").dump());
}

TEST_F(Isolation, every_route_needs_its_permission) {
  const std::string path = kDocuments + "/" + add_marked("public");
  host.as_user("guest", {});
  for (const Reply& reply :
       {host.get(kDocuments), host.get(path), host.get(path + "/download"),
        host.patch(path, {{"title", "x"}}), host.post(path + "/reindex", Json::object()),
        host.del(path), host.post(kSearch, {{"query", "cloud"}}),
        host.get(kSearch + "?query=cloud"), host.get("/api/v1/knowledge/status"),
        host.get("/api/v1/knowledge/categories"),
        host.post("/api/v1/knowledge/rebuild", Json::object())}) {
    EXPECT_EQ(reply.status, 403) << reply.body;
    is_silent(reply.body);
  }
  EXPECT_THROW(host.call_service("knowledge.search/1", {{"query", "cloud"}}), Problem);
  EXPECT_THROW(host.call_service("knowledge.topics/1"), Problem);
}

}  // namespace
}  // namespace knowledge_test
