// serai.jobs/1: durable work of the tenant, run at least once by this plugin's job handlers. Joins
// an open transaction, so that work is queued exactly when the write behind it lasts.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "serai/detail/context.hpp"
#include "serai/json.hpp"

namespace serai {

struct JobOptions {
  std::string unique_key = {};         // no second one while one with this key waits or runs
  std::chrono::milliseconds delay{0};  // not before
  std::uint32_t max_attempts = 0;      // 0: the manifest's
};

class Jobs {
 public:
  explicit Jobs(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->jobs, "jobs")) {}

  // `kind` is one of the manifest's jobs. The id lives as long as the call.
  std::string_view enqueue(std::string_view kind, const Json& payload = Json::object(),
                           const JobOptions& options = {}) const {
    const std::string text = dump_json(payload);
    serai_job_spec job{};
    job.struct_size = sizeof(job);
    job.max_attempts = options.max_attempts;
    job.kind = detail::to_str(kind);
    job.payload = detail::to_str(text);
    job.unique_key = detail::to_str(options.unique_key);
    job.delay_ms = static_cast<std::uint64_t>(options.delay.count());
    serai_str id{nullptr, 0};
    detail::check(context_, api_->enqueue(context_.call, &job, &id));
    return detail::to_view(id);
  }

  // "queued", "running", "done" or "dead".
  std::string_view state(std::string_view id) const {
    serai_str state{nullptr, 0};
    detail::check(context_, api_->state(context_.call, detail::to_str(id), &state));
    return detail::to_view(state);
  }

 private:
  detail::Context context_;
  const serai_jobs_api* api_;
};

}  // namespace serai
