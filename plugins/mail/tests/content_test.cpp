// What a mail is made of: addresses, headers, templates, MIME. Read back by GMime itself.
#include <memory>

#include <gmime/gmime.h>

#include "mail_fixture.hpp"

namespace mail_test {
namespace {

// A mail as its reader's program sees it.
class Parsed {
 public:
  explicit Parsed(const std::string& bytes) {
    g_mime_init();
    GMimeStream* stream = g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size());
    GMimeParser* parser = g_mime_parser_new_with_stream(stream);
    message_ = g_mime_parser_construct_message(parser, nullptr);
    g_object_unref(parser);
    g_object_unref(stream);
  }
  ~Parsed() { g_object_unref(message_); }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;

  std::string header(const char* name) const {
    const char* text = g_mime_object_get_header(reinterpret_cast<GMimeObject*>(message_), name);
    return text ? text : "";
  }
  std::string subject() const { return g_mime_message_get_subject(message_); }
  int headers() const {
    return g_mime_header_list_get_count(
        g_mime_object_get_header_list(reinterpret_cast<GMimeObject*>(message_)));
  }
  // "text/plain: Good day" of each part, in order.
  std::vector<std::string> parts() const {
    std::vector<std::string> all;
    g_mime_message_foreach(
        message_,
        [](GMimeObject*, GMimeObject* object, gpointer user) {
          if (!GMIME_IS_PART(object)) return;
          auto* type = g_mime_object_get_content_type(object);
          const std::unique_ptr<char, void (*)(void*)> name(g_mime_content_type_get_mime_type(type),
                                                            g_free);
          GMimeStream* out = g_mime_stream_mem_new();
          g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), out);
          GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out));
          const char* file = g_mime_part_get_filename(GMIME_PART(object));
          static_cast<std::vector<std::string>*>(user)->push_back(
              std::string(name.get()) + (file ? std::string(" ") + file : "") + ": " +
              std::string(reinterpret_cast<const char*>(bytes->data), bytes->len));
          g_object_unref(out);
        },
        &all);
    return all;
  }

 private:
  GMimeMessage* message_;
};

TEST_F(Mail, has_the_headers_that_were_asked_for) {
  const auto id = send(letter({{"to", {{"email", "anna@Example.COM"}, {"name", "Anna Ümlaut"}}},
                               {"subject", "Ihr Angebot für Sansibar"},
                               {"reply_to", "sales@lagoon.example"},
                               {"in_reply_to", "<one@example.com>"},
                               {"references", {"<zero@example.com>", "one@example.com"}}}));
  host.run_jobs();
  const Parsed mail(mime());
  EXPECT_EQ(mail.subject(), "Ihr Angebot für Sansibar");
  EXPECT_EQ(mail.header("From"), "Blue Lagoon <desk@lagoon.example>");
  EXPECT_EQ(mail.header("To"), "Anna Ümlaut <anna@example.com>");
  EXPECT_EQ(mail.header("Reply-To"), "sales@lagoon.example");
  EXPECT_EQ(mail.header("In-Reply-To"), "<one@example.com>");
  EXPECT_EQ(mail.header("References"), "<zero@example.com> <one@example.com>");
  EXPECT_EQ(mail.header("Message-Id"), "<" + id + "@lagoon.example>");
  EXPECT_EQ(mail.header("Date"), "Thu, 01 Jan 2026 00:00:00 +0000");
  const auto sent = host.mails().back();
  EXPECT_EQ(sent.message.sender, "desk@lagoon.example");
  EXPECT_EQ(sent.message.recipients, std::vector<std::string>{"anna@example.com"});
}

