// The sink's page; see the header.
#include "sink.hpp"

#include "messages.hpp"
#include "templates.hpp"

namespace mail {
namespace {

using serai::Json;

constexpr std::chrono::seconds kLife = std::chrono::hours(24);
// Nothing runs, nothing is fetched but pictures; the mail stands in a frame without rights.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

constexpr const char* kList = R"(<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Mail sink</title><style>body{font-family:sans-serif;margin:2em}td,th{padding:.3em 1em .3em 0;text-align:left}</style></head>
<body><h1>Mail sink</h1><p>These mails went nowhere but here. The newest come first.</p>
{{^mails}}<p>Nothing was sent yet.</p>{{/mails}}
<table><tr><th>When</th><th>To</th><th>Subject</th></tr>
{{#mails}}<tr><td>{{created_at}}</td><td>{{recipient}}</td><td><a href="?message={{message_id}}">{{subject}}</a></td></tr>
{{/mails}}</table></body></html>)";

constexpr const char* kMail = R"(<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>{{subject}}</title><style>body{font-family:sans-serif;margin:2em}iframe{width:100%;height:40em;border:1px solid #ccc}pre{white-space:pre-wrap}</style></head>
<body><p><a href="?">All mails</a></p><h1>{{subject}}</h1>
<p>From {{from}}<br>To {{recipient}}<br>{{created_at}}</p>
{{#attachments}}<p>Attached: {{name}} ({{type}})</p>{{/attachments}}
<pre>{{text}}</pre>{{#html}}<iframe sandbox title="The mail" srcdoc="{{html}}"></iframe>{{/html}}
</body></html>)";

serai::Response page(const char* source, const Json& data) {
  return serai::Response::html(render_text(source, data, Escape::html, ""))
      .with_header("Content-Security-Policy", kPolicy)
      .with_header("Cache-Control", "no-store")
      .with_header("Referrer-Policy", "no-referrer");
}

}  // namespace

serai::Response make_sink_link(serai::Request& request) {
  const auto expires = request.clock().now() + kLife;
  return serai::created(Json{{"url", request.links().make("sink", "sink", expires)}});
}

serai::Response sink_page(serai::Request& request) {
  const auto id = request.find_query("message");
  if (!id) {
    auto mails = request.sql()
                     .query(
                         "SELECT message_id, recipient, subject, created_at FROM mail_messages "
                         "WHERE transport = 'sink' ORDER BY created_at DESC, message_id DESC "
                         "LIMIT 100")
                     .json();
    return page(kList, {{"mails", mails}});
  }
  Json mail = get_message(request, *id);
  if (mail["transport"] != "sink") throw serai::not_found("The mail");
  if (mail["html"].get_ref<const std::string&>().empty()) mail["html"] = false;
  return page(kMail, mail);
}

}  // namespace mail
