#include "processing.hpp"

#include "attachments.hpp"
#include "auto_quote.hpp"
#include "bounces.hpp"
#include "details.hpp"
#include "message/clean_text.hpp"
#include "message/reply_text.hpp"
#include "other_plugins.hpp"
#include "quarantine.hpp"
#include "sent_quotes.hpp"
#include "threads.hpp"
#include "tickets.hpp"
#include "understood.hpp"

namespace inbound {
namespace {

constexpr std::uint32_t kLastAttempt = 5;  // the manifest's
constexpr std::int64_t kMostRuns = 8;      // of a mail, those that ended with the host among them
constexpr int kMostHops = 50;

bool is_own(const serai::Call& call, const std::string& sender) {
  const std::string own = "," + std::string(call.config().text("own_addresses")) + ",";
  std::string plain;
  for (const char byte : own) {
    if (byte != ' ') plain += static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
  }
  return !sender.empty() && plain.find("," + sender + ",") != std::string::npos;
}

Day received_day(const serai::Call& call) {
  using namespace std::chrono;
  const auto local = call.clock().now() + minutes(call.config().integer("utc_offset"));
  return Day{floor<days>(local)};
}

// Why a mail becomes nothing; empty: it may. The tenant's own web form sends from an own address
// with the customer's under Reply-To: no loop.
std::string reason_to_refuse(const serai::Call& call, const Message& message) {
  if (message.hops > kMostHops) return "The mail goes round in a loop.";
  if (is_own(call, message.from.email) && is_own(call, message.reply_to.email)) {
    return "The mail comes from the tenant's own address.";
  }
  if (message.from.email.empty()) return "The mail names no sender.";
  return {};
}

// What a reader of the ticket should know about the mail itself.
serai::Json remarks_on(const Message& message, const ReplyText& reply) {
  serai::Json remarks = serai::Json::array();
  for (const auto& attachment : message.attachments) {
    if (attachment.type != "application/ms-tnef") continue;
    remarks.push_back(
        "Outlook sent words or files as winmail.dat, which is attached and was not read.");
    break;
  }
  if (reply.text.find_first_not_of(" \t\n") == std::string::npos) {
    remarks.push_back("The mail has no text of its own.");
  }
  return remarks;
}

class Processing {
 public:
  Processing(const serai::Job& job, std::string mail_id, const Message& message)
      : job_(job),
        mail_id_(std::move(mail_id)),
        message_(message),
        reply_(split_reply(message.text)) {}

  // What takes long and writes nothing: before the transaction.
  void prepare() {
    if (message_.origin == Origin::bounce || ticket_of(job_, message_)) return;
    understood_ = understand(message_.origin == Origin::person);
  }

  // In the caller's transaction.
  Outcome take_in() {
    if (auto reason = reason_to_refuse(job_, message_); !reason.empty()) {
      return {"refused", std::move(reason), std::nullopt};
    }
    const auto ticket = ticket_of(job_, message_);
    if (message_.origin == Origin::bounce) return take_bounce(job_, message_, ticket);
    if (message_.origin == Origin::auto_reply) return take_auto_reply(ticket);
    if (ticket && reopen(job_, *ticket)) return answer(*ticket);
    return open();
  }

 private:
  Understood understand(bool may_ask) const {
    return understand_mail(job_, {message_.subject, reply_.text, received_day(job_)}, may_ask);
  }

  // Never answered, and never a reason to open or reopen anything.
  Outcome take_auto_reply(const std::optional<std::string>& ticket) {
    if (!ticket) return {"refused", "An automatic reply to no ticket.", std::nullopt};
    add_entry(job_, *ticket,
              {"system", message_.from.email, reply_.text, keep_attachments(job_, message_)});
    return {"done", std::nullopt, ticket};
  }

  Outcome answer(const std::string& ticket) {
    add_entry(job_, ticket,
              {"customer", message_.from.email, reply_.text, keep_attachments(job_, message_)});
    job_.events().publish("inbound-email.ticket.answered", {{"ticket_id", ticket}});
    notify(job_, ticket, "Answer from " + sender(), message_.subject, "inbound-email:" + mail_id_);
    return {"done", std::nullopt, ticket};
  }

  Outcome open() {
    if (!understood_) understood_ = understand(false);  // its ticket was closed meanwhile
    const auto& enquiry = understood_->enquiry;
    const bool person = message_.origin == Origin::person;
    const auto readiness = readiness_of(enquiry, job_.config().real("auto_quote_confidence"));
    NewTicket ticket;
    ticket.customer_email = message_.reply_to.email;
    ticket.customer_name = sender();
    ticket.subject = message_.subject.empty() ? "(no subject)" : message_.subject;
    ticket.message = reply_.text;
    const bool wanted = enquiry.is_enquiry || !enquiry.destinations.empty();
    ticket.priority = !person ? "low" : wanted ? "high" : "normal";
    ticket.attachments = keep_attachments(job_, message_);
    auto& metadata = ticket.metadata;
    metadata = {{"parsed_details", details_of(enquiry, message_)},
                {"understanding", understood_->how},
                {"diagnostic_id", mail_id_},
                {"message_id", message_.message_id},
                {"origin", name_of(message_.origin)},
                {"subject", message_.subject},
                {"remarks", remarks_on(message_, reply_)}};
    if (enquiry.is_enquiry) metadata["unclear"] = to_json(readiness.doubts);
    const auto id = open_ticket(job_, ticket);
    if (person && enquiry.is_enquiry) follow_up(ticket, id, readiness);
    publish(ticket, id);
    if (person) {
      notify(job_, id, "New e-mail from " + sender(), ticket.subject, "inbound-email:" + mail_id_);
    }
    return {"done", std::nullopt, id};
  }

