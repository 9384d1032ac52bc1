#include "jobs/hints.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "observe/log.hpp"

namespace host::jobs {
namespace {

bool close(Timestamp a, Timestamp b) {
  return a - b < std::chrono::minutes(1) && b - a < std::chrono::minutes(1);
}

void report(const char* what, const std::exception& trouble) {
  observe::log(observe::Level::warning, what, {{"error", trouble.what()}});
}

}  // namespace

Hints::Due Hints::load() {
  try {
    const auto session = store_.platform();
    const auto rows = session->query("SELECT tenant, due_at FROM serai_job_hints");
    written_.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      written_[rows.text(i, "tenant")] = parse_timestamp(rows.text(i, "due_at"));
    }
  } catch (const std::exception& trouble) {
    report("job hints cannot be read", trouble);
  }
  return written_;
}

void Hints::save(const Due& due) {
  const bool same = std::equal(
      due.begin(), due.end(), written_.begin(), written_.end(),
      [](const auto& a, const auto& b) { return a.first == b.first && close(a.second, b.second); });
  if (same) return;
  try {
    const auto session = store_.platform();
    storage::Transaction transaction(*session);
    for (const auto& [tenant, time] : written_) {
      if (due.contains(tenant)) continue;
      session->execute("DELETE FROM serai_job_hints WHERE tenant = $1", {tenant});
    }
    for (const auto& [tenant, time] : due) {
      const auto known = written_.find(tenant);
      if (known != written_.end() && close(known->second, time)) continue;
      const std::string at = to_text(time);
      session->execute(
          "INSERT INTO serai_job_hints (tenant, due_at) VALUES ($1, $2) ON CONFLICT (tenant) DO "
          "UPDATE SET due_at = excluded.due_at",
          {tenant, at});
    }
    transaction.commit();
    written_ = due;
  } catch (const std::exception& trouble) {
    report("job hints cannot be written", trouble);
  }
}

}  // namespace host::jobs
