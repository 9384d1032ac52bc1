// From the C ABI to a Plugin object and back: the trampolines the host calls, and the one place
// where exceptions become statuses. Nothing may throw past here.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>

#include "serai/create.h"
#include "serai/handlers.hpp"

namespace serai::detail {

inline void set_error(const Context& context, std::string_view code,
                      std::string_view text) noexcept {
  const serai_host* host = context.interfaces->host;
  if (context.call != 0) host->set_error(host, context.call, to_str(code), to_str(text));
}

// What failed inside is for the log, never for the caller.
inline serai_status report_internal(const Context& context, std::string_view what) noexcept {
  const serai_log_api* log = context.interfaces->log;
  if (log != nullptr) log->write(context.call, SERAI_LOG_ERROR, to_str(what), {nullptr, 0});
  set_error(context, "internal_error", "The plugin failed while it handled this call.");
  return SERAI_E_INTERNAL;
}

// An HTTP status the ABI has no word for (410, 412, ...) is answered in full by the plugin's side.
inline serai_status answer_problem(const Context& context, const Problem& problem) {
  Json body = {{"type", "about:blank"},    {"title", problem.code}, {"status", problem.status},
               {"detail", problem.detail}, {"code", problem.code},  {"success", false}};
  for (const FieldError& error : problem.errors) {
    body["errors"].push_back({{"pointer", error.pointer}, {"detail", error.detail}});
  }
  send(context, problem.status, "application/problem+json", dump_json(body));
  return SERAI_OK;
}

inline serai_status report_problem(const Context& context, const Problem& problem,
                                   bool is_request) {
  if (is_request && exact_status(problem.status) == SERAI_OK && problem.status >= 400 &&
      problem.status < 600) {
    return answer_problem(context, problem);
  }
  if (context.call == 0) return report_internal(context, problem.detail);
  set_error(context, problem.code, problem.detail);
  const serai_host* host = context.interfaces->host;
  for (const FieldError& error : problem.errors) {
    host->add_field_error(host, context.call, to_str(error.pointer), to_str(error.detail));
  }
  return nearest_status(problem.status);
}

// The catch site: called only while an exception is being handled.
inline serai_status report(const Context& context, bool is_request) noexcept {
  try {
    try {
      throw;
    } catch (const Problem& problem) {
      return report_problem(context, problem, is_request);
    } catch (const std::exception& error) {
      return report_internal(context, error.what());
    } catch (...) {
      return report_internal(context, "An exception of unknown type left a handler.");
    }
  } catch (...) {
    return report_internal(context, "An error could not be reported.");
  }
}

// A Plugin object behind its table of C functions. Owns the object; destroyed by destroy().
class Dispatch {
 public:
  explicit Dispatch(const serai_host* host) noexcept {
    interfaces_.host = host;
    fetch(interfaces_.response, SERAI_RESPONSE_ID);
    fetch(interfaces_.log, SERAI_LOG_ID);
    fetch(interfaces_.config, SERAI_CONFIG_ID);
    fetch(interfaces_.sql, SERAI_SQL_ID);
    fetch(interfaces_.kv, SERAI_KV_ID);
    fetch(interfaces_.blob, SERAI_BLOB_ID);
    fetch(interfaces_.vector, SERAI_VECTOR_ID);
    fetch(interfaces_.http_client, SERAI_HTTP_CLIENT_ID);
    fetch(interfaces_.jobs, SERAI_JOBS_ID);
    fetch(interfaces_.events, SERAI_EVENTS_ID);
    fetch(interfaces_.services, SERAI_SERVICES_ID);
    fetch(interfaces_.secrets, SERAI_SECRETS_ID);
    fetch(interfaces_.metrics, SERAI_METRICS_ID);
    fetch(interfaces_.clock, SERAI_CLOCK_ID);
    fetch(interfaces_.program, SERAI_PROGRAM_ID);
    fetch(interfaces_.links, SERAI_LINKS_ID);
    fetch(interfaces_.smtp, SERAI_SMTP_ID);
    fetch(interfaces_.imap, SERAI_IMAP_ID);
    table_.struct_size = sizeof(table_);
    table_.self = this;
    table_.resolve = resolve;
    table_.start = start;
    table_.handle_request = handle_request;
    table_.handle_message = handle_message;
    table_.handle_service = handle_message;
    table_.forget_tenant = forget_tenant;
    table_.stop = stop;
    table_.destroy = destroy;
  }