TEST_F(Mail, has_text_html_and_attachments) {
  const auto blob = host.call_service("mail.status/1");  // the plugin is up
  (void)blob;
  send(letter({{"html", "<p>Good <b>day</b></p>"},
               {"attachments",
                {{{"name", "Quote 1.pdf"}, {"type", "application/pdf"}, {"content", "JVBERi0="}},
                 {{"name", "ünicode.txt"}, {"content", "aGk="}}}}}));
  host.run_jobs();
  const auto parts = Parsed(mime()).parts();
  ASSERT_EQ(parts.size(), 4);
  EXPECT_EQ(parts[0], "text/plain: Good day");
  EXPECT_TRUE(parts[1].starts_with("text/html: <!DOCTYPE html>")) << parts[1];
  EXPECT_NE(parts[1].find("<p>Good <b>day</b></p>"), std::string::npos);
  EXPECT_EQ(parts[2], "application/pdf Quote 1.pdf: %PDF-");
  EXPECT_EQ(parts[3], "application/octet-stream ünicode.txt: hi");
  for (std::size_t i = 0; i < mime().size(); ++i)
    if (mime()[i] == '\n') {
      ASSERT_TRUE(i > 0 && mime()[i - 1] == '\r') << i;
    }
}

TEST_F(Mail, is_the_same_to_the_byte_at_each_attempt) {
  host.on_mail([](const auto&) {
    return SmtpResult{SmtpOutcome::deferred, SmtpStage::recipient, 451, "4.3.0"};
  });
  send(letter({{"html", "<p>x</p>"}, {"attachments", {{{"name", "a"}, {"content", "aGk="}}}}}));
  host.run_jobs();
  host.advance(std::chrono::hours(2));
  host.run_jobs();
  ASSERT_GE(host.mails().size(), 2);
  EXPECT_EQ(host.mails()[0].content, host.mails()[1].content);
}

TEST_F(Mail, cannot_be_made_to_hold_another_header) {
  const std::string breaks[] = {"x\r\nBcc: eve@evil.example",
                                "x\nBcc: eve@evil.example",
                                "x\rBcc: eve@evil.example",
                                std::string("x\0y", 3),
                                "x\x0b",
                                "\x7f"};
  for (const auto& text : breaks) {
    for (const char* field : {"subject", "in_reply_to", "to"})
      EXPECT_TRUE(refusal(letter({{field, text}})).starts_with("422")) << field << text;
    EXPECT_TRUE(
        refusal(letter({{"to", {{"email", "a@b.example"}, {"name", text}}}})).starts_with("422"));
    EXPECT_TRUE(refusal(letter({{"to", {{"email", text}}}})).starts_with("422"));
    EXPECT_TRUE(refusal(letter({{"reply_to", text}})).starts_with("422"));
    EXPECT_TRUE(refusal(letter({{"references", {text}}})).starts_with("422"));
    EXPECT_TRUE(refusal(letter({{"categories", {text}}})).starts_with("422"));
    for (const char* field : {"name", "type", "content_id"}) {
      Json attachment = {{"name", "a"}, {"content", "aGk="}};
      attachment[field] = text;
      EXPECT_TRUE(refusal(letter({{"attachments", {attachment}}})).starts_with("422")) << field;
    }
    const Json made = {{"name", "t"}, {"subject", "{{word}}"}, {"text", "x"}};
    EXPECT_TRUE(refusal({{"to", "a@b.example"}, {"template", made}, {"data", {{"word", text}}}})
                    .starts_with("422"));
  }
  // What a reader could take for an encoded header stays text.
  send(letter({{"subject", "=?utf-8?q?x=0D=0ABcc:_eve@evil.example?="}}));
  host.run_jobs();
  const Parsed mail(mime());
  EXPECT_EQ(mail.header("Bcc"), "");
  EXPECT_EQ(host.mails().size(), 1);
}

