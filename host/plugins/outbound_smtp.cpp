// Mail to a submission server or relay, over libcurl; see outbound.hpp.
#include <algorithm>
#include <charconv>

#include <curl/curl.h>

#include "base/curl_handles.hpp"
#include "base/problem.hpp"
#include "plugins/outbound.hpp"
#include "plugins/outbound_rules.hpp"
#include "serai/abi/smtp.h"

namespace host::plugins {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxReply = 1000, kMaxRecipients = 100, kMaxAddress = 320;
constexpr std::size_t kMaxContent = 64 << 20;

// What could end a command or begin another one has no place in an address.
bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  return text.size() <= kMaxAddress && at != std::string_view::npos && at > 0 &&
         at + 1 < text.size() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c > 0x20 && c < 0x7f && c != '<' && c != '>' && c != '\\';
         });
}

// A server and the next one may see different lines in what has a lone CR or LF.
bool whole_lines(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0' || text[i] == '\n') return false;
    if (text[i] != '\r') continue;
    if (i + 1 == text.size() || text[i + 1] != '\n') return false;
    ++i;
  }
  return true;
}

void check(const Submission& submission) {
  const auto& recipients = submission.recipients;
  if (recipients.empty() || recipients.size() > kMaxRecipients)
    throw bad_request("A message has 1 to 100 recipients.");
  if ((!submission.sender.empty() && !is_address(submission.sender)) ||
      !std::all_of(recipients.begin(), recipients.end(), is_address))
    throw bad_request("An address of the envelope is malformed.");
  if (submission.content.empty() || submission.content.size() > kMaxContent ||
      !submission.content.ends_with("\r\n") || !whole_lines(submission.content))
    throw bad_request("The content is not made of lines that end with CRLF, or too large.");
  for (const auto* word : {&submission.user, &submission.password})
    if (word->size() > 1000 || std::any_of(word->begin(), word->end(),
                                           [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
      throw bad_request("The login is malformed.");
}

// One session as its callbacks see it.
struct Session {
  std::string_view content;
  std::size_t sent = 0;
  std::uint32_t stage = SERAI_SMTP_AT_CONNECT;
  int code = 0;       // of the last reply
  std::string reply;  // its text
  bool leaving = false;
  AddressGuard guard;
  std::chrono::steady_clock::time_point until;
};

// libcurl's own time-out does not bound its waits for the last answer and for that to QUIT.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return std::chrono::steady_clock::now() >= static_cast<Session*>(user)->until ? 1 : 0;
}

std::size_t on_content(char* to, std::size_t size, std::size_t count, void* user) {
  auto& session = *static_cast<Session*>(user);
  if (session.sent == 0) {  // what comes now answers the content
    session.code = 0;
    session.reply.clear();
  }
  const auto piece = session.content.substr(session.sent, size * count);
  std::copy(piece.begin(), piece.end(), to);
  session.sent += piece.size();
  return piece.size();
}

std::size_t on_reply(char* data, std::size_t size, std::size_t count, void* user) {
  auto& session = *static_cast<Session*>(user);
  std::string_view line(data, size * count);
  if (session.leaving || line.size() < 4) return size * count;
  int code = 0;
  if (std::from_chars(line.data(), line.data() + 3, code).ptr != line.data() + 3 || code < 200 ||
      code > 599)  // no answer of a mail server: nothing is refused for good by it
    return size * count;
  session.code = code;
  if (session.reply.size() > kMaxReply) return size * count;
  try {
    session.reply += line.substr(4);
    for (char& c : session.reply)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    while (session.reply.ends_with("  ")) session.reply.pop_back();
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return size * count;
}

// The commands tell what the last reply answers; what follows them stays unread: passwords.
int on_command(CURL*, curl_infotype type, char* data, std::size_t size, void* user) {
  if (type != CURLINFO_HEADER_OUT) return 0;
  auto& session = *static_cast<Session*>(user);
  const std::string_view command(data, size);
  const auto begins = [&](std::string_view word) {
    return command.size() >= word.size() && same_text(command.substr(0, word.size()), word);
  };
  if (begins("QUIT")) {
    session.leaving = true;
    return 0;
  }
  session.code = 0;
  session.reply.clear();
  if (begins("AUTH"))
    session.stage = SERAI_SMTP_AT_LOGIN;
  else if (begins("MAIL FROM"))
    session.stage = SERAI_SMTP_AT_SENDER;
  else if (begins("RCPT TO"))
    session.stage = SERAI_SMTP_AT_RECIPIENT;
  else if (begins("DATA"))
    session.stage = SERAI_SMTP_AT_CONTENT;
  return 0;
}

struct Lines {
  curl_slist* list = nullptr;
  Lines() = default;
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() { curl_slist_free_all(list); }
  void add(const std::string& text) {
    curl_slist* longer = curl_slist_append(list, text.c_str());
    if (!longer) throw std::bad_alloc();
    list = longer;
  }
};

SubmissionReply reply_of(const Session& session, CURLcode result) {
  const int code = session.code;
  SubmissionReply reply;
  reply.code = code;
  reply.stage = session.stage;
  reply.text = session.reply.substr(0, kMaxReply);
  while (reply.text.ends_with(' ')) reply.text.pop_back();
  if (result == CURLE_OK)
    reply.outcome = SERAI_SMTP_ACCEPTED;
  else if (code >= 500)
    reply.outcome = SERAI_SMTP_REFUSED;
  else if (code >= 400)
    reply.outcome = SERAI_SMTP_DEFERRED;
  else
    reply.outcome = SERAI_SMTP_UNKNOWN;
  return reply;
}

}  // namespace

SubmissionReply Outbound::submit(const Submission& submission, OutboundTally& tally) {
  check(submission);
  bool plain = false;
  const std::string host = mail_host_and_port(submission.url, plain);
  require_listed(submission.plugin, host, "smtp", submission.hosts);
  const bool clear = plain && !submission.require_tls;
  if (clear && !policy_.allow_plain_http) {
    count_request(submission.plugin, "denied");
    throw forbidden("host_not_allowed", "Only SMTP with TLS is allowed here.");
  }
  if (mail_stand_in) {
    tally.attempts = 1;
    return mail_stand_in(submission);
  }
  const auto now = std::chrono::steady_clock::now();
  if (now >= submission.deadline)
    throw Problem(504, "deadline_exceeded", "The call's deadline has passed.");
  const std::string key = submission.plugin + " " + host;
  if (!breakers_.admit(key, now)) {
    count_request(submission.plugin, "circuit_open");
    throw unavailable("circuit_open", host + " failed too often; it is left alone for a while.",
                      30);
  }
  Session session;
  session.content = submission.content;
  CURLcode result = CURLE_OK;
  try {
    const auto lent = handles_->lend();
    CURL* handle = lent.get();
    Lines recipients;
    for (const auto& recipient : submission.recipients) recipients.add("<" + recipient + ">");
    const auto left = std::chrono::duration_cast<milliseconds>(submission.deadline - now);
    const auto total = std::max(milliseconds(1), std::min(left, submission.timeout));
    guard(handle, session.guard, policy_, total);
    session.until = now + total;
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &session);
    curl_easy_setopt(handle, CURLOPT_URL, submission.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(handle, CURLOPT_USE_SSL,
                     static_cast<long>(clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    // A session belongs to one tenant's login; none is kept for the next message.
    curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    if (!submission.user.empty()) {
      curl_easy_setopt(handle, CURLOPT_USERNAME, submission.user.c_str());
      curl_easy_setopt(handle, CURLOPT_PASSWORD, submission.password.c_str());
    }
    const std::string sender = "<" + submission.sender + ">";
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, sender.c_str());
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients.list);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(submission.content.size()));
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, on_content);
    curl_easy_setopt(handle, CURLOPT_READDATA, &session);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_reply);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &session);
    curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, on_command);
    curl_easy_setopt(handle, CURLOPT_DEBUGDATA, &session);
    curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
    result = curl_easy_perform(handle);
    ++tally.attempts;
    tally.bytes += transferred(handle);
  } catch (...) {
    breakers_.failed(key, now);
    throw;
  }
  if (session.guard.refused) {
    breakers_.succeeded(key);
    count_request(submission.plugin, "denied");
    throw forbidden("host_not_allowed", host + " leads to a private address.");
  }
  // Once all went out, silence is no failure: the message may be on its way.
  const bool all_sent = session.stage == SERAI_SMTP_AT_CONTENT && !session.content.empty() &&
                        session.sent == session.content.size();
  const bool answered = result == CURLE_OK || session.code >= 400;
  if (answered || all_sent) {
    if (answered)
      breakers_.succeeded(key);
    else
      breakers_.failed(key, std::chrono::steady_clock::now());
    count_request(submission.plugin,
                  result == CURLE_OK ? "ok" : (answered ? "server_error" : "failed"));
    return reply_of(session, result);
  }
  breakers_.failed(key, std::chrono::steady_clock::now());
  count_request(submission.plugin, "failed");
  if (result == CURLE_OPERATION_TIMEDOUT || result == CURLE_ABORTED_BY_CALLBACK)
    throw unavailable("timed_out", host + " did not answer in time.", 5);
  throw unavailable("unreachable",
                    host + " cannot be used (" + std::string(curl_easy_strerror(result)) + ").", 5);
}

}  // namespace host::plugins
