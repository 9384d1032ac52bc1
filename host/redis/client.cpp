#include "redis/client.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include <nlohmann/json.hpp>
#include <openssl/sha.h>

#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace host::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100}, kLongestPause{5'000};

observe::Gauge& up_gauge() {
  static auto& gauge = observe::metrics().gauge(
      "serai_redis_up", "Whether Redis is used (1) or this process does without (0).");
  return gauge;
}

observe::Counter& outages() {
  static auto& counter = observe::metrics().counter(
      "serai_redis_outages_total", "How often Redis was given up until it worked again.");
  return counter;
}

}  // namespace

Script::Script(std::string text) : text_(std::move(text)) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> hash{};
  ::SHA1(reinterpret_cast<const unsigned char*>(text_.data()), text_.size(), hash.data());
  static constexpr std::string_view kDigits = "0123456789abcdef";
  for (const auto byte : hash) {
    sha1_ += kDigits[byte >> 4];
    sha1_ += kDigits[byte & 15];
  }
}

Client::Client(Options options) : options_(std::move(options)) {
  // hiredis writes without a flag against it, and a Redis that ended must not end the process.
  (void)std::signal(SIGPIPE, SIG_IGN);
  try {
    try_again();
  } catch (const Unavailable& error) {
    trouble_ = error.what();
    do_without(trouble_);
  }
  watcher_ = std::thread([this] { watch(); });
}

Client::~Client() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  watcher_.join();
}

Client::Subscription::Subscription(Client& client, std::function<void(Connection&)> hook)
    : client_(client), hook_(std::move(hook)) {
  const std::lock_guard lock(client_.hooks_mutex_);
  client_.hooks_.push_back(this);
}

Client::Subscription::~Subscription() {
  const std::lock_guard lock(client_.hooks_mutex_);
  std::erase(client_.hooks_, this);
}

std::optional<Reply> Client::command(std::span<const std::string_view> words) {
  if (!available()) return std::nullopt;
  try {
    auto connection = take();
    if (!connection) return std::nullopt;
    try {
      Reply reply = connection->command(words);
      give_back(std::move(connection));
      return reply;
    } catch (const Refused&) {
      give_back(std::move(connection));
      throw;
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  } catch (const Unavailable& error) {
    failed(error.what());
    return std::nullopt;
  }
}

std::optional<Reply> Client::run(const Script& script, std::string_view key,
                                 std::initializer_list<std::string_view> arguments) {
  std::vector<std::string_view> words = {"EVALSHA", script.sha1(), "1", key};
  words.insert(words.end(), arguments);
  try {
    return command(std::span<const std::string_view>(words));
  } catch (const Refused& error) {
    if (!std::string_view(error.what()).starts_with("NOSCRIPT")) throw;
  }
  words[0] = "EVAL";
  words[1] = script.text();
  return command(std::span<const std::string_view>(words));
}

std::unique_ptr<Connection> Client::take() {
  {
    std::unique_lock lock(mutex_);
    const bool got = connection_free_.wait_for(
        lock, options_.command_time, [&] { return !available() || lent_ < options_.connections; });
    // All are busy: this request does without, which says nothing of Redis.
    if (!got || !available()) return nullptr;
    ++lent_;
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  try {
    return std::make_unique<Connection>(options_);
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

void Client::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (connection && available()) idle_.push_back(std::move(connection));
  }
  connection_free_.notify_one();
}

void Client::failed(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    trouble_ = reason;
    idle_.clear();
    if (!up_.exchange(false)) return;  // another request saw it first
  }
  outages().add();
  do_without(reason);
  changed_.notify_all();
  connection_free_.notify_all();
}

void Client::do_without(const std::string& reason) {
  up_gauge().set(0);
  observe::log(observe::Level::warning, "Redis cannot be used; this process does without.",
               {{"address", options_.address}, {"reason", reason}});
}

void Client::try_again() {
  Connection connection(options_);
  try {
    // A write: a full Redis, or a replica, answers PING as well.
    connection.command({"SET", options_.prefix + ":pulse", "", "PX", "1000"});
    const std::lock_guard hooks_lock(hooks_mutex_);
    for (const auto* hook : hooks_) hook->hook_(connection);
    {
      const std::lock_guard lock(mutex_);
      trouble_.clear();
      up_since_ = Clock::now();
      up_ = true;
    }
    up_gauge().set(1);
    for (const auto* hook : hooks_) hook->hook_(connection);
  } catch (const Refused& error) {
    throw Unavailable(error.what());
  }
  observe::log(observe::Level::info, "Redis is in use.", {{"address", options_.address}});
}

void Client::watch() {
  milliseconds pause = kFirstPause;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (available()) {
      changed_.wait(lock, [&] { return stopping_ || !available(); });
      // One that fails as soon as it is asked is asked less and less.
      if (Clock::now() - up_since_ > kLongestPause) pause = kFirstPause;
      continue;
    }
    // Half of it always, the rest by chance: many nodes must not come back in one instant.
    const auto wait =
        pause / 2 + milliseconds(random_() % static_cast<unsigned>(pause.count()) / 2);
    if (changed_.wait_for(lock, wait, [&] { return stopping_; })) break;
    pause = std::min(pause * 2, kLongestPause);
    lock.unlock();
    try {
      try_again();
    } catch (const Unavailable& error) {
      failed(error.what());
    }
    lock.lock();
  }
}

std::string Client::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace host::redis