TEST_F(Mail, names_the_faulty_field) {
  for (const char* address :
       {"", "anna", "anna@", "@example.com", "a b@example.com", "a@b", "a@b..example",
        "a@-b.example", "<a@b.example>", "a@b.example,c@d.example", ".a@b.example",
        "a..b@c.example", "ä@b.example", "a@ä.example"})
    EXPECT_EQ(refusal(letter({{"to", address}})), "422 validation_failed /to") << address;
  EXPECT_EQ(refusal({{"subject", "x"}, {"text", "y"}}), "422 validation_failed /to");
  EXPECT_EQ(refusal({{"to", "a@b.example"}, {"text", "y"}}), "422 validation_failed /subject");
  EXPECT_EQ(refusal({{"to", "a@b.example"}, {"subject", "x"}}), "422 validation_failed /text");
  EXPECT_EQ(refusal(letter({{"text", 5}})), "422 validation_failed /text");
  EXPECT_EQ(refusal(letter({{"to", 5}})), "422 validation_failed /to");
  EXPECT_EQ(refusal(letter({{"data", 5}})), "422 validation_failed /data");
  EXPECT_EQ(refusal(letter({{"attachments", {{{"name", "a"}, {"content", "?"}}}}})),
            "422 validation_failed /attachments/0/content");
  EXPECT_EQ(refusal(letter({{"attachments", {{{"name", "a"}}}}})),
            "422 validation_failed /attachments/0");
  EXPECT_EQ(refusal(letter({{"template", "unknown"}})), "404 not_found");
  EXPECT_EQ(refusal(Json::array()), "422 validation_failed ");
}

TEST_F(Mail, escapes_what_a_template_is_filled_with) {
  const Json made = {{"name", "greeting"},
                     {"subject", "For {{name}}"},
                     {"text", "Dear {{name}}{{#items}} - {{title}}{{/items}}"},
                     {"html", "<p>Dear {{name}}</p>{{#items}}<li>{{title}}</li>{{/items}}"}};
  send({{"to", "anna@example.com"},
        {"template", made},
        {"data",
         {{"name", "<b>A & \"B\"</b>"}, {"items", {{{"title", "<script>"}}, {{"title", "2"}}}}}}});
  host.run_jobs();
  const Parsed mail(mime());
  EXPECT_EQ(mail.subject(), "For <b>A & \"B\"</b>");
  EXPECT_EQ(mail.parts()[0], "text/plain: Dear <b>A & \"B\"</b> - <script> - 2");
  EXPECT_NE(mail.parts()[1].find("<p>Dear &lt;b&gt;A &amp; &quot;B&quot;&lt;/b&gt;</p>"
                                 "<li>&lt;script&gt;</li><li>2</li>"),
            std::string::npos)
      << mail.parts()[1];
}

TEST_F(Mail, wears_the_tenants_brand) {
  host.set_setting("brand_name", "Lagoon & Co");
  host.set_setting("brand_color", "#00ff7f");
  host.set_setting("brand_logo_url", "https://lagoon.example/logo.png\"><script>");
  host.set_setting("brand_footer", "1 Beach Road");
  send(letter({{"html", "<p>Hi</p>"}}));
  host.run_jobs();
  const auto html = Parsed(mime()).parts()[1];
  EXPECT_NE(html.find("background:#00ff7f"), std::string::npos);
  EXPECT_NE(html.find("Lagoon &amp; Co"), std::string::npos);
  EXPECT_NE(html.find("1 Beach Road"), std::string::npos);
  EXPECT_EQ(html.find("<script>"), std::string::npos);
  host.set_setting("brand_color", "red;background:url(x)");
  send(letter({{"html", "<p>Hi</p>"}}));
  host.run_jobs();
  EXPECT_NE(Parsed(mime()).parts()[1].find("background:#1f4e79"), std::string::npos);
}

TEST_F(Mail, has_words_for_readers_without_html) {
  send({{"to", "anna@example.com"},
        {"subject", "x"},
        {"html", "<style>p{}</style><h1>Hello</h1><p>One &amp; two<br>three &lt;4&gt;</p>"}});
  host.run_jobs();
  EXPECT_EQ(Parsed(mime()).parts()[0], "text/plain: Hello\r\nOne & two\r\nthree <4>\r\n");
  send({{"to", "anna@example.com"},
        {"subject", "x"},
        {"html",
         "<h2>Hi</h2>See <a class=\"b\" href=\"https://x.example/?a=1&amp;b=2\">your "
         "<b>quote</b></a>, "
         "<a href=\"https://y.example\">https://y.example</a> or <a href=\"#top\">above</a></a>"}});
  host.run_jobs();
  EXPECT_EQ(Parsed(mime()).parts()[0],
            "text/plain: Hi\r\nSee your quote (https://x.example/?a=1&b=2), https://y.example or "
            "above");
}

