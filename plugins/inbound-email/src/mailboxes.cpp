#include "mailboxes.hpp"

#include <algorithm>

namespace inbound {
namespace {

constexpr std::int64_t kMostMailboxes = 100;  // of a tenant
constexpr std::chrono::minutes kBetweenLooks{5};
constexpr std::int64_t kPortTls = 993, kPortStartTls = 143;

bool is_host(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-';
         });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

struct NewMailbox {
  std::string host, security, user, password, folder, begins;
  std::int64_t port = 0;
};

NewMailbox mailbox_in(const serai::Request& request) {
  const auto& body = request.json();
  NewMailbox mailbox;
  mailbox.host = body.at("host");
  for (char& c : mailbox.host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  mailbox.security = body.value("security", "tls");
  mailbox.port = body.value("port", mailbox.security == "tls" ? kPortTls : kPortStartTls);
  mailbox.user = body.at("user");
  mailbox.password = body.at("password");
  mailbox.folder = body.value("folder", "INBOX");
  mailbox.begins = body.value("from", "now");
  if (!is_host(mailbox.host)) {
    throw serai::Problem(422, "host_invalid", "The host is a name such as imap.example.com.");
  }
  if (has_control(mailbox.user) || has_control(mailbox.password) || has_control(mailbox.folder)) {
    throw serai::Problem(422, "login_invalid",
                         "User, password and folder have no control characters.");
  }
  return mailbox;
}

serai::Json shown(const serai::Row& row) {
  auto json = row.json();
  json["user"] = std::move(json["login"]);
  json["from"] = std::move(json["begins"]);
  json.erase("login");
  json.erase("begins");
  return json;
}

constexpr std::string_view kColumns =
    "mailbox_id, host, port, security, login, folder, begins, uid_validity, last_uid, failures, "
    "last_error, last_checked_at, next_check_at, created_at";

}  // namespace

std::string password_of_mailbox(std::string_view mailbox_id) {
  return "mailbox:" + std::string(mailbox_id);
}

void queue_check(const serai::Call& call, std::string_view mailbox_id, bool again) {
  call.jobs().enqueue("check_mailbox", {{"mailbox_id", mailbox_id}, {"again", again}},
                      {.unique_key = std::string(mailbox_id) + (again ? "+" : "")});
}

void queue_poll(const serai::Call& call, bool again) {
  if (call.sql().query("SELECT 1 AS one FROM inbound_email_mailboxes LIMIT 1").empty()) return;
  call.jobs().enqueue("poll", {{"again", again}},
                      {.unique_key = again ? "poll+" : "poll", .delay = kBetweenLooks});
}

serai::Response add_mailbox(serai::Request& request) {
  const auto mailbox = mailbox_in(request);
  const auto sql = request.sql();
  const auto now = request.clock().now_text();
  std::string id;
  {
    auto transaction = sql.transaction();
    const auto rows = sql.query(
        "INSERT INTO inbound_email_mailboxes (mailbox_id, host, port, security, login, folder, "
        "begins, uid_validity, last_uid, old_below_uid, began, runs, failures, next_check_at, "
        "created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, 0, $8, $8) "
        "ON CONFLICT (host, port, login, folder) DO UPDATE SET security = excluded.security, "
        "failures = 0, last_error = NULL, next_check_at = excluded.next_check_at "
        "RETURNING mailbox_id",
        request.clock().uuid(), mailbox.host, mailbox.port, mailbox.security, mailbox.user,
        mailbox.folder, mailbox.begins, now);
    id = rows.front().text("mailbox_id");
    if (sql.query("SELECT count(*) AS n FROM inbound_email_mailboxes").front().integer("n") >
        kMostMailboxes) {
      throw serai::Problem(409, "too_many_mailboxes", "A tenant has at most 100 mailboxes.");
    }
    queue_poll(request);
    transaction.commit();
  }
  // Secrets are written outside of transactions: a host that dies here leaves a mailbox that says
  // it has no password, and asking again mends it.
  request.secrets().put(password_of_mailbox(id), mailbox.password);
  queue_check(request, id);
  const auto rows = sql.query(
      "SELECT " + std::string(kColumns) + " FROM inbound_email_mailboxes WHERE mailbox_id = $1",
      id);
  return serai::created(shown(rows.required("The mailbox")));
}

serai::Json list_mailboxes(serai::Request& request) {
  const auto rows =
      request.sql().query("SELECT " + std::string(kColumns) +
                          " FROM inbound_email_mailboxes ORDER BY created_at, mailbox_id");
  serai::Json list = serai::Json::array();
  for (const auto row : rows) list.push_back(shown(row));
  return serai::list(std::move(list));
}

serai::Json remove_mailbox(serai::Request& request) {
  const std::string id(request.path("mailbox_id"));
  request.sql()
      .query("SELECT mailbox_id FROM inbound_email_mailboxes WHERE mailbox_id = $1", id)
      .required("The mailbox");
  request.secrets().erase(password_of_mailbox(id));
  request.sql().execute("DELETE FROM inbound_email_mailboxes WHERE mailbox_id = $1", id);
  return {{"success", true}};
}

serai::Response check_now(serai::Request& request) {
  const std::string id(request.path("mailbox_id"));
  auto transaction = request.sql().transaction();
  request.sql()
      .query(
          "UPDATE inbound_email_mailboxes SET next_check_at = $2 WHERE mailbox_id = $1 "
          "RETURNING mailbox_id",
          id, request.clock().now_text())
      .required("The mailbox");
  queue_check(request, id);
  transaction.commit();
  return serai::accepted({{"mailbox_id", id}});
}

}  // namespace inbound
