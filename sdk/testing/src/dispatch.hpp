// Carrying one call into the plugin and its outcome out again.
#pragma once

#include <string>

#include "state.hpp"

namespace serai::testing {

// A request as it stands before routing.
struct Incoming {
  std::string method;
  std::string target;  // path and query, percent-encoded
  std::string body;
  Headers headers;
  std::vector<Upload> parts;
  bool is_form = false;
};

Reply dispatch_request(FakeHost::Impl& host, const Incoming& incoming);

// Runs a job, event or service handler; throws Problem when it fails. The service's reply.
struct Delivery {
  std::uint32_t kind;   // SERAI_HANDLER_*
  std::string handler;  // as in the manifest
  std::string id;
  std::string name;  // what serai_message.kind says
  std::string payload;
  std::uint32_t attempt = 1;
};
std::string dispatch_message(FakeHost::Impl& host, const std::string& tenant,
                             const Delivery& delivery);

}  // namespace serai::testing