TEST_F(Mail, templates_of_the_tenant_take_the_place_of_a_plugins) {
  const std::string path = "/api/v1/mail/templates/quotes.sent";
  const Json own = {{"subject", "Ours {{n}}"}, {"text", "t"}, {"html", "<p>{{n}}</p>"}};
  ASSERT_EQ(host.put(path, own).status, 200);
  EXPECT_EQ(host.get(path).json()["data"]["text"], "t");
  EXPECT_EQ(host.get("/api/v1/mail/templates").json()["count"], 1);
  const Json theirs = {{"name", "quotes.sent"}, {"subject", "Theirs"}, {"text", "x"}};
  for (const Json& chosen : {theirs, Json("quotes.sent")}) {
    send({{"to", "a@b.example"}, {"template", chosen}, {"data", {{"n", 5}}}});
    host.run_jobs();
    EXPECT_EQ(Parsed(mime()).subject(), "Ours 5");
  }
  host.tenant("other");
  EXPECT_EQ(host.get(path).status, 404);
  host.tenant("acme");
  EXPECT_EQ(host.del(path).status, 204);
  EXPECT_EQ(host.del(path).status, 404);
  EXPECT_EQ(refusal({{"to", "a@b.example"}, {"template", "quotes.sent"}}), "404 not_found");
}

TEST_F(Mail, templates_of_the_tenant_may_be_for_one_language) {
  const std::string path = "/api/v1/mail/templates/quotes.sent";
  const auto keep = [&](const std::string& name, const std::string& subject) {
    const Json own{{"subject", subject}, {"text", "t"}, {"html", "<p>x</p>"}};
    ASSERT_EQ(host.put(name, own).status, 200);
  };
  const auto sent_in = [&](const Json& language) {
    send({{"to", "a@b.example"},
          {"template",
           {{"name", "quotes.sent"},
            {"language", language},
            {"subject", "Theirs"},
            {"html", "<p>y</p>"}}}});
    host.run_jobs();
    return Parsed(mime());
  };
  keep(path + ".de", "Deutsch");
  EXPECT_EQ(sent_in("de").subject(), "Deutsch");
  EXPECT_EQ(sent_in("fr").subject(), "Theirs");
  keep(path, "Ours");
  EXPECT_EQ(sent_in("de").subject(), "Deutsch");
  EXPECT_EQ(sent_in("fr").subject(), "Ours");
  EXPECT_NE(sent_in("fr").parts()[1].find("<html lang=\"fr\">"), std::string::npos);
  EXPECT_NE(sent_in(nullptr).parts()[1].find("<html><head>"), std::string::npos);
  EXPECT_EQ(refusal({{"to", "a@b.example"},
                     {"template", {{"name", "n"}, {"language", "\"><b>"}, {"text", "t"}}}}),
            "422 validation_failed /name");
}

TEST_F(Mail, templates_that_would_never_end_are_refused) {
  const std::string path = "/api/v1/mail/templates/t";
  for (const char* text :
       {"{{#a}}", "{{a", "{{/a}}", "{{#a}}{{#b}}{{#c}}{{#d}}x{{/d}}{{/c}}{{/b}}{{/a}}",
        "{{=<% %>=}}", "{{> other}}"})
    EXPECT_EQ(host.put(path, {{"subject", "s"}, {"text", text}, {"html", ""}}).status, 422) << text;
  Json list = Json::array();
  for (int i = 0; i < 200; ++i) list.push_back({{"x", "xxxxxxxxxx"}});
  const Json bomb = {
      {"name", "t"}, {"subject", "s"}, {"text", "{{#l}}{{#l}}{{#l}}{{x}}{{/l}}{{/l}}{{/l}}"}};
  EXPECT_EQ(refusal({{"to", "a@b.example"}, {"template", bomb}, {"data", {{"l", list}}}}),
            "422 validation_failed /template/text");
}

}  // namespace
}  // namespace mail_test
