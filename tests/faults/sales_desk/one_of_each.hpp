// The end of every bad day: of each enquiry one ticket, one client, one quote, one mail.
#pragma once

#include <set>

#include <gtest/gtest.h>

#include "e2e/sales_desk.hpp"

namespace serai_test {

// What was sent is sent; how often the relay took it does not count, if it was the same mail.
inline void expect_one_of_each(SalesDesk& desk, const std::string& name) {
  SCOPED_TRACE(name);
  EXPECT_TRUE(eventually([&] { return desk.is_sent(name); })) << desk.tickets_of(name);
  const auto tickets = desk.tickets_of(name);
  const auto quotes = desk.quotes_of(name);
  ASSERT_EQ(tickets.size(), 1U);
  ASSERT_EQ(quotes.size(), 1U);
  EXPECT_EQ(quotes[0]["status"], "sent");
  EXPECT_EQ(tickets[0]["metadata"]["auto_quote"]["quote_number"], quotes[0]["quote_id"]);
  EXPECT_EQ(
      desk.list(desk.lagoon(), "/api/v1/crm/clients?query=" + SalesDesk::address(name)).size(), 1U);
}

// After a mail to `last`: all that was sent before has come, too.
inline void expect_one_mail_each(SalesDesk& desk, const std::vector<std::string>& names,
                                 const std::string& last) {
  EXPECT_EQ(desk.deliver(last).status, 200);
  desk.taken_until(last);
  for (const auto& name : names) {
    const auto mails = desk.taken_of(name);
    EXPECT_GE(mails.size(), 1U) << name;
    EXPECT_EQ(std::set<std::string>(mails.begin(), mails.end()).size(), 1U) << name;
  }
}

}  // namespace serai_test
