// See files.hpp.
#include "files.hpp"

namespace crm {

void discard_later(const serai::Call& call, std::string_view blob, std::chrono::hours after,
                   std::string_view import_id) {
  call.jobs().enqueue("discard", {{"blob", blob}, {"import_id", import_id}}, {.delay = after});
}

void discard(const serai::Call& call, std::string_view blob) {
  const auto waiting = call.sql().query(
      "SELECT id FROM crm_imports WHERE blob = $1 AND state = 'queued' LIMIT 1", blob);
  if (!waiting.empty()) return;
  try {
    call.blobs().remove(blob);
  } catch (const serai::Problem& problem) {
    if (problem.status != 404) throw;  // equal bytes were given up before
  }
}

void run_discard(serai::Job& job) {
  auto transaction = job.sql().transaction();
  const auto import_id = job.field("import_id", "");
  if (!import_id.empty()) {
    const auto failed = job.sql().execute(
        "UPDATE crm_imports SET state = 'failed', finished_at = $1 WHERE id = $2 AND state = "
        "'queued'",
        job.clock().now_text(), import_id);
    if (failed == 0) return;  // done, and its file is gone
  }
  discard(job, job.field<std::string>("blob"));
  transaction.commit();
}

}  // namespace crm
