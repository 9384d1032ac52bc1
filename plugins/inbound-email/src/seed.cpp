#include "seed.hpp"

#include <array>

#include "attachments.hpp"
#include "details.hpp"
#include "offer.hpp"
#include "ticket_rows.hpp"
#include "tickets.hpp"

namespace inbound {
namespace {

struct Sample {
  const char* name;
  const char* email;
  const char* subject;
  const char* before;  // the destination stands between these two
  const char* after;
  const char* file;  // name of what was sent with it; its text stands behind
  const char* text;
};

constexpr std::array<Sample, 3> kSamples{
    {{"Thandi Nkosi", "thandi.sample@example.com", "Family holiday",
      "Good day,\n\nwe are 2 adults and 2 children (6 and 9) and would like to see ",
      " for 7 nights from 12 July. Our budget is R90 000 in total, half board if possible.\n\n"
      "Kind regards\nThandi",
      "passports.txt", "Thandi Nkosi, Peter Nkosi, Lindi (9), Sam (6)\n"},
     {"Jonas Weber", "jonas.sample@example.com", "Anfrage Hochzeitsreise",
      "Guten Tag,\n\nwir suchen ein Hotel in ",
      " für unsere Flitterwochen, 10 Nächte ab dem 3. September, zwei Erwachsene, mit "
      "Meerblick.\n\nViele Grüße\nJonas Weber",
      "", ""},
     {"Claire Dubois", "claire.sample@example.com", "Invoice question",
      "Hello,\n\nthank you for the wonderful trip to ",
      ". Could you please send the invoice once more? The attachment could not be opened.\n\n"
      "Claire",
      "", ""}}};

serai::Json make(const serai::Request& request, const Sample& sample, const Offer& offer) {
  const auto place =
      offer.destinations.empty() ? std::string("Zanzibar") : offer.destinations.front().name;
  const auto text = sample.before + place + sample.after;
  const auto today = std::chrono::floor<std::chrono::days>(request.clock().now());
  const auto enquiry = understand({sample.subject, text, Day{today}}, offer);
  Message message;
  message.from = message.reply_to = {sample.name, sample.email};
  if (*sample.file != '\0') {
    auto& file = message.attachments.emplace_back();
    file.name = sample.file;
    file.type = "text/plain";
    file.content = sample.text;
  }
  NewTicket ticket{sample.name, sample.email, sample.subject, text,
                   enquiry.is_enquiry ? "high" : "normal"};
  ticket.metadata = {{"parsed_details", details_of(enquiry, message)},
                     {"understanding", {{"by", "rules"}}},
                     {"sample", true},
                     {"subject", sample.subject}};
  ticket.attachments = keep_attachments(request, message);
  return ticket_with_conversation(request, open_ticket(request, ticket));
}

}  // namespace

serai::Response seed_tickets(serai::Request& request) {
  const auto offer = offer_of(request);
  auto transaction = request.sql().transaction();
  serai::Json tickets = serai::Json::array();
  int made = 0;
  for (const auto& sample : kSamples) {
    const auto rows = request.sql().query(
        "SELECT ticket_id FROM inbound_email_tickets WHERE customer_email = $1 "
        "ORDER BY created_at LIMIT 1",
        sample.email);
    if (!rows.empty()) {
      tickets.push_back(ticket_with_conversation(request, rows.front().text(0)));
      continue;
    }
    tickets.push_back(make(request, sample, offer));
    ++made;
  }
  transaction.commit();
  auto answer = serai::list(std::move(tickets));
  answer["created"] = made;
  return serai::Response::json(answer, 201);
}

}  // namespace inbound
