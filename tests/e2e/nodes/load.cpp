#include "e2e/nodes/load.hpp"

#include <poll.h>

namespace serai_test {
namespace {

using nlohmann::json;

constexpr int kPauseAfterFailure = 50;  // ms, as a well-behaved client makes one

}  // namespace

Load::Load(const HttpClient& front, Client kind, std::size_t clients)
    : front_(front), kind_(kind), finished_(clients) {
  for (std::size_t i = 0; i < clients; ++i) threads_.emplace_back([this, i] { run(i); });
}

void Load::stop() {
  stopping_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool Load::goes_on(std::size_t count) const {
  std::vector<std::size_t> from;
  // One more: the request under way now was begun before.
  for (const auto& finished : finished_) from.push_back(finished + count + 1);
  return eventually([&] {
    for (std::size_t i = 0; i < finished_.size(); ++i)
      if (finished_[i] < from[i]) return false;
    return true;
  });
}

void Load::run(std::size_t client) {
  const std::string name = new_marker("load-");
  for (std::size_t number = 0; !stopping_; ++number) {
    const std::string text = name + "-" + std::to_string(number);
    const bool known =
        kind_ == Client::repeats ? write_surely(client, text) : write_once(client, text);
    if (known) {
      const std::lock_guard lock(mutex_);
      acknowledged_.push_back(text);
    }
    if (kind_ == Client::sends_once) read_some(client);
  }
}

Answer Load::send(std::size_t client, const std::string& text, const HttpClient::Headers& headers) {
  ++requests_;
  auto answer =
      front_.post("/api/v1/probe/notes", {{"text", text}, {"tags", json::array()}}, headers);
  ++finished_[client];
  return answer;
}

bool Load::write_once(std::size_t client, const std::string& text) {
  const auto answer = send(client, text, {});
  if (answer.status == 201) return true;
  note_failure(answer);
  return false;
}

// False: stopped before it was known.
bool Load::write_surely(std::size_t client, const std::string& text) {
  while (true) {
    const auto answer = send(client, text, {{"Idempotency-Key", text}});
    if (answer.status == 201) return true;
    if (answer.status == 409 && answer.body.find("idempotency_answer_lost") != std::string::npos)
      return true;
    note_failure(answer);
    if (stopping_) return false;
    ::poll(nullptr, 0, kPauseAfterFailure);
  }
}

void Load::read_some(std::size_t client) {
  ++requests_;
  const auto answer = front_.get("/api/v1/probe/settings");
  ++finished_[client];
  if (answer.status != 200) note_failure(answer);
}

void Load::note_failure(const Answer& answer) {
  const std::lock_guard lock(mutex_);
  // By what it is, not by its request's id.
  const auto code = answer.body.find("\"code\":");
  const auto what = code == std::string::npos
                        ? answer.body.substr(0, 200)
                        : answer.body.substr(code, answer.body.find(',', code) - code);
  ++failures_[std::to_string(answer.status) + " " + what];
}

std::map<std::string, std::size_t> Load::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

std::size_t Load::failed() const {
  std::size_t sum = 0;
  for (const auto& [what, count] : failures()) sum += count;
  return sum;
}

Load::Account Load::account(const HttpClient& reader) const {
  std::map<std::string, std::size_t> there;
  const auto answer = reader.get("/api/v1/probe/notes");
  const auto body = answer.json();
  for (const auto& note : body.at("data")) ++there[note.at("text").get<std::string>()];
  Account account;
  account.acknowledged = acknowledged_.size();
  for (const auto& text : acknowledged_)
    if (there[text] == 0) account.lost.push_back(text);
  for (const auto& [text, count] : there)
    if (count > 1) account.doubled.push_back(text);
  return account;
}

}  // namespace serai_test
