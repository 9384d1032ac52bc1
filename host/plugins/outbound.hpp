// Requests of plugins to the outside: to declared hosts only, never to private addresses unless the
// operator allows it, with time-outs, retries and circuit breakers. Follows no redirect: the plugin
// sees the 3xx and asks again, through the same checks. Thread-safe. Private to this room.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "plugins/breaker.hpp"
#include "plugins/registry.hpp"

struct sockaddr;

namespace host {
class CurlHandles;
}

namespace host::plugins {

// Where a plugin may go in a call.
struct OutboundHosts {
  std::vector<std::string> allowed;  // "host" (the scheme's ports) or "host:port"
  std::vector<std::string> denied;   // the operator's, the same form; "host" is every port
};

struct OutboundRequest {
  std::string plugin;
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
  std::chrono::milliseconds timeout{10'000};  // of one attempt
  Deadline deadline;                          // of all together
  std::uint32_t retries = 0;
  std::uint64_t max_body = 8 << 20;
  OutboundHosts hosts;
};

// One message to a mail server.
struct Submission {
  std::string plugin;
  std::string url;  // smtp://host:port or smtps://host:port
  std::string user, password;
  std::string sender;
  std::vector<std::string> recipients;
  std::string_view content;
  bool require_tls = true;  // of smtp://
  std::chrono::milliseconds timeout{30'000};
  Deadline deadline;
  OutboundHosts hosts;
};

// What became of it, in the words of sdk/include/serai/abi/smtp.h.
struct SubmissionReply {
  std::int32_t outcome = 0;
  std::int32_t code = 0;
  std::uint32_t stage = 0;
  std::string text;
};

// Messages of one mailbox, from where the plugin left off.
struct MailboxQuery {
  std::string plugin;
  std::string url;  // imap://host:port or imaps://host:port
  std::string user, password;
  std::string mailbox;      // UTF-8
  bool require_tls = true;  // of imap://
  std::uint32_t uid_validity = 0, after_uid = 0;
  std::uint32_t max_messages = 0;
  std::uint64_t max_bytes = 32 << 20;  // of a message
  std::chrono::milliseconds timeout{30'000};
  Deadline deadline;
  OutboundHosts hosts;
};

// What is there, in the words of sdk/include/serai/abi/imap.h.
struct MailboxMessage {
  std::uint32_t uid = 0, state = 0;
  std::uint64_t size = 0;
  std::string content;
};
struct MailboxAnswer {
  std::int32_t outcome = 0;
  std::uint32_t uid_validity = 0, uid_next = 0, up_to_uid = 0;
  bool more = false;
  std::vector<MailboxMessage> messages;
  std::string reply;
};

// What a request has cost, however it ended.
struct OutboundTally {
  std::uint32_t attempts = 0;
  std::int64_t bytes = 0;  // sent and received, headers too
};

struct OutboundReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::uint32_t attempts = 0;
};

class Outbound {
 public:
  explicit Outbound(OutboundPolicy policy);
  ~Outbound();

  // Throws Problem: 403 host_not_allowed, 503 unreachable or circuit_open, 502 bad_answer,
  // 413 too_large, 504 deadline_exceeded, 400 for what is no request.
  OutboundReply fetch(const OutboundRequest& request, OutboundTally& tally);
  OutboundReply fetch(const OutboundRequest& request) {
    OutboundTally nobodys;
    return fetch(request, nobodys);
  }

  // Once; 403 as above (plain text without leave too), 503 unreachable, timed_out or circuit_open
  // before all was sent, 504, 400. Every answer of a server is a reply.
  SubmissionReply submit(const Submission& submission, OutboundTally& tally);

  // Once; 403 as above, 503 unreachable, timed_out, bad_answer or circuit_open before the first
  // message, 504, 400. What the server refuses is an answer.
  MailboxAnswer read(const MailboxQuery& query, OutboundTally& tally);

  // Waiting between attempts, replaceable by tests.
  std::function<void(std::chrono::milliseconds)> wait;
  // Answers in the place of the world, after the checks that need no network. Null: none does.
  std::function<OutboundReply(const OutboundRequest&)> stand_in;
  std::function<SubmissionReply(const Submission&)> mail_stand_in;
  std::function<MailboxAnswer(const MailboxQuery&)> mailbox_stand_in;

 private:
  struct Attempt;

  Attempt attempt(const OutboundRequest& request, OutboundTally& tally);

  OutboundPolicy policy_;
  Breakers breakers_;
  std::unique_ptr<CurlHandles> handles_;
};

// Loopback, private, link-local, multicast, documentation ... and IPv4 in IPv6's clothes.
bool is_private_address(const sockaddr& address);

// "https://Api.Example.com/x" -> "api.example.com:443"; throws Problem(400) for what is no http(s)
// URL or carries credentials.
std::string host_and_port(const std::string& url, bool& plain);
// The same of a smtp(s) URL, which has no path either.
std::string mail_host_and_port(const std::string& url, bool& plain);
// And of an imap(s) URL.
std::string imap_host_and_port(const std::string& url, bool& plain);

}  // namespace host::plugins
