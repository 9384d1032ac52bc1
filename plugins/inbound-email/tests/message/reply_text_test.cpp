#include "message/reply_text.hpp"

#include <gtest/gtest.h>

#include "message/html_text.hpp"
#include "message/subject_token.hpp"

namespace inbound_test {
namespace {

using inbound::html_to_text;
using inbound::split_reply;

TEST(ReplyText, cuts_what_mail_programs_quote) {
  for (const auto* quote :
       {"On Mon, 9 Mar 2026 at 10:14, Thabo <t@example.com> wrote:\n> Old",
        ("On Mon, 9 Mar 2026 at 10:14, Thabo Mokoena with a long name\n"
         "<t@example.com> wrote:\n\n> Old"),
        "Am 08.03.2026 um 09:12 schrieb Meier:\n> Old",
        "Le lun. 9 mars 2026 à 14:02, Agence <a@example.com> a écrit :\n> Old",
        "El lun, 9 mar 2026 a las 9:00, Agencia escribió:\n> Old",
        "Il giorno 9 mar 2026 alle 9:00 Agenzia ha scritto:\n> Old",
        "Op ma 9 mrt 2026 om 08:00 schreef Anna:\n> Old",
        "Em seg., 9 de mar. de 2026 às 09:00, Ana escreveu:\n> Old",
        "-----Original Message-----\nFrom: A\nOld", "-----Ursprüngliche Nachricht-----\nOld",
        "From: Sales\nSent: Monday\nTo: Ann\nSubject: Old\n\nOld",
        "Von: Sales\nGesendet: Montag\nAn: Ann\nBetreff: Old\n\nOld", "> Old\n> Old"}) {
    const auto reply = split_reply("Yes, please.\n\n" + std::string(quote) + "\n");
    EXPECT_EQ(reply.text, "Yes, please.") << quote;
    EXPECT_NE(reply.quoted.find("Old"), std::string::npos) << quote;
  }
}

TEST(ReplyText, keeps_what_only_looks_like_a_quotation) {
  const auto text = "We land on 3 May. My wife wrote: call us.\nFrom: Durban would be best.";
  EXPECT_EQ(split_reply(text).text, text);
}

TEST(ReplyText, parts_the_signature_and_keeps_an_afterthought) {
  const auto reply = split_reply(
      "Please quote.\n\nKind regards,\nAnna Smit\n+27 82 555 0101\nPS: we need a cot\n");
  EXPECT_EQ(reply.text, "Please quote.\n\nKind regards,\nPS: we need a cot");
  EXPECT_EQ(reply.signature, "Anna Smit\n+27 82 555 0101");
  EXPECT_EQ(split_reply("Hello\nthere\n-- \nAnna").signature, "-- \nAnna");
}

TEST(ReplyText, thanks_at_the_beginning_is_no_signature) {
  const auto text = "Thanks Anna\n\nPlease book the second hotel.";
  EXPECT_EQ(split_reply(text).text, text);
}

TEST(ReplyText, a_bare_forward_keeps_its_text) {
  EXPECT_EQ(split_reply("---------- Forwarded message ---------\nFrom: Bob\n\nTwo adults").text,
            "---------- Forwarded message ---------\nFrom: Bob\n\nTwo adults");
}

TEST(HtmlText, is_what_a_reader_sees) {
  EXPECT_EQ(
      html_to_text("<style>p{}</style><p>Caf&eacute;&nbsp;&amp;<br>bar</p><script>x()</script>"
                   "<table><tr><td>Nights</td><td>7</td></tr></table>"
                   "<span style='display:none'>hidden</span>"),
      "Café\xC2\xA0&\nbar\n\nNights | 7\n");
}

TEST(HtmlText, leaves_out_what_is_marked_as_quoted) {
  const auto text = html_to_text(
      "<div>New</div><div class=\"gmail_quote\">Old</div><blockquote>Old</blockquote>");
  EXPECT_EQ(text, "New\n");
}

TEST(HtmlText, survives_depth) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div>";
  EXPECT_NO_THROW(html_to_text(deep + "bottom"));
  EXPECT_EQ(html_to_text(""), "");
}

TEST(SubjectToken, names_a_ticket_only_when_whole) {
  EXPECT_EQ(inbound::ticket_in("Re: Trip [TKT-20260310-A1B2C3] again"), "TKT-20260310-A1B2C3");
  EXPECT_EQ(inbound::ticket_in("Re: [TKT-2026] [TKT-20260310-A1B2C3]"), "TKT-20260310-A1B2C3");
  EXPECT_EQ(inbound::ticket_in("TKT-20260310-A1B2C3"), "");
  EXPECT_EQ(inbound::ticket_in("[TKT-20260310-a1b2c3]"), "");
  EXPECT_EQ(inbound::ticket_in("[TKT-20260310-A1B2C3"), "");
}

}  // namespace
}  // namespace inbound_test
