// The plugin: which word of the manifest is which function.
#include <serai/plugin.hpp>

#include "messages.hpp"
#include "mime.hpp"
#include "outbox.hpp"
#include "sink.hpp"
#include "suppressions.hpp"
#include "templates.hpp"
#include "webhook.hpp"

namespace mail {
namespace {

class Mail : public serai::Plugin {
 public:
  Mail() {
    route("status", [](serai::Request& r) { return serai::data(outbox_status(r)); });
    route("list_messages", list_messages);
    route("send", [](serai::Request& r) { return serai::accepted(enqueue(r, r.json())); });
    route("get_message",
          [](serai::Request& r) { return serai::data(get_message(r, r.path("message_id"))); });
    route("resend", resend);
    route("list_suppressions", list_suppressions);
    route("add_suppression", add_suppression);
    route("lift_suppression", lift_suppression);
    route("list_templates", list_templates);
    route("get_template", get_template);
    route("put_template", put_template);
    route("delete_template", delete_template);
    route("make_webhook", make_webhook);
    route("sendgrid_events", sendgrid_events);
    route("make_sink_link", make_sink_link);
    route("sink", sink_page);
    job("deliver", deliver);
    service("send_service", [](serai::ServiceCall& c) { return enqueue(c, c.json()); });
    service("get_service", [](serai::ServiceCall& c) {
      return get_message(c, c.field<std::string>("message_id"));
    });
    service("status_service", [](serai::ServiceCall& c) { return outbox_status(c); });
    service("bounced_service", bounced_service);
  }

  void start() override { start_mime(); }
};

}  // namespace
}  // namespace mail

SERAI_PLUGIN(mail::Mail)
