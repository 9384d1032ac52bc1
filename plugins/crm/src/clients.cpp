// See clients.hpp.
#include "clients.hpp"

#include "store.hpp"
#include "writing.hpp"

namespace crm {

serai::Response create_client(serai::Request& request) {
  Draft draft = draft_of(request.json());
  require_good(draft, true);
  const auto [client, made] = ensure_client(request, draft);
  auto answer = serai::data(to_json(client));
  answer["created"] = made;
  return serai::Response::json(std::move(answer), made ? 201 : 200);
}

serai::Json show_client(serai::Request& request) {
  const Client client = required_client(request, request.path("id"));
  auto emails = emails_of(request, client);
  emails.erase(emails.begin());
  auto shown = to_json(client);
  shown["other_emails"] = emails;
  return serai::data(std::move(shown));
}

serai::Json edit_client(serai::Request& request) {
  Draft draft = draft_of(request.json());
  require_good(draft, false);
  Writing writing(request);
  const Client before = required_client(request, request.path("id"));
  Client after = before;
  apply(draft, after);
  if (after.email != before.email) change_email(request, before, after.email);
  after = change_client(request, before, after, kEdited);
  writing.commit();
  return serai::data(to_json(after));
}

serai::Json remove_client(serai::Request& request) {
  Writing writing(request);
  const Client client = required_client(request, request.path("id"));
  request.sql().execute("DELETE FROM crm_clients WHERE id = $1", client.id);
  request.events().publish("crm.client.deleted",
                           {{"id", client.id}, {"client_id", client.client_id}});
  writing.commit();
  return {{"message", "The client is deleted."}};
}

serai::Json set_client_stage(serai::Request& request) {
  Writing writing(request);
  const Client before = required_client(request, request.path("id"));
  Client after = before;
  after.stage = request.field<std::string>("stage");
  after = change_client(request, before, after, kEdited);
  writing.commit();
  auto answer = serai::data(to_json(after));
  answer["stage"] = after.stage;
  answer["message"] = "The client is in the stage " + after.stage + ".";
  return answer;
}

serai::Json client_history(serai::Request& request) {
  const Client client = required_client(request, request.path("id"));
  const auto rows = request.sql().query(
      "SELECT id, cause, changes, user_id, changed_at FROM crm_changes WHERE client = $1 "
      "ORDER BY changed_at DESC, id DESC LIMIT $2 OFFSET $3",
      client.id, request.query_integer("limit", 20), request.query_integer("offset", 0));
  serai::Json items = serai::Json::array();
  for (const auto row : rows) {
    items.push_back({{"id", row.text(0)},
                     {"cause", row.text(1)},
                     {"changes", row.json(2)},
                     {"user_id", row.text(3)},
                     {"changed_at", row.text(4)}});
  }
  return serai::list(std::move(items));
}

}  // namespace crm
