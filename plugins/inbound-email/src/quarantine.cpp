#include "quarantine.hpp"

#include "mailboxes.hpp"

namespace inbound {
namespace {

void queue(const serai::Call& call, const std::string& mail_id) {
  call.jobs().enqueue("process", {{"mail_id", mail_id}}, {.unique_key = mail_id});
}

}  // namespace

void set_outcome(const serai::Call& call, std::string_view mail_id, const Outcome& outcome) {
  call.sql().execute(
      "UPDATE inbound_email_mails SET state = $2, reason = $3, ticket_id = $4 WHERE mail_id = $1",
      mail_id, outcome.state, outcome.reason, outcome.ticket);
}

serai::Json list_refused(serai::Request& request) {
  const auto rows = request.sql().query(
      "SELECT mail_id, sender, subject, reason, received_at FROM inbound_email_mails "
      "WHERE state = 'refused' ORDER BY received_at DESC, mail_id DESC LIMIT $1",
      request.query_integer("limit", 50));
  return serai::list(rows.json());
}

serai::Response replay(serai::Request& request) {
  const std::string mail_id(request.path("mail_id"));
  auto transaction = request.sql().transaction();
  const auto rows = request.sql().query(
      "UPDATE inbound_email_mails SET state = 'received', reason = NULL, runs = 0 "
      "WHERE mail_id = $1 AND state = 'refused' RETURNING mail_id",
      mail_id);
  rows.required("The mail");
  queue(request, mail_id);
  transaction.commit();
  return serai::accepted({{"mail_id", mail_id}});
}

void recover(serai::Job& job) {
  const auto rows = job.sql().query(
      "SELECT mail_id FROM inbound_email_mails WHERE state = 'received' AND received_at < $1 "
      "ORDER BY received_at, mail_id LIMIT 100",
      serai::to_text(job.clock().now() - std::chrono::minutes(10)));
  for (const auto row : rows) queue(job, std::string(row.text(0)));
  queue_poll(job);  // the chain of looks, should it have broken
}

}  // namespace inbound
