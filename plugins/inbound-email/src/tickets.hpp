// Tickets and their conversations.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <serai/plugin.hpp>

namespace inbound {

struct NewTicket {
  std::string customer_name;
  std::string customer_email;
  std::string subject;
  std::string message;
  std::string priority;
  serai::Json metadata = serai::Json::object();
  serai::Json attachments = serai::Json::array();
};

// In the caller's transaction; the new ticket's id.
std::string open_ticket(const serai::Call& call, const NewTicket& ticket);

struct Entry {
  std::string role;    // customer, agent or system
  std::string author;  // address or user; may be empty
  std::string content;
  serai::Json attachments = serai::Json::array();
};

// In the caller's transaction.
void add_entry(const serai::Call& call, std::string_view ticket_id, const Entry& entry);

// What the customer writes opens again what was resolved; what is closed stays closed: false then,
// and whoever asked opens a new ticket.
bool reopen(const serai::Call& call, std::string_view ticket_id);

serai::Json list_tickets(serai::Request& request);
serai::Json show_ticket(serai::Request& request);
serai::Json change_ticket(serai::Request& request);
serai::Json reply_ticket(serai::Request& request);
serai::Json stats(serai::Request& request);

}  // namespace inbound
