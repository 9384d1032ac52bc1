// See news.hpp.
#include "news.hpp"

#include "notice.hpp"

namespace notifications {
namespace {

using serai::Json;

// An event comes at least once; what it says is written once.
void tell(serai::Event& event, Json document, bool mailed = true) {
  document["once_key"] = "event-" + std::string(event.id());
  Notice notice = notice_of(document);
  notice.mailed = mailed;
  notify(event, notice);
}

}  // namespace

void client_added(serai::Event& event) {
  const auto name = event.field<std::string>("name");
  tell(event, {{"type", "client_added"},
               {"title", "New client: " + name},
               {"message", name + " (" + event.field<std::string>("email") + ") was added."},
               {"entity_type", "client"},
               {"entity_id", event.field<std::string>("client_id")}});
}

void clients_imported(serai::Event& event) {
  const auto added = event.field<std::int64_t>("added");
  if (added < 1) return;
  const auto clients = std::to_string(added) + (added == 1 ? " new client" : " new clients");
  tell(event, {{"type", "client_added"},
               {"title", clients},
               {"message", "An import brought " + clients + "."},
               {"entity_type", "client_import"},
               {"entity_id", event.field<std::string>("import_id")}});
}

void stage_changed(serai::Event& event) {
  if (event.field<std::string>("to") != "BOOKED") return;
  const auto name = event.field<std::string>("name");
  tell(event, {{"type", "booking_confirmed"},
               {"title", "Booking confirmed: " + name},
               {"message", name + " has booked."},
               {"entity_type", "client"},
               {"entity_id", event.field<std::string>("client_id")}});
}

// Never mailed: where mails are lost, another one about it would be lost too, and tell of itself.
void mail_lost(serai::Event& event) {
  tell(event,
       {{"type", "system"},
        {"title", "A mail did not arrive"},
        {"message", "The mail to " + event.field<std::string>("to") +
                        (event.type() == "mail.bounced" ? " came back." : " was given up.")},
        {"entity_type", "mail"},
        {"entity_id", event.field<std::string>("message_id")}},
       false);
}

}  // namespace notifications
