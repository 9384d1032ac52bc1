// serai.jobs/1: durable work for the plugin's own job handlers.
#include <algorithm>

#include "jobs/queue.hpp"
#include "plugins/boundary.hpp"
#include "serai/abi/jobs.h"

namespace host::plugins {
namespace {

constexpr std::size_t kMaxPayload = 1 << 20, kMaxKey = 250;

jobs::Queue& queue_of(CallContext& context) {
  return need_room(inside_of(context).rooms.queue, "job queue");
}

jobs::JobSpec spec_of(const Manifest& manifest, const serai_job_spec& job) {
  jobs::JobSpec spec;
  spec.plugin = manifest.id;
  spec.kind = view(job.kind);
  const auto declared = std::find_if(manifest.jobs.begin(), manifest.jobs.end(),
                                     [&](const JobKind& kind) { return kind.kind == spec.kind; });
  if (declared == manifest.jobs.end())
    throw bad_request("The manifest declares no job of the kind " + spec.kind + ".");
  spec.payload = view(job.payload);
  spec.unique_key = view(job.unique_key);
  if (spec.payload.size() > kMaxPayload)
    throw Problem(413, "too_large", "A job's payload is at most 1 MiB long.");
  if (spec.unique_key.size() > kMaxKey)
    throw bad_request("A unique key is at most 250 bytes long.");
  spec.run_at =
      now() + std::chrono::milliseconds(std::min<std::uint64_t>(job.delay_ms, 366ull * 86'400'000));
  spec.max_attempts =
      job.max_attempts ? static_cast<int>(std::min(job.max_attempts, 100u)) : declared->attempts;
  spec.timeout = declared->timeout;
  return spec;
}

serai_status enqueue(serai_call call, const serai_job_spec* job, serai_str* id) noexcept {
  return boundary(call, Interface::jobs, Need::token, "jobs.enqueue", [&](CallContext& context) {
    const auto& given = require(job);
    if (given.struct_size < sizeof(serai_job_spec)) throw bad_request("The job is too small.");
    const auto spec = spec_of(context.generation().manifest(), given);
    context.atomically([&] {
      const auto made = queue_of(context).enqueue(context.token(), context.host_session(), spec);
      context.chain().work_added = true;
      if (id) *id = context.give(made);
    });
  });
}

serai_status state(serai_call call, serai_str id, serai_str* out) noexcept {
  return boundary(call, Interface::jobs, Need::token, "jobs.state", [&](CallContext& context) {
    auto& word = require(out);
    const auto found = queue_of(context).find(context.token(), context.host_session(), view(id));
    if (!found || found->job.plugin != context.generation().id())
      throw not_found("This plugin has no such job.");
    static constexpr std::string_view names[] = {"queued", "running", "done", "dead"};
    const auto name = names[static_cast<std::size_t>(found->state)];
    word = {name.data(), name.size()};
  });
}

constexpr serai_jobs_api kTable{sizeof(serai_jobs_api), 0, enqueue, state};

}  // namespace

const void* jobs_table() noexcept { return &kTable; }

}  // namespace host::plugins
