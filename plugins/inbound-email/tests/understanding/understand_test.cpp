// Single rules that the labelled mails do not show: evidence, edges, hostile text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenant.hpp"
#include "understanding/amounts.hpp"
#include "understanding/calendar.hpp"
#include "understanding/edit_distance.hpp"

namespace inbound_test {
namespace {

using inbound::Day;
using inbound::Enquiry;
using inbound::Mail;

const Day kTuesday = *inbound::valid(2026, 3, 10);

Enquiry read(std::string body, std::string subject = "") {
  return inbound::understand({std::move(subject), std::move(body), kTuesday}, offer());
}

TEST(Understand, each_field_has_the_words_it_came_from) {
  const Mail mail{"Zanzíbar?",
                  "Wir wollen vom 3.10. bis 12.10. für 2.500 € p.P. reisen, 2 Erwachsene.",
                  kTuesday};
  const auto enquiry = inbound::understand(mail, offer());
  const auto text = mail.text();
  const auto words = [&](const inbound::Evidence& evidence) {
    EXPECT_EQ(text.substr(evidence.begin, evidence.end - evidence.begin), evidence.words);
    return evidence.words;
  };
  ASSERT_EQ(enquiry.destinations.size(), 1);
  EXPECT_EQ(words(enquiry.destinations[0].evidence), "Zanzíbar");
  EXPECT_EQ(words(enquiry.check_in->evidence), "3.10.");
  EXPECT_EQ(words(enquiry.check_out->evidence), "12.10.");
  EXPECT_EQ(words(enquiry.budget->evidence), "2.500 €");
  EXPECT_EQ(words(enquiry.adults->evidence), "2 Erwachsene");
  EXPECT_EQ(enquiry.nights->value, 9);
}

TEST(Understand, a_mail_that_names_no_destination_of_the_tenant_has_none) {
  const auto enquiry = read("How much is a week in Iceland for two adults in June?");
  EXPECT_TRUE(enquiry.destinations.empty());
  EXPECT_TRUE(enquiry.is_enquiry);
}

TEST(Understand, what_is_not_wanted_is_no_destination) {
  const auto enquiry = read("Please quote Mauritius instead of Zanzibar for two adults.");
  ASSERT_EQ(enquiry.destinations.size(), 1);
  EXPECT_EQ(enquiry.destinations[0].value, "Mauritius");
}

TEST(Understand, the_tenants_own_aliases_count) {
  const auto enquiry = read("A room in stone town for 2 people, please, price?");
  ASSERT_EQ(enquiry.destinations.size(), 1);
  EXPECT_EQ(enquiry.destinations[0].value, "Zanzibar");
}

TEST(Understand, a_range_over_new_year_ends_in_the_next_year) {
  const auto enquiry = read("28 December to 4 January please, 2 adults");
  EXPECT_EQ(enquiry.check_in->value, *inbound::valid(2026, 12, 28));
  EXPECT_EQ(enquiry.check_out->value, *inbound::valid(2027, 1, 4));
}

TEST(Understand, a_day_that_has_been_this_year_is_next_years) {
  const auto enquiry = read("We arrive on 1 February for 3 nights");
  EXPECT_EQ(enquiry.check_in->value, *inbound::valid(2027, 2, 1));
  EXPECT_EQ(enquiry.check_out->value, *inbound::valid(2027, 2, 4));
}

TEST(Understand, days_that_do_not_exist_are_none) {
  EXPECT_FALSE(read("We arrive on 30 February 2027").check_in);
  EXPECT_FALSE(read("We arrive on 31/11/2026").check_in);
}

// The commonest end of an English mail has the German word for a child in it.
TEST(Understand, kind_regards_are_no_child) {
  EXPECT_FALSE(read("Zanzibar from 10 to 17 June, 2 adults.\n\nKind regards\nAnna").children);
  EXPECT_FALSE(read("Please be so kind to quote for Zanzibar, 2 adults, in June.").children);
  EXPECT_FALSE(
      read("Zanzibar in Junie vir 2 volwassenes asseblief.\n\nKind regards\nAnna").children);
  EXPECT_EQ(read("Sansibar im Juni, 2 Erwachsene und unser Kind (4).").children->value, 1);
}

TEST(Understand, a_number_behind_a_colon_counts_what_stands_behind_it) {
  const auto told = read("We come with the children: 2 adults and 3 kids, to Zanzibar in July.");
  EXPECT_EQ(told.adults->value, 2);
  EXPECT_EQ(told.children->value, 3);
  const auto form = read("Destination: Zanzibar\nChildren: 3 Adults: 2\nIn July, price please?");
  EXPECT_EQ(form.adults->value, 2);
  EXPECT_EQ(form.children->value, 3);
}

TEST(Understand, a_telephone_number_is_found_with_or_without_a_label) {
  EXPECT_EQ(read("Tel. +49 (89) 555-0123").phone->value, "+49895550123");
  EXPECT_EQ(read("Please ring 083 555 0142 after five").phone->value, "0835550142");
  EXPECT_FALSE(read("Booking 2210 of 12/07/2026, 7 nights").phone);
}

TEST(Understand, an_address_is_no_text) {
  EXPECT_TRUE(read("Write to zanzibar@example.com or see www.zanzibar-mauritius.example")
                  .destinations.empty());
}

TEST(Understand, nothing_in_nothing_out) {
  const auto enquiry = inbound::understand({"", "", kTuesday}, offer());
  EXPECT_FALSE(enquiry.is_enquiry);
  EXPECT_FALSE(enquiry.check_in);
}

TEST(Understand, hostile_text_ends) {
  std::string digits;
  std::string words;
  for (int i = 0; i < 40'000; ++i) {
    digits += "1/1-1.1 to ";
    words += "my wife and kids 1, 1 and ";
  }
  EXPECT_NO_THROW(read(digits));
  EXPECT_NO_THROW(read(words));
  EXPECT_NO_THROW(read(std::string(100'000, '9')));
  EXPECT_NO_THROW(read(std::string(100'000, '\xFF')));
  EXPECT_NO_THROW(read(std::string("a\0b", 3)));
}

TEST(Calendar, easter) {
  EXPECT_EQ(inbound::easter_sunday(2026), *inbound::valid(2026, 4, 5));
  EXPECT_EQ(inbound::easter_sunday(2027), *inbound::valid(2027, 3, 28));
  EXPECT_EQ(inbound::easter_sunday(2038), *inbound::valid(2038, 4, 25));
  EXPECT_EQ(inbound::next_good_friday(*inbound::valid(2026, 4, 4)), *inbound::valid(2027, 3, 26));
}

TEST(Calendar, the_29th_of_february_is_found) {
  EXPECT_EQ(inbound::next_such_day(kTuesday, 2, 29), *inbound::valid(2028, 2, 29));
  EXPECT_FALSE(inbound::next_such_day(kTuesday, 2, 30));
}

TEST(Calendar, the_next_weekday_is_after_today) {
  EXPECT_EQ(inbound::next_weekday(kTuesday, 2), *inbound::valid(2026, 3, 17));
  EXPECT_EQ(inbound::next_weekday(kTuesday, 3), *inbound::valid(2026, 3, 11));
}

TEST(Amounts, are_read_as_written) {
  const auto read_amount = [](std::string_view text) {
    const auto tokens = inbound::tokenize(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (const auto amount = inbound::amount_at(tokens, i)) {
        return std::to_string(amount->value) + std::string(amount->currency);
      }
    }
    return std::string("none");
  };
  EXPECT_EQ(read_amount("R80 000"), "80000ZAR");
  EXPECT_EQ(read_amount("6.500,00 €"), "6500EUR");
  EXPECT_EQ(read_amount("CHF 1'500.-"), "1500CHF");
  EXPECT_EQ(read_amount("US$2,200.50"), "2200USD");
  EXPECT_EQ(read_amount("R$ 9 mil"), "9000BRL");
  EXPECT_EQ(read_amount("2,5k euro"), "2500EUR");
  EXPECT_EQ(read_amount("999999999999999999999"), "none");
}

TEST(EditDistance, counts_swaps_once_and_stops_at_the_limit) {
  EXPECT_EQ(inbound::edit_distance("mauritius", "mauritus", 2), 1);
  EXPECT_EQ(inbound::edit_distance("zanzibar", "zanzbiar", 2), 1);
  EXPECT_EQ(inbound::edit_distance("zanzibar", "mauritius", 2), 3);
  EXPECT_EQ(inbound::edit_distance(std::string(70, 'a'), std::string(71, 'a'), 2), 3);
}

}  // namespace
}  // namespace inbound_test
