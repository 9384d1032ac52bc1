#include "processing.hpp"

#include <algorithm>

#include "details.hpp"
#include "message/clean_text.hpp"
#include "message/reply_text.hpp"
#include "message/subject_token.hpp"
#include "offer.hpp"
#include "tickets.hpp"

namespace inbound {
namespace {

constexpr std::uint32_t kLastAttempt = 5;  // the manifest's
constexpr int kMostHops = 50;

void set_state(const serai::Call& call, std::string_view mail_id, std::string_view state,
               std::optional<std::string> reason, std::optional<std::string> ticket) {
  call.sql().execute(
      "UPDATE inbound_email_mails SET state = $2, reason = $3, ticket_id = $4 WHERE mail_id = $1",
      mail_id, state, std::move(reason), std::move(ticket));
}

bool is_own(const serai::Call& call, const std::string& sender) {
  const std::string own = "," + std::string(call.config().text("own_addresses")) + ",";
  std::string plain;
  for (const char byte : own) {
    if (byte != ' ') plain += static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
  }
  return !sender.empty() && plain.find("," + sender + ",") != std::string::npos;
}

// Why a mail opens no ticket of its own; empty: it does.
std::string reason_to_refuse(const serai::Call& call, const Message& message) {
  if (message.hops > kMostHops) return "The mail goes round in a loop.";
  if (is_own(call, message.from.email)) return "The mail comes from the tenant's own address.";
  if (message.from.email.empty()) return "The mail names no sender.";
  return {};
}

// The ticket that a mail belongs to: by the mails it answers, then by its subject, which anybody
// may write: only for the customer whose ticket it is.
std::optional<std::string> ticket_of(const serai::Call& call, const Message& message) {
  std::vector<std::string> ids = message.references;
  if (!message.in_reply_to.empty()) ids.push_back(message.in_reply_to);
  constexpr std::size_t kMost = 20;
  if (ids.size() > kMost) ids.erase(ids.begin(), ids.end() - kMost);
  if (!ids.empty()) {
    std::string places;
    std::vector<serai::Value> values;
    for (const auto& id : ids) {
      values.emplace_back(id);
      places += (places.empty() ? "$" : ", $") + std::to_string(values.size());
    }
    const auto rows = call.sql().query_values(
        "SELECT ticket_id FROM inbound_email_mails WHERE message_id IN (" + places +
            ") AND ticket_id IS NOT NULL ORDER BY received_at DESC LIMIT 1",
        values);
    if (!rows.empty()) return std::string(rows.front().text(0));
  }
  const auto named = ticket_in(message.subject);
  if (named.empty()) return std::nullopt;
  const auto rows = call.sql().query(
      "SELECT ticket_id FROM inbound_email_tickets WHERE ticket_id = $1 AND customer_email = $2",
      named, message.from.email);
  if (rows.empty()) return std::nullopt;
  return named;
}

serai::Json keep_attachments(const serai::Call& call, const Message& message) {
  serai::Json list = serai::Json::array();
  for (const auto& attachment : message.attachments) {
    const std::string blob(call.blobs().put(attachment.content));
    call.blobs().keep(blob);
    list.push_back({{"name", attachment.name},
                    {"type", attachment.type},
                    {"size", attachment.content.size()},
                    {"inline", attachment.is_inline},
                    {"blob", blob}});
  }
  return list;
}

Day received_day(const serai::Call& call) {
  using namespace std::chrono;
  const auto local = call.clock().now() + minutes(call.config().integer("utc_offset"));
  return Day{floor<days>(local)};
}

struct Outcome {
  std::string state;
  std::optional<std::string> reason;
  std::optional<std::string> ticket;
};

Outcome answer_ticket(const serai::Call& call, const Message& message, const ReplyText& reply,
                      const std::string& ticket) {
  const bool person = message.origin == Origin::person || message.origin == Origin::bulk;
  add_entry(call, ticket, person ? "customer" : "system", reply.text,
            keep_attachments(call, message));
  if (person) call.events().publish("inbound-email.ticket.answered", {{"ticket_id", ticket}});
  return {"done", std::nullopt, ticket};
}

Outcome new_ticket(const serai::Call& call, const Message& message, const ReplyText& reply) {
  const auto enquiry =
      understand({message.subject, reply.text, received_day(call)}, offer_of(call));
  const bool wanted = enquiry.is_enquiry || !enquiry.destinations.empty();
  NewTicket ticket;
  ticket.customer_email = message.reply_to.email;
  ticket.customer_name = message.from.name.empty() ? message.reply_to.email : message.from.name;
  ticket.subject = message.subject.empty() ? "(no subject)" : message.subject;
  ticket.message = reply.text;
  ticket.priority = message.origin == Origin::bulk ? "low" : wanted ? "high" : "normal";
  ticket.attachments = keep_attachments(call, message);
  ticket.metadata = {{"parsed_details", details_of(enquiry, message)},
                     {"message_id", message.message_id},
                     {"origin", name_of(message.origin)},
                     {"subject", message.subject}};
  const auto id = open_ticket(call, ticket);
  call.events().publish(
      "inbound-email.ticket.opened",
      {{"ticket_id", id},
       {"customer", {{"name", ticket.customer_name}, {"email", ticket.customer_email}}},
       {"is_enquiry", enquiry.is_enquiry},
       {"confidence", enquiry.confidence},
       {"details", ticket.metadata["parsed_details"]}});
  return {"done", std::nullopt, id};
}

Outcome take_in(const serai::Call& call, const Message& message) {
  if (auto reason = reason_to_refuse(call, message); !reason.empty()) {
    return {"refused", std::move(reason), std::nullopt};
  }
  const auto reply = split_reply(message.text);
  if (const auto ticket = ticket_of(call, message); ticket && reopen(call, *ticket)) {
    return answer_ticket(call, message, reply, *ticket);
  }
  if (message.origin == Origin::auto_reply) {
    return {"refused", "An automatic reply to no ticket.", std::nullopt};
  }
  if (message.origin == Origin::bounce) {
    return {"refused", "A delivery report to no ticket.", std::nullopt};
  }
  return new_ticket(call, message, reply);
}

}  // namespace

void process(serai::Job& job) {
  const auto mail_id = job.field<std::string>("mail_id");
  const auto rows =
      job.sql().query("SELECT blob, state FROM inbound_email_mails WHERE mail_id = $1", mail_id);
  if (rows.empty() || rows.front().text("state") != "received") return;  // done before
  const auto raw = job.blobs().open(rows.front().text("blob")).read_all();
  try {
    const auto message = parse_message(raw);
    auto transaction = job.sql().transaction();
    const auto outcome = take_in(job, message);
    set_state(job, mail_id, outcome.state, outcome.reason, outcome.ticket);
    transaction.commit();
    if (outcome.state == "refused") job.metrics().add("refused_total");
  } catch (const PoisonMessage& poison) {
    set_state(job, mail_id, "refused", poison.what(), std::nullopt);
  } catch (const std::exception& error) {
    if (job.attempt() < kLastAttempt) throw;
    job.log().error("A mail could not be processed", {{"mail", mail_id}, {"why", error.what()}});
    set_state(job, mail_id, "refused", "It could not be processed; the log says why.",
              std::nullopt);
  }
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
      "UPDATE inbound_email_mails SET state = 'received', reason = NULL "
      "WHERE mail_id = $1 AND state = 'refused' RETURNING mail_id",
      mail_id);
  rows.required("The mail");
  request.jobs().enqueue("process", {{"mail_id", mail_id}}, {.unique_key = mail_id});
  transaction.commit();
  return serai::accepted({{"mail_id", mail_id}});
}

}  // namespace inbound
