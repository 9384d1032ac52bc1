#include "redis/connection.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <hiredis/hiredis.h>
#include <sys/socket.h>

namespace host::redis {
namespace {

timeval to_timeval(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000),
          static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

redisContext* open(const Options& options) {
  const auto patience = to_timeval(options.connect_time);
  if (options.address.starts_with("unix:"))
    return ::redisConnectUnixWithTimeout(options.address.c_str() + 5, patience);
  const auto colon = options.address.rfind(':');
  int port = 6379;
  if (colon != std::string::npos)
    std::from_chars(options.address.data() + colon + 1,
                    options.address.data() + options.address.size(), port);
  std::string host = options.address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return ::redisConnectWithTimeout(host.c_str(), port, patience);
}

// First words of errors that tell of Redis' state and not of the command.
bool tells_of_state(std::string_view error) {
  static constexpr std::array<std::string_view, 12> kStates = {
      "LOADING", "READONLY",  "MASTERDOWN", "OOM",         "MISCONF",  "BUSY",
      "NOAUTH",  "WRONGPASS", "NOPERM",     "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS"};
  return std::ranges::find(kStates, error.substr(0, error.find(' '))) != kStates.end();
}

// Far below what the stack holds; our commands nest once.
constexpr int kDeepest = 8;

Reply take_over(const redisReply& reply, int depth = 0) {
  if (depth > kDeepest) throw Unavailable("Redis answered with lists in lists");
  switch (reply.type) {
    case REDIS_REPLY_NIL:
      return {};
    case REDIS_REPLY_INTEGER:
      return {reply.integer};
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      return {std::string(reply.str, reply.len)};
    case REDIS_REPLY_ARRAY: {
      Reply::List list;
      list.reserve(reply.elements);
      for (std::size_t i = 0; i < reply.elements; ++i)
        list.push_back(take_over(*reply.element[i], depth + 1));
      return {std::move(list)};
    }
    case REDIS_REPLY_ERROR: {
      std::string error(reply.str, reply.len);
      if (tells_of_state(error)) throw Unavailable(error);
      throw Refused(error);
    }
    default:
      throw Unavailable("Redis answered in a way that is not known");
  }
}

}  // namespace

void Connection::Free::operator()(redisContext* context) const { ::redisFree(context); }

Connection::Connection(const Options& options) : context_(open(options)) {
  if (!context_) throw Unavailable("no memory for a connection");
  if (context_->err != 0) throw Unavailable(context_->errstr);
  // Closed means dropped: a command that was given up must not arrive minutes later.
  const linger drop{1, 0};
  ::setsockopt(context_->fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
  if (::redisSetTimeout(context_.get(), to_timeval(options.command_time)) != REDIS_OK)
    throw Unavailable(context_->errstr);
  try {
    if (!options.user.empty())
      command({"AUTH", options.user, options.password});
    else if (!options.password.empty())
      command({"AUTH", options.password});
  } catch (const Refused& error) {
    throw Unavailable(error.what());
  }
}

Reply Connection::command(std::span<const std::string_view> words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  struct FreeReply {
    void operator()(redisReply* reply) const { ::freeReplyObject(reply); }
  };
  const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(::redisCommandArgv(
      context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
  if (!reply) throw Unavailable(context_->err != 0 ? context_->errstr : "the connection was lost");
  return take_over(*reply);
}

}  // namespace host::redis
