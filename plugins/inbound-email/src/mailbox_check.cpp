#include "mailbox_check.hpp"

#include <algorithm>

#include "mailboxes.hpp"
#include "message/message.hpp"
#include "store_mail.hpp"

namespace inbound {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t kBatch = 50;            // messages of one session
constexpr int kSessions = 3;                    // of one job: others want to run as well
constexpr minutes kTurn{5};                     // until the job that goes on is missed
constexpr std::uint64_t kLargest = 30U << 20U;  // bytes of a message, as parse_message takes them
constexpr seconds kSession{60};                 // the longest wait for one session
constexpr std::int64_t kMostRuns = 8;           // begun on a message without an end
constexpr std::int64_t kLongestPause = 60;      // minutes between two tries
constexpr std::int64_t kDay = 24 * 60 * 60;     // seconds

struct Mailbox {
  std::string id, host, url, user, folder, begins;
  std::int64_t port = 0;
  serai::ImapTls tls = serai::ImapTls::required;
  std::uint32_t uid_validity = 0, last_uid = 0, old_below_uid = 0;
  std::int64_t began = 0;  // seconds since 1970; 0: not yet
  std::int64_t runs = 0;
};

std::optional<Mailbox> begin(const serai::Job& job) {
  const auto id = job.field<std::string>("mailbox_id");
  const auto rows = job.sql().query(
      "UPDATE inbound_email_mailboxes SET runs = runs + 1 WHERE mailbox_id = $1 "
      "RETURNING host, port, security, login, folder, begins, uid_validity, last_uid, "
      "old_below_uid, began, runs",
      id);
  if (rows.empty()) return std::nullopt;  // removed meanwhile
  const auto row = rows.front();
  const auto number = [&](const char* name) {
    return static_cast<std::uint32_t>(row.integer(name));
  };
  const std::string security(row.text("security"));
  Mailbox mailbox;
  mailbox.id = id;
  mailbox.host = row.text("host");
  mailbox.port = row.integer("port");
  mailbox.url = (security == "tls" ? "imaps://" : "imap://") + mailbox.host + ":" +
                std::to_string(mailbox.port);
  mailbox.user = row.text("login");
  mailbox.folder = row.text("folder");
  mailbox.begins = row.text("begins");
  if (security == "none") mailbox.tls = serai::ImapTls::none;
  mailbox.uid_validity = number("uid_validity");
  mailbox.last_uid = number("last_uid");
  mailbox.old_below_uid = number("old_below_uid");
  mailbox.began = row.integer("began");
  mailbox.runs = row.integer("runs");
  return mailbox;
}

// Doubled with each failure: 1, 2, 4 ... 60 minutes.
void note_failure(const serai::Job& job, const Mailbox& mailbox, const std::string& why) {
  auto transaction = job.sql().transaction();
  const auto rows = job.sql().query(
      "UPDATE inbound_email_mailboxes SET failures = failures + 1, runs = 0, last_error = $2, "
      "last_checked_at = $3 WHERE mailbox_id = $1 RETURNING failures",
      mailbox.id, why, job.clock().now_text());
  if (!rows.empty()) {
    const auto doublings = std::min<std::int64_t>(rows.front().integer("failures") - 1, 6);
    const minutes pause(std::min<std::int64_t>(std::int64_t{1} << doublings, kLongestPause));
    job.sql().execute("UPDATE inbound_email_mailboxes SET next_check_at = $2 WHERE mailbox_id = $1",
                      mailbox.id, serai::to_text(job.clock().now() + pause));
  }
  transaction.commit();
  job.metrics().add("mailbox_failures_total");
  job.log().warning("A mailbox could not be read", {{"mailbox", mailbox.id}, {"why", why}});
}

void note_success(const serai::Job& job, const Mailbox& mailbox, serai::Timestamp next) {
  job.sql().execute(
      "UPDATE inbound_email_mailboxes SET failures = 0, runs = 0, last_error = NULL, "
      "last_checked_at = $2, next_check_at = $3 WHERE mailbox_id = $1",
      mailbox.id, job.clock().now_text(), serai::to_text(next));
}

// The place up to which everything was taken in. False: the mailbox was removed, or another check
// is further. In the caller's transaction, with what was taken in.
bool move_on(const serai::Job& job, const Mailbox& mailbox, std::uint32_t uid) {
  return job.sql().execute(
             "UPDATE inbound_email_mailboxes SET last_uid = $2, runs = 0 WHERE mailbox_id = $1 AND "
             "uid_validity = $3 AND last_uid < $2",
             mailbox.id, static_cast<std::int64_t>(uid),
             static_cast<std::int64_t>(mailbox.uid_validity)) > 0;
}

// The server numbers its messages anew, or it is the first time: from where it goes on.
void begin_numbering(const serai::Job& job, Mailbox& mailbox, const serai::ImapResult& found) {
  const bool first = mailbox.uid_validity == 0;
  const bool leave_old = mailbox.begins == "now";
  mailbox.uid_validity = found.uid_validity;
  mailbox.last_uid = first && leave_old ? std::max(found.uid_next, 1U) - 1 : 0;
  // All over again: what came before the beginning is to be left alone still, and has new numbers.
  mailbox.old_below_uid = !first && leave_old ? found.uid_next : 0;
  if (first) {
    mailbox.began = std::chrono::floor<seconds>(job.clock().now()).time_since_epoch().count();
  }
  job.sql().execute(
      "UPDATE inbound_email_mailboxes SET uid_validity = $2, last_uid = $3, old_below_uid = $4, "
      "began = $5 WHERE mailbox_id = $1",
      mailbox.id, static_cast<std::int64_t>(mailbox.uid_validity),
      static_cast<std::int64_t>(mailbox.last_uid), static_cast<std::int64_t>(mailbox.old_below_uid),
      mailbox.began);
  if (!first) job.log().info("A mailbox numbers its messages anew", {{"mailbox", mailbox.id}});
}

// Whether a message that got a new number lay there before the mailbox was to be read. By the
// sender's word, with a day for clocks that are wrong; without one it is taken for new.
bool is_old(const Mailbox& mailbox, const serai::ImapMessage& message) {
  if (message.uid >= mailbox.old_below_uid) return false;
  try {
    const auto parsed = parse_message(message.content);
    return parsed.date && *parsed.date < mailbox.began - kDay;
  } catch (const PoisonMessage&) {
    return false;
  }
}

std::string name_of(const Mailbox& mailbox, const serai::ImapMessage& message) {
  return "Message " + std::to_string(message.uid) + " of " + mailbox.folder + " of " + mailbox.user;
}

void take(const serai::Job& job, const Mailbox& mailbox, const serai::ImapMessage& message) {
  const std::string where =
      mailbox.id + ":" + std::to_string(mailbox.uid_validity) + ":" + std::to_string(message.uid);
  switch (message.state) {
    case serai::ImapState::whole:
      if (mailbox.runs > kMostRuns) {
        return store_refused(job, message.content, "imap", "",
                             "It was begun eight times and never came to an end.");
      }
      if (!is_old(mailbox, message)) store(job, message.content, "imap");
      return;
    case serai::ImapState::too_large:
      return store_refused(job, "", "imap", where,
                           name_of(mailbox, message) + " is too large (" +
                               std::to_string(message.size) +
                               " bytes) and was left in the mailbox.");
    case serai::ImapState::withheld:
      break;
  }
  store_refused(job, "", "imap", where,
                name_of(mailbox, message) + " is not given out by the server.");
}

// False: there is nothing more to do for this job.
bool take_all(const serai::Job& job, Mailbox& mailbox, const serai::ImapResult& found) {
  for (const auto& message : found.messages) {
    auto transaction = job.sql().transaction();
    if (!move_on(job, mailbox, message.uid)) return false;
    take(job, mailbox, message);
    transaction.commit();
    mailbox.last_uid = message.uid;
    mailbox.runs = 0;
  }
  if (found.up_to_uid > mailbox.last_uid) {  // some were gone
    if (!move_on(job, mailbox, found.up_to_uid)) return false;
    mailbox.last_uid = found.up_to_uid;
  }
  return found.more;
}

// "imap.example.com" stands for the usual ports, "mail.example.org:10143" for that one.
bool is_listed(std::string_view hosts, const Mailbox& mailbox) {
  const auto with_port = mailbox.host + ":" + std::to_string(mailbox.port);
  const bool usual = mailbox.port == 993 || mailbox.port == 143;
  std::string one;
  for (std::size_t i = 0; i <= hosts.size(); ++i) {
    if (i < hosts.size() && hosts[i] != ',') {
      const char c = hosts[i];
      if (c != ' ') one += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      continue;
    }
    if (one == with_port || (usual && one == mailbox.host)) return true;
    one.clear();
  }
  return false;
}

// Why it cannot be read, in words for the tenant; empty: it was, and `found` says what is there.
std::string ask(const serai::Job& job, const Mailbox& mailbox, const std::string& password,
                std::uint32_t messages, serai::ImapResult& found) {
  if (!is_listed(job.config().text("imap_hosts"), mailbox)) {
    return mailbox.host + ":" + std::to_string(mailbox.port) +
           " is not among the setting `imap_hosts`.";
  }
  serai::ImapRequest request;
  request.url = mailbox.url;
  request.user = mailbox.user;
  request.password = password;
  request.mailbox = mailbox.folder;
  request.tls = mailbox.tls;
  request.uid_validity = mailbox.uid_validity;
  request.after_uid = mailbox.last_uid;
  request.max_messages = messages;
  request.max_bytes = kLargest;
  request.timeout = kSession;
  try {
    found = job.imap().fetch(request);
  } catch (const serai::Problem& problem) {
    return problem.detail;
  }
  switch (found.outcome) {
    case serai::ImapOutcome::read:
      return {};
    case serai::ImapOutcome::login_refused:
      return "The server refuses the login: " + found.reply;
    case serai::ImapOutcome::mailbox_refused:
      return "The server refuses the folder " + mailbox.folder + ": " + found.reply;
  }
  return "The server answered what is not understood here.";
}

}  // namespace

