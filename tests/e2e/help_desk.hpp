// The customer's use of the shipped plugins, in the words of their API: upload, wait, ask.
#pragma once

#include <string>
#include <vector>

#include "e2e/running_host.hpp"

namespace serai_test {

struct Upload {
  std::string file_name, content_type, content;
};

// The document's id. Throws std::runtime_error if the upload is refused.
inline std::string upload(const HttpClient& client, const Upload& file) {
  const auto answer = client.upload("/api/v1/knowledge/documents",
                                    {"file", file.file_name, file.content_type, file.content});
  if (answer.status != 201)
    throw std::runtime_error(file.file_name + ": " + std::to_string(answer.status) + " " +
                             answer.body);
  return answer.json()["data"]["document_id"];
}

// Waits until the document is indexed or has failed; its last state.
inline nlohmann::json settled(const HttpClient& client, const std::string& id) {
  nlohmann::json document;
  eventually([&] {
    const auto answer = client.get("/api/v1/knowledge/documents/" + id);
    if (answer.status != 200) return false;
    document = answer.json()["data"];
    return document["status"] == "indexed" || document["status"] == "failed";
  });
  return document;
}

inline nlohmann::json ask(const HttpClient& client, const std::string& question) {
  const auto answer = client.post("/api/v1/helpdesk/ask", {{"question", question}});
  if (answer.status != 200)
    throw std::runtime_error(question + ": " + std::to_string(answer.status) + " " + answer.body);
  return answer.json();
}

inline bool has_source(const nlohmann::json& answer, const std::string& file_name) {
  for (const auto& source : answer.at("sources"))
    if (source.at("filename") == file_name) return true;
  return false;
}

}  // namespace serai_test
