// Customers' mail: taken in, understood, kept as tickets.
#include <serai/plugin.hpp>

#include "attachments.hpp"
#include "intake.hpp"
#include "mailbox_check.hpp"
#include "mailboxes.hpp"
#include "processing.hpp"
#include "quarantine.hpp"
#include "seed.hpp"
#include "sent_quotes.hpp"
#include "tickets.hpp"

namespace {

class InboundEmail : public serai::Plugin {
 public:
  InboundEmail() {
    route("receive_form", inbound::receive_form);
    route("receive_mime", inbound::receive_mime);
    route("make_address", inbound::make_address);
    route("list_tickets", inbound::list_tickets);
    route("show_ticket", inbound::show_ticket);
    route("show_attachment", inbound::show_attachment);
    route("change_ticket", inbound::change_ticket);
    route("reply_ticket", inbound::reply_ticket);
    route("stats", inbound::stats);
    route("list_refused", inbound::list_refused);
    route("replay", inbound::replay);
    route("seed_tickets", inbound::seed_tickets);
    route("add_mailbox", inbound::add_mailbox);
    route("list_mailboxes", inbound::list_mailboxes);
    route("remove_mailbox", inbound::remove_mailbox);
    route("check_now", inbound::check_now);
    job("process", inbound::process);
    job("poll", inbound::poll);
    job("check_mailbox", inbound::check_mailbox);
    job("recover", inbound::recover);
    service("receive_service", inbound::receive_service);
    event("quote_sent", inbound::quote_sent);
  }
};

}  // namespace

SERAI_PLUGIN(InboundEmail)
