// One call into the plugin and what came of it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "manifest.hpp"
#include "serai/abi/entry.h"
#include "serai/testing/fake_host.hpp"

namespace serai::check {

using testing::Pairs;

struct Input {
  std::uint32_t kind = SERAI_HANDLER_ROUTE;
  std::string name;                // "POST /api/v1/ask", "job index": what findings call it
  std::string handler;             // the manifest's word
  const Json* declared = nullptr;  // the manifest's entry; lives as long as the manifest
  // Whether the host would let it through: then 500 is no answer.
  bool admissible = true;

  // A route.
  std::string method, path;
  Pairs path_parameters, query;
  Headers headers;
  std::vector<testing::Upload> parts;
  std::string body;  // or the payload of a message

  // A message.
  std::string id, message_kind;
  std::uint32_t attempt = 1;

  std::string target() const;  // path and query, percent-encoded
};

// Who calls. `mark` stands in everything the world says to this tenant; empty: nothing is marked.
struct Who {
  std::string tenant = "tenant-a";
  std::string user = "alice";
  std::set<std::string, std::less<>> permissions;
  std::string mark;
};

struct Answer {
  serai_status status = SERAI_OK;
  bool answered = false;
  bool escaped = false;  // an exception came out instead
  int http = 0;          // of a route: what the client would get
  Headers headers;
  std::string body;  // of a route or service
  std::string code, detail;
  std::vector<FieldError> fields;

  std::string bytes() const;  // for comparing
};

// Findings about the form of an answer: Law::answer and Law::internal.
void judge(const Input& input, const Answer& answer);

}  // namespace serai::check
