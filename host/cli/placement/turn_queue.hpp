// A queue without time: jobs wait in memory until somebody says it is their turn, then they run on
// that thread in the order they were queued, once each. Ids are counted. For trying a plugin out.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "jobs/queue.hpp"

namespace host::cli {

class TurnQueue final : public jobs::Queue {
 public:
  using TokenFor = std::function<CallToken(const std::string& tenant)>;
  explicit TurnQueue(TokenFor token_for) : token_for_(std::move(token_for)) {}

  // What is queued and committed, and what that queues, at most `most`: a line for each. What is
  // left after that is dropped.
  std::string run(std::size_t most = 100);
  // One job that nobody queued, as a schedule or another plugin's event would. Throws Problem.
  void run_one(const CallToken& token, const std::string& kind, const std::string& payload);

  std::string enqueue(const CallToken& token, storage::Session& session,
                      const jobs::JobSpec& spec) override;
  void publish(const CallToken& token, storage::Session& session, std::string_view type,
               std::string_view payload) override;
  void committed(const CallToken& token) override;
  std::optional<jobs::JobInfo> find(const CallToken& token, storage::Session& session,
                                    std::string_view id) override;
  std::vector<jobs::JobInfo> list(const CallToken& token, storage::Session& session,
                                  std::string_view plugin, std::optional<jobs::JobState> state,
                                  std::size_t limit) override;
  bool retry(const CallToken&, storage::Session&, std::string_view) override { return false; }
  void set_plugin(const std::string& plugin, jobs::JobHandler handler,
                  std::vector<jobs::Schedule> schedules,
                  std::vector<std::string> subscriptions) override;
  void remove_plugin(const std::string& plugin) override;
  void start() override {}
  void stop(std::chrono::milliseconds) override {}
  bool replace_worker(pid_t) override { return false; }
  bool drain(const CallToken&, Deadline) override { return true; }

 private:
  struct Kept {
    std::string tenant, unique_key;
    bool committed = false;
    jobs::JobInfo info;
  };
  std::string add(const CallToken& token, const std::string& kind, std::string payload,
                  const std::string& unique_key);

  TokenFor token_for_;
  jobs::JobHandler handler_;
  std::vector<std::string> subscriptions_;
  std::deque<Kept> jobs_;
};

}  // namespace host::cli