void poll(serai::Job& job) {
  constexpr int kMost = 100;  // of a tenant: all of them
  auto transaction = job.sql().transaction();
  const auto rows = job.sql().query(
      "SELECT mailbox_id FROM inbound_email_mailboxes WHERE next_check_at <= $1 "
      "ORDER BY next_check_at, mailbox_id LIMIT $2",
      job.clock().now_text(), kMost);
  for (const auto row : rows) queue_check(job, row.text(0));
  queue_poll(job, !job.field("again", false));
  transaction.commit();
}

void check_mailbox(serai::Job& job) {
  auto mailbox = begin(job);
  if (!mailbox) return;
  std::string password;
  if (const auto secret = job.secrets().get(password_of_mailbox(mailbox->id))) {
    password = *secret;
  } else {
    return note_failure(job, *mailbox, "Its password is not here; add the mailbox again.");
  }
  for (int session = 0; session < kSessions; ++session) {
    // A message that ended the host before is asked for alone.
    const std::uint32_t messages = mailbox->runs > 2 ? 1 : kBatch;
    const bool know_nothing = mailbox->uid_validity == 0;
    serai::ImapResult found;
    const auto why = ask(job, *mailbox, password, know_nothing ? 0 : messages, found);
    if (!why.empty()) return note_failure(job, *mailbox, why);
    if (found.uid_validity != mailbox->uid_validity) begin_numbering(job, *mailbox, found);
    if (know_nothing) continue;
    if (!take_all(job, *mailbox, found)) return note_success(job, *mailbox, job.clock().now());
  }
  auto transaction = job.sql().transaction();
  note_success(job, *mailbox, job.clock().now() + kTurn);
  queue_check(job, mailbox->id, !job.field("again", false));
  transaction.commit();
}

}  // namespace inbound
