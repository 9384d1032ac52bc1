// What every request, job, event and service call has in common: who calls, until when, and the
// host's interfaces, already bound to this call's tenant. Valid until the handler returns; never
// keep one.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "serai/blob.hpp"
#include "serai/clock.hpp"
#include "serai/config.hpp"
#include "serai/detail/context.hpp"
#include "serai/events.hpp"
#include "serai/http_client.hpp"
#include "serai/imap.hpp"
#include "serai/jobs.hpp"
#include "serai/kv.hpp"
#include "serai/links.hpp"
#include "serai/log.hpp"
#include "serai/metrics.hpp"
#include "serai/program.hpp"
#include "serai/secrets.hpp"
#include "serai/services.hpp"
#include "serai/smtp.hpp"
#include "serai/sql.hpp"
#include "serai/vector.hpp"

namespace serai {

// Views that live as long as the call. All empty but `tenant` for jobs and events.
struct Caller {
  std::string_view tenant;
  std::string_view user;
  std::string_view email;
  std::string_view name;
  std::string_view role;
  std::string_view request_id;
};

class Call {
 public:
  Call(const detail::Context& context, const serai_caller& caller) noexcept
      : context_(context), caller_(&caller) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Who is calling.
  Caller caller() const noexcept {
    return {detail::to_view(caller_->tenant), detail::to_view(caller_->user),
            detail::to_view(caller_->email),  detail::to_view(caller_->name),
            detail::to_view(caller_->role),   detail::to_view(caller_->request_id)};
  }
  // Whether the caller holds the permission ("crm.edit").
  bool allows(std::string_view permission) const noexcept {
    const serai_host* host = context_.interfaces->host;
    return host->allows(host, context_.call, detail::to_str(permission)) != 0;
  }
  // Problem 403 unless the caller holds it.
  void require(std::string_view permission) const {
    if (!allows(permission)) {
      throw Problem(403, "permission_denied",
                    "This needs the permission " + std::string(permission) + ".");
    }
  }
  // On the monotonic clock of clock().
  std::chrono::microseconds deadline() const noexcept {
    return std::chrono::microseconds{caller_->deadline_us};
  }
  std::chrono::microseconds time_left() const { return deadline() - clock().monotonic(); }

  // Each throws Problem 500 naming the manifest key if the interface was not granted; ask has_*()
  // first for what stands under optional_interfaces.
  Sql sql() const { return Sql(context_); }
  Kv kv() const { return Kv(context_); }
  Blobs blobs() const { return Blobs(context_); }
  Vectors vectors() const { return Vectors(context_); }
  HttpClient http() const { return HttpClient(context_); }
  Jobs jobs() const { return Jobs(context_); }
  Events events() const { return Events(context_); }
  Services services() const { return Services(context_); }
  Secrets secrets() const { return Secrets(context_); }
  Config config() const { return Config(context_); }
  Metrics metrics() const { return Metrics(context_); }
  Log log() const { return Log(context_); }
  Clock clock() const { return Clock(context_); }
  Programs programs() const { return Programs(context_); }
  Smtp smtp() const { return Smtp(context_); }
  Imap imap() const { return Imap(context_); }
  Links links() const { return Links(context_); }

  // Whether the interface was granted.
  bool has_sql() const noexcept { return context_.interfaces->sql != nullptr; }
  bool has_kv() const noexcept { return context_.interfaces->kv != nullptr; }
  bool has_blobs() const noexcept { return context_.interfaces->blob != nullptr; }
  bool has_vectors() const noexcept { return context_.interfaces->vector != nullptr; }
  bool has_http() const noexcept { return context_.interfaces->http_client != nullptr; }
  bool has_jobs() const noexcept { return context_.interfaces->jobs != nullptr; }
  bool has_events() const noexcept { return context_.interfaces->events != nullptr; }
  bool has_services() const noexcept { return context_.interfaces->services != nullptr; }
  bool has_secrets() const noexcept { return context_.interfaces->secrets != nullptr; }
  bool has_config() const noexcept { return context_.interfaces->config != nullptr; }
  bool has_metrics() const noexcept { return context_.interfaces->metrics != nullptr; }
  bool has_log() const noexcept { return context_.interfaces->log != nullptr; }
  bool has_programs() const noexcept { return context_.interfaces->program != nullptr; }
  bool has_links() const noexcept { return context_.interfaces->links != nullptr; }
  bool has_smtp() const noexcept { return context_.interfaces->smtp != nullptr; }
  bool has_imap() const noexcept { return context_.interfaces->imap != nullptr; }
  bool has_clock() const noexcept { return context_.interfaces->clock != nullptr; }

  // For code that speaks the C ABI itself.
  const detail::Context& context() const noexcept { return context_; }

 protected:
  ~Call() = default;

 private:
  detail::Context context_;
  const serai_caller* caller_;
};

}  // namespace serai
