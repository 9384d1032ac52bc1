#include "cli/placement/turn_queue.hpp"

#include <algorithm>

#include "base/problem.hpp"

namespace host::cli {

std::string TurnQueue::add(const CallToken& token, const std::string& kind, std::string payload,
                           const std::string& unique_key) {
  for (const Kept& kept : jobs_)
    if (!unique_key.empty() && kept.tenant == token.tenant() && kept.info.job.kind == kind &&
        kept.unique_key == unique_key && kept.info.state == jobs::JobState::queued)
      return kept.info.job.id;
  Kept kept{token.tenant(), unique_key, false, {{}, jobs::JobState::queued, {}, {}}};
  kept.info.job.id = "job-" + std::to_string(jobs_.size() + 1);
  kept.info.job.plugin = token.plugin();
  kept.info.job.kind = kind;
  kept.info.job.payload = std::move(payload);
  kept.info.job.user = token.user();
  kept.info.job.request_id = token.request_id();
  jobs_.push_back(std::move(kept));
  return jobs_.back().info.job.id;
}

std::string TurnQueue::enqueue(const CallToken& token, storage::Session&,
                               const jobs::JobSpec& spec) {
  return add(token, spec.kind, spec.payload, spec.unique_key);
}

void TurnQueue::publish(const CallToken& token, storage::Session&, std::string_view type,
                        std::string_view payload) {
  // Only the plugin itself is there to hear it; a line of run() tells of it all the same.
  add(token, "event:" + std::string(type), std::string(payload), {});
}

void TurnQueue::committed(const CallToken& token) {
  for (Kept& kept : jobs_)
    if (kept.tenant == token.tenant()) kept.committed = true;
}

std::string TurnQueue::run(std::size_t most) {
  std::string lines;
  std::size_t runs = 0;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    Kept& kept = jobs_[i];
    if (kept.info.state != jobs::JobState::queued) continue;
    if (!kept.committed || runs >= most) {
      kept.info.state = jobs::JobState::dead;
      continue;
    }
    ++runs;
    const jobs::Job job = kept.info.job;  // the handler may queue another
    lines += job.kind + " " + job.payload + ": ";
    const bool event = job.kind.starts_with("event:");
    if (event && std::find(subscriptions_.begin(), subscriptions_.end(), job.kind.substr(6)) ==
                     subscriptions_.end()) {
      jobs_[i].info.state = jobs::JobState::done;
      lines += "published\n";
      continue;
    }
    try {
      jobs_[i].info.state = jobs::JobState::running;
      handler_(token_for_(kept.tenant), job);
      jobs_[i].info.state = jobs::JobState::done;
      lines += "done\n";
    } catch (const Problem& problem) {
      jobs_[i].info.state = jobs::JobState::dead;
      lines +=
          std::to_string(problem.status()) + " " + problem.code() + " " + problem.detail() + "\n";
    }
  }
  return lines;
}

void TurnQueue::run_one(const CallToken& token, const std::string& kind,
                        const std::string& payload) {
  jobs::Job job;
  job.id = "job-" + kind;
  job.kind = kind;
  job.payload = payload;
  handler_(token, job);
}

std::optional<jobs::JobInfo> TurnQueue::find(const CallToken& token, storage::Session&,
                                             std::string_view id) {
  for (const Kept& kept : jobs_)
    if (kept.tenant == token.tenant() && kept.info.job.id == id) return kept.info;
  return std::nullopt;
}

std::vector<jobs::JobInfo> TurnQueue::list(const CallToken& token, storage::Session&,
                                           std::string_view, std::optional<jobs::JobState> state,
                                           std::size_t limit) {
  std::vector<jobs::JobInfo> found;
  for (const Kept& kept : jobs_)
    if (kept.tenant == token.tenant() && (!state || kept.info.state == *state) &&
        found.size() < limit)
      found.push_back(kept.info);
  return found;
}

void TurnQueue::set_plugin(const std::string&, jobs::JobHandler handler,
                           std::vector<jobs::Schedule>, std::vector<std::string> subscriptions) {
  handler_ = std::move(handler);
  subscriptions_ = std::move(subscriptions);
}

void TurnQueue::remove_plugin(const std::string&) { handler_ = nullptr; }

}  // namespace host::cli
