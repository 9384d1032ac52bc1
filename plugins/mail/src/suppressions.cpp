// The suppression list; see the header.
#include "suppressions.hpp"

#include "address.hpp"

namespace mail {

using serai::Json;

bool is_suppressed(const serai::Call& call, std::string_view address) {
  return !call.sql()
              .query("SELECT address FROM mail_suppressions WHERE address = $1",
                     mailbox_key(address))
              .empty();
}

void suppress(const serai::Call& call, std::string_view address, std::string_view reason,
              std::string_view detail, std::string_view message_id) {
  call.sql().execute(
      "INSERT INTO mail_suppressions (address, reason, detail, message_id, created_at) "
      "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (address) DO NOTHING",
      mailbox_key(address), reason, detail.substr(0, 1000), message_id, call.clock().now_text());
  serai::Total(call, "suppressions").changed();
}

Json list_suppressions(serai::Request& request) {
  const auto rows = request.sql().query(
      "SELECT address, reason, detail, message_id, created_at FROM mail_suppressions "
      "ORDER BY created_at DESC, address LIMIT $1 OFFSET $2",
      request.query_integer("limit", 50), request.query_integer("offset", 0));
  auto answer = serai::list(rows.json());
  answer["total"] = serai::Total(request, "suppressions").get("", [&] {
    return request.sql().query("SELECT count(*) AS n FROM mail_suppressions").front().integer("n");
  });
  return answer;
}

serai::Response add_suppression(serai::Request& request) {
  const auto address =
      mailbox_key(checked_email(request.field<std::string>("address"), "/address"));
  suppress(request, address, "manual", request.field("detail", ""), "");
  return serai::created(Json{{"address", address}});
}

void lift_suppression(serai::Request& request) {
  if (request.sql().execute("DELETE FROM mail_suppressions WHERE address = $1",
                            mailbox_key(request.path("address"))) == 0)
    throw serai::not_found("The address");
  serai::Total(request, "suppressions").changed();
}

}  // namespace mail
