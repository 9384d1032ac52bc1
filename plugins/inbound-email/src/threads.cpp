#include "threads.hpp"

#include <algorithm>

#include "message/subject_token.hpp"
#include "other_plugins.hpp"

namespace inbound {
namespace {

constexpr std::size_t kMostIds = 20;
constexpr std::size_t kIdSize = 36;  // a UUID

// The ticket of the newest row of that table whose message_id is among `ids`.
std::optional<std::string> ticket_by(const serai::Call& call, std::string_view table,
                                     std::string_view order, const std::vector<std::string>& ids) {
  if (ids.empty()) return std::nullopt;
  std::string places;
  std::vector<serai::Value> values;
  for (const auto& id : ids) {
    values.emplace_back(id);
    places += (places.empty() ? "$" : ", $") + std::to_string(values.size());
  }
  const auto rows = call.sql().query_values(
      "SELECT ticket_id FROM " + std::string(table) + " WHERE message_id IN (" + places +
          ") AND ticket_id IS NOT NULL ORDER BY " + std::string(order) + " DESC LIMIT 1",
      values);
  if (rows.empty()) return std::nullopt;
  return std::string(rows.front().text(0));
}

// Whether a mail may carry it in a header: printable ASCII without what parts it from others.
bool is_plain(std::string_view id) {
  return !id.empty() && id.size() <= 400 && std::all_of(id.begin(), id.end(), [](char byte) {
    return byte > 0x20 && byte < 0x7f && byte != '<' && byte != '>' && byte != ',';
  });
}

// Whether one of these mails of ours went to that address.
bool was_mailed(const serai::Job& job, const std::vector<std::string>& mails,
                const std::string& address) {
  return std::any_of(mails.begin(), mails.end(), [&](const auto& mail) {
    const auto sent = ask(job, "mail.get/1", {{"message_id", mail}});
    return sent.answer && text_in(*sent.answer, "recipient") == address;
  });
}

}  // namespace

std::string own_mail_in(std::string_view message_id) {
  const auto id = message_id.substr(0, message_id.find('@'));
  if (id.size() != kIdSize) return {};
  for (std::size_t i = 0; i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char byte = id[i];
    const bool hex = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
    if (dash ? byte != '-' : !hex) return {};
  }
  return std::string(id);
}

std::vector<std::string> ids_it_answers(const Message& message) {
  std::vector<std::string> ids = message.references;
  if (!message.in_reply_to.empty()) ids.push_back(message.in_reply_to);
  if (!message.returned_id.empty()) ids.push_back(message.returned_id);
  if (ids.size() > kMostIds) ids.erase(ids.begin(), ids.end() - kMostIds);
  return ids;
}

std::optional<std::string> ticket_of(const serai::Job& job, const Message& message) {
  const auto ids = ids_it_answers(message);
  if (auto ticket = ticket_by(job, "inbound_email_mails", "received_at", ids)) return ticket;
  std::vector<std::string> own;
  for (const auto& id : ids) {
    if (auto mail = own_mail_in(id); !mail.empty()) own.push_back(std::move(mail));
  }
  if (auto ticket = ticket_by(job, "inbound_email_sent", "message_id", own)) return ticket;
  const auto named = ticket_in(message.subject);
  const auto quote = quote_in(message.subject);
  if (!named.empty() || !quote.empty()) {
    const auto rows = job.sql().query(
        "SELECT ticket_id FROM inbound_email_tickets WHERE (ticket_id = $1 OR quote_number = $2) "
        "AND customer_email = $3 ORDER BY created_at DESC LIMIT 1",
        named, quote, message.from.email);
    if (!rows.empty()) return std::string(rows.front().text(0));
  }
  if (!was_mailed(job, own, message.from.email)) return std::nullopt;
  const auto rows = job.sql().query(
      "SELECT ticket_id FROM inbound_email_tickets WHERE customer_email = $1 AND "
      "status <> 'closed' ORDER BY created_at DESC LIMIT 1",
      message.from.email);
  if (rows.empty()) return std::nullopt;
  return std::string(rows.front().text(0));
}

void remember_sent(const serai::Call& call, std::string_view mail, std::string_view ticket_id) {
  call.sql().execute(
      "INSERT INTO inbound_email_sent (message_id, ticket_id) VALUES ($1, $2) "
      "ON CONFLICT (message_id) DO NOTHING",
      mail, ticket_id);
}

std::vector<std::string> thread_of(const serai::Call& call, std::string_view ticket_id) {
  std::vector<std::string> ids;
  for (const auto row : call.sql().query(
           "SELECT message_id FROM inbound_email_mails WHERE ticket_id = $1 AND message_id <> '' "
           "ORDER BY received_at DESC, mail_id DESC LIMIT 20",
           ticket_id)) {
    if (is_plain(row.text(0))) ids.emplace_back(row.text(0));
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

}  // namespace inbound