  // The client and the quote of an enquiry; what they came to stands in the ticket.
  void follow_up(NewTicket& ticket, const std::string& id, const Readiness& readiness) {
    const auto& enquiry = understood_->enquiry;
    auto& metadata = ticket.metadata;
    if (job_.services().available("crm.ensure_client/1")) {
      serai::Json client{{"email", ticket.customer_email},
                         {"name", clean_line(ticket.customer_name, 200)},
                         {"source", "email"}};
      if (enquiry.phone) client["phone"] = enquiry.phone->value;
      if (!enquiry.destinations.empty()) {
        client["destination"] = enquiry.destinations.front().value;
      }
      const auto made = ask(job_, "crm.ensure_client/1", client);
      metadata["client"] =
          made.answer
              ? serai::Json{{"client_id",
                             text_in(made.answer->value("client", serai::Json()), "client_id")}}
              : serai::Json{{"reason", made.reason}};
    }
    const auto quoted = auto_quote(job_, {enquiry, message_, reply_.text, id, mail_id_}, readiness);
    if (quoted) {
      metadata["auto_quote"] = quoted->metadata;
      if (quoted->quote_id) {
        if (quoted->sent) {
          note_sent(job_, id, quoted->quote_number);
        } else {
          add_entry(job_, id,
                    {"system", "", "The quote " + quoted->quote_number + " was made as a draft."});
        }
      }
    }
    job_.sql().execute(
        "UPDATE inbound_email_tickets SET metadata = $2, quote_id = $3, quote_number = $4, "
        "status = $5 WHERE ticket_id = $1",
        id, serai::dump_json(metadata), quoted ? quoted->quote_id : std::nullopt,
        quoted && quoted->quote_id ? std::optional(quoted->quote_number) : std::nullopt,
        quoted && quoted->sent ? "resolved" : "open");
  }

  void publish(const NewTicket& ticket, const std::string& id) {
    const auto& enquiry = understood_->enquiry;
    job_.events().publish(
        "inbound-email.ticket.opened",
        {{"ticket_id", id},
         {"customer", {{"name", ticket.customer_name}, {"email", ticket.customer_email}}},
         {"is_enquiry", enquiry.is_enquiry},
         {"confidence", enquiry.confidence},
         {"details", ticket.metadata["parsed_details"]},
         {"auto_quote", ticket.metadata.value("auto_quote", serai::Json())}});
  }

  std::string sender() const {
    return message_.from.name.empty() ? message_.reply_to.email : message_.from.name;
  }

  const serai::Job& job_;
  std::string mail_id_;
  const Message& message_;
  ReplyText reply_;
  std::optional<Understood> understood_;
};

void take_in(const serai::Job& job, const std::string& mail_id, const std::string& blob) {
  const auto message = parse_message(job.blobs().open(blob).read_all());
  Processing processing(job, mail_id, message);
  processing.prepare();
  auto transaction = job.sql().transaction();
  const auto outcome = processing.take_in();
  set_outcome(job, mail_id, outcome);
  transaction.commit();
  if (outcome.state == "refused") job.metrics().add("refused_total");
}

}  // namespace

void process(serai::Job& job) {
  const auto mail_id = job.field<std::string>("mail_id");
  // Counted before it is read: a mail that ends the host must not do so for ever.
  const auto rows = job.sql().query(
      "UPDATE inbound_email_mails SET runs = runs + 1 WHERE mail_id = $1 AND state = 'received' "
      "RETURNING blob, runs",
      mail_id);
  if (rows.empty()) return;  // done before
  try {
    if (rows.front().integer("runs") > kMostRuns) {
      throw PoisonMessage("It was begun eight times and never came to an end.");
    }
    const std::string blob(rows.front().text("blob"));
    if (blob.empty()) throw PoisonMessage("It lies in its mailbox still and was never taken over.");
    take_in(job, mail_id, blob);
  } catch (const PoisonMessage& poison) {
    set_outcome(job, mail_id, {"refused", poison.what(), std::nullopt});
    job.metrics().add("refused_total");
  } catch (const std::exception& error) {
    if (job.attempt() < kLastAttempt) throw;
    job.log().error("A mail could not be processed", {{"mail", mail_id}, {"why", error.what()}});
    set_outcome(job, mail_id,
                {"refused", "It could not be processed; the log says why.", std::nullopt});
    job.metrics().add("refused_total");
  }
}

}  // namespace inbound
