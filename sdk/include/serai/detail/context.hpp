// What every small interface object carries: the tables the host granted and the call in progress.
// Not for plugin authors: they reach everything from their request or message.
#pragma once

#include <string>
#include <string_view>

#include "serai/abi/all.h"
#include "serai/problem.hpp"

namespace serai::detail {

inline serai_str to_str(std::string_view text) noexcept { return {text.data(), text.size()}; }

inline std::string_view to_view(serai_str text) noexcept {
  return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size};
}

// Fetched once, at creation; NULL: unknown to this host or not granted.
struct Interfaces {
  const serai_host* host = nullptr;
  const serai_response_api* response = nullptr;
  const serai_log_api* log = nullptr;
  const serai_config_api* config = nullptr;
  const serai_sql_api* sql = nullptr;
  const serai_kv_api* kv = nullptr;
  const serai_blob_api* blob = nullptr;
  const serai_vector_api* vector = nullptr;
  const serai_http_client_api* http_client = nullptr;
  const serai_jobs_api* jobs = nullptr;
  const serai_events_api* events = nullptr;
  const serai_services_api* services = nullptr;
  const serai_secrets_api* secrets = nullptr;
  const serai_metrics_api* metrics = nullptr;
  const serai_clock_api* clock = nullptr;
  const serai_program_api* program = nullptr;
  const serai_links_api* links = nullptr;
  const serai_smtp_api* smtp = nullptr;
  const serai_imap_api* imap = nullptr;
};

struct Context {
  const Interfaces* interfaces = nullptr;
  serai_call call = 0;
};

// Turns a failed host function into a Problem with the host's own words.
[[noreturn]] inline void raise(const Context& context, serai_status status) {
  const StatusRow& row = row_of_status(status);
  serai_str code{nullptr, 0};
  serai_str detail{nullptr, 0};
  const serai_host* host = context.interfaces->host;
  host->last_error(host, context.call, &code, &detail);
  throw Problem(row.http, code.size == 0 ? std::string(row.code) : std::string(to_view(code)),
                detail.size == 0 ? "A function of the host failed." : std::string(to_view(detail)));
}

inline void check(const Context& context, serai_status status) {
  if (status < 0) [[unlikely]] {
    raise(context, status);
  }
}

// `name` is the word the manifest uses ("kv").
[[noreturn]] inline void refuse_interface(const char* name) {
  throw Problem(500, "interface_not_granted",
                std::string("The plugin uses serai.") + name +
                    "/1, which it was not granted: list `" + name +
                    "` under `interfaces` in plugin.yaml, or ask the operator to allow it.");
}

template <class Api>
const Api* granted(const Api* api, const char* name) {
  if (api == nullptr) [[unlikely]] {
    refuse_interface(name);
  }
  return api;
}

}  // namespace serai::detail
