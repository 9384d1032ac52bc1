// Rows of tickets as the routes show them.
#pragma once

#include <string_view>

#include <serai/plugin.hpp>

namespace inbound {

inline constexpr std::string_view kTicketColumns =
    "ticket_id, customer_name, customer_email, subject, message, status, priority, source, "
    "assigned_to, notes, metadata, created_at, updated_at";

serai::Json ticket_of(const serai::Row& row);

// Problem 404 for one that is not there.
serai::Json ticket_with_conversation(const serai::Call& call, std::string_view ticket_id);

// {total, open, in_progress, resolved, closed}: one statement.
serai::Json ticket_counts(const serai::Call& call);

// Whether a ticket may go from one status to the other (to itself always).
bool may_become(std::string_view from, std::string_view to);

}  // namespace inbound