  template <class P>
  static serai_status create(const serai_host* host, const serai_plugin** out, char* error,
                             std::uint64_t error_size) noexcept {
    const char* text = "The plugin's constructor failed.";
    try {
      auto dispatch = std::make_unique<Dispatch>(host);
      if (dispatch->interfaces_.response == nullptr) {
        write_error("The host does not offer serai.response/1.", error, error_size);
        return SERAI_E_UNSUPPORTED;
      }
      dispatch->plugin_ = std::make_unique<P>();
      dispatch->plugin_->interfaces_ = &dispatch->interfaces_;
      *out = &dispatch.release()->table_;
      return SERAI_OK;
    } catch (const std::exception& failure) {
      write_error(failure.what(), error, error_size);
    } catch (...) {
      write_error(text, error, error_size);
    }
    return SERAI_E_INTERNAL;
  }

 private:
  template <class Api>
  void fetch(const Api*& api, std::string_view id) noexcept {
    api = static_cast<const Api*>(
        interfaces_.host->get_interface(interfaces_.host, to_str(id), sizeof(Api)));
  }

  static void write_error(std::string_view text, char* error, std::uint64_t size) noexcept {
    if (error == nullptr || size == 0) return;
    const auto length = std::min<std::uint64_t>(text.size(), size - 1);
    std::memcpy(error, text.data(), length);
    error[length] = '\0';
  }

  static std::int32_t resolve(void* self, std::uint32_t kind, serai_str name) noexcept {
    return static_cast<Dispatch*>(self)->plugin_->find(kind, to_view(name));
  }

  static serai_status handle_request(void* self, serai_call call,
                                     const serai_request* request) noexcept {
    return static_cast<Dispatch*>(self)->run(call, request->handler, request, true);
  }
  static serai_status handle_message(void* self, serai_call call,
                                     const serai_message* message) noexcept {
    return static_cast<Dispatch*>(self)->run(call, message->handler, message, false);
  }

  serai_status run(serai_call call, std::uint32_t handler, const void* abi,
                   bool is_request) noexcept {
    const Context context{&interfaces_, call};
    if (handler >= plugin_->handlers_.size() ||
        (plugin_->handlers_[handler].kind == SERAI_HANDLER_ROUTE) != is_request) {
      return report_internal(context, "The host asked for a handler the plugin does not have.");
    }
    try {
      plugin_->handlers_[handler].run(context, abi);
      return SERAI_OK;
    } catch (...) {
      return report(context, is_request);
    }
  }

  static serai_status start(void* self) noexcept {
    auto* dispatch = static_cast<Dispatch*>(self);
    try {
      dispatch->plugin_->start();
      return SERAI_OK;
    } catch (...) {
      return report({&dispatch->interfaces_, 0}, false);
    }
  }
  static void forget_tenant(void* self, serai_str tenant) noexcept {
    auto* dispatch = static_cast<Dispatch*>(self);
    try {
      dispatch->plugin_->forget_tenant(to_view(tenant));
    } catch (...) {
      report({&dispatch->interfaces_, 0}, false);
    }
  }
  static void stop(void* self) noexcept {
    auto* dispatch = static_cast<Dispatch*>(self);
    try {
      dispatch->plugin_->stop();
    } catch (...) {
      report({&dispatch->interfaces_, 0}, false);
    }
  }
  static void destroy(void* self) noexcept { delete static_cast<Dispatch*>(self); }

  serai_plugin table_{};
  Interfaces interfaces_;
  std::unique_ptr<Plugin> plugin_;
};

}  // namespace serai::detail

// Once per plugin, after the class: makes it what the host creates.
#define SERAI_PLUGIN(Type)                                                                       \
  extern "C" serai_status serai_plugin_create(const serai_host* host, const serai_plugin** out,  \
                                              char* error, uint64_t error_size) SERAI_NOEXCEPT { \
    return ::serai::detail::Dispatch::create<Type>(host, out, error, error_size);                \
  }
