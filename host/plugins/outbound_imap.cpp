// Mail read from a mailbox: libcurl connects, speaks TLS and logs in, and then lends its connection
// to ImapDialogue; see outbound.hpp.
#include <algorithm>
#include <memory>

#include <curl/curl.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/problem.hpp"
#include "plugins/imap_dialogue.hpp"
#include "plugins/outbound.hpp"
#include "plugins/outbound_rules.hpp"
#include "serai/abi/imap.h"

namespace host::plugins {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kMaxMessages = 500;
constexpr std::uint64_t kMaxBatch = 32 << 20;   // bytes, but for the first message
constexpr std::uint64_t kMostBytes = 64 << 20;  // whatever the server says of sizes
constexpr std::size_t kMaxReply = 1000;
// The longest time without a byte, and from the connection's begin to the login's end. Whoever
// waits here does no other work.
constexpr std::chrono::seconds kSilence{15};

void check(const MailboxQuery& query) {
  if (query.max_messages > kMaxMessages)
    throw bad_request("At most 500 messages can be asked for.");
  if (query.user.empty()) throw bad_request("A mailbox needs a login.");
  for (const auto* word : {&query.user, &query.password})
    if (word->size() > 1000 || std::any_of(word->begin(), word->end(),
                                           [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
      throw bad_request("The login is malformed.");
}

std::string quoted_name(const std::string& mailbox) {
  try {
    return imap_mailbox_name(mailbox);
  } catch (const std::invalid_argument& malformed) {
    throw bad_request(malformed.what());
  }
}

struct TimedOut {};
struct Broken {
  CURLcode why;
};

// One connection, from its begin to its end; nothing of it is kept, since it belongs to one
// tenant's login.
class Session {
 public:
  Session(const MailboxQuery& query, const OutboundPolicy& policy, milliseconds total)
      : until_(Clock::now() + total), handle_(curl_easy_init(), curl_easy_cleanup) {
    if (!handle_) throw std::bad_alloc();
    CURL* handle = handle_.get();
    guard(handle, guard_, policy, total);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min<milliseconds>(total, kSilence).count()));
    // Within its steps libcurl's own time-out does not bound every wait.
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(handle, CURLOPT_URL, query.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(handle, CURLOPT_USE_SSL,
                     static_cast<long>(query.require_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(handle, CURLOPT_USERNAME, query.user.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, query.password.c_str());
    curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  }
  ~Session() {
    // libcurl takes its leave without waiting for the answer to it.
    if (socket_ != CURL_SOCKET_BAD) ::shutdown(socket_, SHUT_RD);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // CURLE_LOGIN_DENIED: refused, with words().
  CURLcode log_in() {
    const auto result = curl_easy_perform(handle_.get());
    if (result == CURLE_OK) curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket_);
    return result;
  }

  void send(std::string_view text) {
    while (!text.empty()) {
      std::size_t sent = 0;
      const auto result = curl_easy_send(handle_.get(), text.data(), text.size(), &sent);
      if (result == CURLE_AGAIN) {
        wait(POLLOUT, until_);
        continue;
      }
      if (result != CURLE_OK) throw Broken{result};
      bytes_ += static_cast<std::int64_t>(sent);
      text.remove_prefix(sent);
    }
  }
  std::size_t receive(char* to, std::size_t size) {
    const auto silent_until = std::min(until_, Clock::now() + kSilence);
    while (true) {
      if (Clock::now() >= silent_until) throw TimedOut{};
      std::size_t got = 0;
      const auto result = curl_easy_recv(handle_.get(), to, size, &got);
      if (result == CURLE_AGAIN) {
        wait(POLLIN, silent_until);
        continue;
      }
      if (result != CURLE_OK) throw Broken{result};
      if (got == 0) throw Broken{CURLE_GOT_NOTHING};
      bytes_ += static_cast<std::int64_t>(got);
      return got;
    }
  }

  bool refused_address() const { return guard_.refused; }
  std::int64_t bytes() const { return bytes_; }
  // The last line that the login was answered, without its tag.
  std::string words() const {
    const auto blank = last_.find(' ');
    std::string text = last_.substr(blank == std::string::npos ? 0 : blank + 1, kMaxReply);
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }

 private:
  static int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return Clock::now() >= static_cast<Session*>(user)->until_ ? 1 : 0;
  }
  static std::size_t on_line(char* data, std::size_t size, std::size_t count, void* user) {
    auto& session = *static_cast<Session*>(user);
    const std::string_view line(data, size * count);
    session.bytes_ += static_cast<std::int64_t>(line.size());
    try {
      if (!line.starts_with("* ")) session.last_ = line.substr(0, 2 * kMaxReply);
    } catch (const std::bad_alloc&) {
      return 0;
    }
    return size * count;
  }
  void wait(short events, Clock::time_point until) const {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now()).count();
    if (left < 0) throw TimedOut{};
    pollfd ready{socket_, events, 0};
    ::poll(&ready, 1, static_cast<int>(left + 1));
  }

  // Before the handle, which uses them until its end.
  AddressGuard guard_;
  std::string last_;
  std::int64_t bytes_ = 0;
  Clock::time_point until_;
  std::unique_ptr<CURL, void (*)(CURL*)> handle_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
};

// What of `uids` goes into one answer, with the messages that are too large by the server's own
// word. Those that are gone are left out.
std::vector<MailboxMessage> choose(ImapDialogue& imap, const MailboxQuery& query,
                                   const std::vector<std::uint32_t>& uids,
                                   std::uint32_t& up_to_uid) {
  std::vector<MailboxMessage> chosen;
  const auto sizes = imap.sizes(uids);
  std::uint64_t total = 0;
  for (const auto uid : uids) {
    const auto found = sizes.find(uid);
    if (found != sizes.end()) {
      const bool fits = found->second <= query.max_bytes;
      if (fits && total > 0 && total + found->second > kMaxBatch) break;
      if (fits) total += found->second;
      const auto state = fits ? SERAI_IMAP_WHOLE : SERAI_IMAP_TOO_LARGE;
      chosen.push_back({uid, static_cast<std::uint32_t>(state), found->second, {}});
    }
    up_to_uid = uid;
  }
  return chosen;
}

// Fills `answer` as far as it gets; throws what ended it.
void fill(ImapDialogue& imap, const MailboxQuery& query, MailboxAnswer& answer) {
  auto uids = imap.uids_above(answer.up_to_uid);
  if (answer.uid_next == 0) answer.uid_next = uids.empty() ? 1 : uids.back() + 1;
  answer.more = uids.size() > query.max_messages;
  if (query.max_messages == 0 || uids.empty()) return;
  const auto last = uids.back();
  if (answer.more) uids.resize(query.max_messages);
  std::uint32_t chosen_up_to = 0;
  auto chosen = choose(imap, query, uids, chosen_up_to);
  std::vector<std::uint32_t> wanted;
  for (const auto& one : chosen)
    if (one.state == SERAI_IMAP_WHOLE) wanted.push_back(one.uid);

  // What is complete is in the answer at once, whatever becomes of the rest.
  answer.more = true;
  std::size_t next = 0;
  const auto settle_too_large = [&] {
    for (; next < chosen.size() && chosen[next].state == SERAI_IMAP_TOO_LARGE; ++next) {
      answer.up_to_uid = chosen[next].uid;
      answer.messages.push_back(std::move(chosen[next]));
    }
  };
  settle_too_large();
  if (!wanted.empty()) {
    imap.fetch(wanted, query.max_bytes, kMostBytes,
               [&](std::uint32_t uid, ImapDialogue::Fetched fetched) {
                 using State = ImapDialogue::Fetched::State;
                 auto& one = chosen[next++];
                 answer.up_to_uid = uid;
                 if (fetched.state != State::gone) {
                   one.state = fetched.state == State::whole       ? SERAI_IMAP_WHOLE
                               : fetched.state == State::too_large ? SERAI_IMAP_TOO_LARGE
                                                                   : SERAI_IMAP_WITHHELD;
                   one.content = std::move(fetched.content);
                   answer.messages.push_back(std::move(one));
                 }
                 settle_too_large();
               });
  }
  if (next < chosen.size()) return;  // a literal too large ended the session
  answer.up_to_uid = chosen_up_to;
  answer.more = chosen_up_to < last;
}

// What the mailbox says, as far as the session goes.
void read_mailbox(Session& session, const MailboxQuery& query, const std::string& name,
                  MailboxAnswer& answer) {
  ImapDialogue imap([&](std::string_view text) { session.send(text); },
                    [&](char* to, std::size_t size) { return session.receive(to, size); });
  ImapDialogue::Mailbox mailbox;
  if (!imap.examine(name, mailbox)) {
    answer.outcome = SERAI_IMAP_MAILBOX_REFUSED;
    answer.reply = imap.words();
    return;
  }
  if (mailbox.uid_validity == 0) throw ImapFault("It does not number its messages for good.");
  answer.outcome = SERAI_IMAP_READ;
  answer.uid_validity = mailbox.uid_validity;
  answer.uid_next = mailbox.uid_next;
  answer.up_to_uid = query.uid_validity == mailbox.uid_validity ? query.after_uid : 0;
  try {
    fill(imap, query, answer);
  } catch (...) {
    if (answer.messages.empty()) throw;  // else what came is worth having, and `more` says the rest
  }
}

}  // namespace

MailboxAnswer Outbound::read(const MailboxQuery& query, OutboundTally& tally) {
  check(query);
  const auto name = quoted_name(query.mailbox);
  bool plain = false;
  const std::string host = imap_host_and_port(query.url, plain);
  require_listed(query.plugin, host, "imap", query.hosts);
  if (plain && !query.require_tls && !policy_.allow_plain_http) {
    count_request(query.plugin, "denied");
    throw forbidden("host_not_allowed", "Only IMAP with TLS is allowed here.");
  }
  if (mailbox_stand_in) {
    tally.attempts = 1;
    return mailbox_stand_in(query);
  }
  const auto now = Clock::now();
  if (now >= query.deadline)
    throw Problem(504, "deadline_exceeded", "The call's deadline has passed.");
  const std::string key = query.plugin + " " + host;
  if (!breakers_.admit(key, now)) {
    count_request(query.plugin, "circuit_open");
    throw unavailable("circuit_open", host + " failed too often; it is left alone for a while.",
                      30);
  }
  const auto left = std::chrono::duration_cast<milliseconds>(query.deadline - now);
  const auto failed = [&](const char* code, const std::string& words) {
    breakers_.failed(key, Clock::now());
    count_request(query.plugin, "failed");
    return unavailable(code, host + ' ' + words, 5);
  };
  try {
    Session session(query, policy_, std::max(milliseconds(1), std::min(left, query.timeout)));
    struct Count {
      Session& session;
      OutboundTally& tally;
      ~Count() {
        ++tally.attempts;
        tally.bytes += session.bytes();
      }
    } count{session, tally};
    const auto result = session.log_in();
    if (session.refused_address()) {
      breakers_.succeeded(key);
      count_request(query.plugin, "denied");
      throw forbidden("host_not_allowed", host + " leads to a private address.");
    }
    MailboxAnswer answer;
    if (result == CURLE_LOGIN_DENIED) {
      answer.outcome = SERAI_IMAP_LOGIN_REFUSED;
      answer.reply = session.words();
    } else if (result == CURLE_OPERATION_TIMEDOUT || result == CURLE_ABORTED_BY_CALLBACK) {
      throw TimedOut{};
    } else if (result != CURLE_OK) {
      throw Broken{result};
    } else {
      read_mailbox(session, query, name, answer);
    }
    breakers_.succeeded(key);
    count_request(query.plugin, answer.outcome == SERAI_IMAP_READ ? "ok" : "server_error");
    return answer;
  } catch (const Problem&) {
    throw;
  } catch (const TimedOut&) {
    throw failed("timed_out", "did not answer in time.");
  } catch (const Broken& broken) {
    throw failed("unreachable",
                 "cannot be used (" + std::string(curl_easy_strerror(broken.why)) + ").");
  } catch (const ImapFault& fault) {
    throw failed("bad_answer",
                 std::string("does not speak as a mail server should. ") + fault.what());
  } catch (...) {
    breakers_.failed(key, now);
    throw;
  }
}

}  // namespace host::plugins
