// Takes a message, answers 202 and posts it to the target until the target has it. The message's
// id makes both sides idempotent: here it is the primary key, there the Idempotency-Key.
#include <serai/plugin.hpp>

class WebhookRelay : public serai::Plugin {
 public:
  WebhookRelay() {
    route("accept", &WebhookRelay::accept);
    route("look", &WebhookRelay::look);
    job("deliver", &WebhookRelay::deliver);
  }

 private:
  serai::Response accept(serai::Request& request) {
    const auto id = request.field<std::string>("id");
    auto transaction = request.sql().transaction();
    const auto added = request.sql().execute(
        "INSERT INTO webhook_relay_messages (id, event, payload, attempts, accepted_at) "
        "VALUES ($1, $2, $3, 0, $4) ON CONFLICT (id) DO NOTHING",
        id, request.field<std::string>("event"),
        serai::dump_json(request.field("payload", serai::Json::object())),
        request.clock().now_text());
    if (added == 1) request.jobs().enqueue("deliver", {{"id", id}}, {.unique_key = id});
    transaction.commit();  // the message and its job, or neither
    return serai::accepted({{"id", id}, {"known", added == 0}});
  }

  serai::Json look(serai::Request& request) {
    const auto rows = request.sql().query(
        "SELECT id, event, attempts, accepted_at, delivered_at FROM webhook_relay_messages "
        "WHERE id = $1",
        request.path("id"));
    return serai::data(rows.required("The message").json());
  }

  // Throwing means "again, later": the host waits longer each time and gives up after ten.
  void deliver(serai::Job& job) {
    const auto id = job.field<std::string>("id");
    const auto rows = job.sql().query(
        "UPDATE webhook_relay_messages SET attempts = attempts + 1 "
        "WHERE id = $1 AND delivered_at IS NULL RETURNING event, payload",
        id);
    if (rows.empty()) return;  // a job may come twice
    const auto token = std::string(job.secrets().required("target_token"));
    job.http()
        .post_json(job.config().text("target_url"),
                   {{"id", id},
                    {"event", rows.front().text("event")},
                    {"payload", rows.front().json("payload")}},
                   {{"authorization", "Bearer " + token}, {"idempotency-key", id}})
        .expect_ok("The target");
    job.sql().execute("UPDATE webhook_relay_messages SET delivered_at = $2 WHERE id = $1", id,
                      job.clock().now_text());
  }
};
SERAI_PLUGIN(WebhookRelay)
