// See mailing.hpp.
#include "mailing.hpp"

#include "preferences.hpp"

namespace notifications {
namespace {

using serai::Json;

constexpr const char* kText = "{{message}}\n\n{{#link}}{{{link}}}\n{{/link}}";
constexpr const char* kHtml =
    "<h2>{{title}}</h2><p style=\"white-space:pre-line\">{{message}}</p>"
    "{{#link}}<p><a href=\"{{link}}\">{{link}}</a></p>{{/link}}";

}  // namespace

std::vector<Reader> readers(const serai::Call& call) {
  std::vector<Reader> all;
  const auto services = call.services();
  if (!services.available("serai.users/1") || !services.available("mail.send/1")) return all;
  const Json answer = services.call("serai.users/1");
  for (const Json& user : answer.value("users", Json::array()))
    all.push_back({user.value("id", ""), user.value("email", ""), user.value("name", "")});
  return all;
}

void send(const serai::Call& call, const Reader& to, Letter letter) {
  letter.data["name"] = to.name;
  if (auto link = call.config().text("app_url"); !link.empty()) letter.data["link"] = link;
  try {
    call.services().call("mail.send/1", {{"to", {{"email", to.email}, {"name", to.name}}},
                                         {"template",
                                          {{"name", letter.template_name},
                                           {"subject", letter.subject},
                                           {"text", letter.text},
                                           {"html", letter.html}}},
                                         {"data", letter.data},
                                         {"categories", {"notification"}},
                                         {"idempotency_key", letter.key}});
    call.metrics().add("mails_total");
  } catch (const serai::Problem& problem) {
    if (problem.code != "mail_not_configured" && problem.status != 422) throw;
    call.log().info("A notification was not mailed", {{"user", to.id}, {"code", problem.code}});
  }
}

void mail_notification(serai::Job& job) {
  const auto id = job.field<std::string>("notification");
  const auto everybody = readers(job);
  if (everybody.empty()) return;
  const auto sql = job.sql();
  const auto now = job.clock().now_text();
  auto transaction = sql.transaction();
  const auto taken = sql.execute(
      "UPDATE notifications_items SET mailed_at = $2 WHERE id = $1 AND mailed_at IS NULL", id, now);
  if (taken == 0) return;
  const auto rows =
      sql.query("SELECT user_id, type, title, message FROM notifications_items WHERE id = $1", id);
  const auto row = rows.front();
  const AllPreferences preferences(job);
  serai::Batch waiting;
  for (const Reader& reader : everybody) {
    if (!row.text("user_id").empty() && row.text("user_id") != reader.id) continue;
    const Preferences& wanted = preferences.of(reader.id);
    if (!wanted.mailed(row.text("type"))) continue;
    if (wanted.frequency() == Frequency::realtime) {
      const Json data{{"title", row.text("title")},
                      {"message", row.text("message")},
                      {"type", row.text("type")}};
      send(
          job, reader,
          {"notifications.one", "{{title}}", kText, kHtml, data, "notification-" + id + reader.id});
    } else {
      waiting.add(reader.id, id, now);
    }
  }
  if (waiting.size() > 0)
    sql.execute_many(
        "INSERT INTO notifications_waiting (user_id, notification, queued_at, digest) "
        "VALUES ($1, $2, $3, '') ON CONFLICT (user_id, notification) DO NOTHING",
        waiting);
  transaction.commit();
}

}  // namespace notifications
