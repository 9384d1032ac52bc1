// The plugin in the fake host, with alice, who may read and write, signed in.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <serai/testing/fake_host.hpp>

#include "made_files.hpp"

namespace knowledge_test {

using serai::Json;
using serai::Problem;
using serai::testing::FakeHost;
using serai::testing::Reply;
using serai::testing::Upload;

inline const std::string kDocuments = "/api/v1/knowledge/documents";
inline const std::string kSearch = "/api/v1/knowledge/search";

class Knowledge : public ::testing::Test {
 protected:
  Knowledge() { be("alice"); }

  void be(const std::string& user, bool admin = false) {
    std::vector<std::string> permissions{"knowledge.read", "knowledge.write"};
    if (admin) permissions.emplace_back("knowledge.admin");
    host.as_user(user, permissions);
  }

  Reply upload(const std::string& name, const std::string& bytes, std::vector<Upload> more = {}) {
    more.push_back({"file", bytes, name, "application/octet-stream"});
    return host.post_form(kDocuments, more);
  }

  // Uploaded and through its jobs; the id.
  std::string add(const std::string& name, const std::string& bytes,
                  const std::vector<Upload>& more = {}) {
    const Reply reply = upload(name, bytes, more);
    EXPECT_EQ(reply.status, 201) << reply.body;
    if (reply.status != 201) return "DOC-00000000";
    host.run_jobs();
    return reply.json()["data"]["document_id"].get<std::string>();
  }

  Json show(const std::string& id) {
    const Reply reply = host.get(kDocuments + "/" + id);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.status == 200 ? reply.json()["data"] : Json::object();
  }

  // The whole answer.
  Json find(const std::string& query, Json body = Json::object()) {
    body["query"] = query;
    const Reply reply = host.post(kSearch, body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.status == 200 ? reply.json() : Json{{"data", Json::array()}, {"count", -1}};
  }

  // Ids of the documents found, best first, each as often as it has passages.
  std::vector<std::string> found(const std::string& query, const Json& body = Json::object()) {
    std::vector<std::string> ids;
    const Json answer = find(query, body);
    for (const Json& hit : answer["data"]) {
      ids.push_back(hit["document_id"].get<std::string>());
    }
    return ids;
  }

  // Ids in the order of the list; `query` with its question mark.
  std::vector<std::string> listed(const std::string& query = "") {
    const Reply reply = host.get(kDocuments + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    std::vector<std::string> ids;
    if (reply.status != 200) return ids;
    const Json answer = reply.json();
    for (const Json& one : answer["data"]) ids.push_back(one["document_id"]);
    return ids;
  }

  std::int64_t count(const std::string& table, const std::string& where = "") {
    return host.sql("SELECT count(*) AS n FROM " + table + " " + where)[0]["n"].get<std::int64_t>();
  }

  std::vector<std::string> tables() {
    std::vector<std::string> names;
    for (const Json& row : host.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name "
                                    "LIKE 'knowledge\\_%' ESCAPE '\\' ORDER BY name")) {
      names.push_back(row["name"]);
    }
    return names;
  }

  FakeHost host{serai_plugin_entry_v1};
};

using Ids = std::vector<std::string>;

}  // namespace knowledge_test
