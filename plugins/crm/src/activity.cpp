// See activity.hpp.
#include "activity.hpp"

#include "rows.hpp"
#include "text.hpp"
#include "writing.hpp"

namespace crm {
namespace {

constexpr std::size_t kMetadataBytes = 16 * 1024;
constexpr const char* kColumns = "id, activity_type, description, metadata, user_id, created_at";

serai::Json activity_json(const serai::Row& row) {
  return {{"id", row.text(0)},       {"activity_type", row.text(1)}, {"description", row.text(2)},
          {"metadata", row.json(3)}, {"user_id", row.text(4)},       {"created_at", row.text(5)}};
}

std::string text_field(const serai::Json& source, const char* name, std::size_t most) {
  const auto found = source.find(name);
  std::string text;
  if (found != source.end() && found->is_string())
    text = tidy_lines(found->get_ref<const std::string&>());
  if (text.empty() || length(text) > most) {
    throw serai::invalid_field(std::string("/") + name, "This must be a text of 1 to " +
                                                            std::to_string(most) + " characters.");
  }
  return text;
}

}  // namespace

void record_activities(const serai::Call& call, const std::vector<NewActivity>& activities) {
  if (activities.empty()) return;
  const std::string now = call.clock().now_text();
  serai::Batch rows;
  std::vector<serai::Value> moved{now};
  for (const auto& one : activities) {
    const std::string id = call.clock().uuid();
    rows.add(id, one.client, one.type, one.description, serai::dump_json(one.metadata),
             one.once_key.empty() ? id : one.once_key, call.caller().user, now);
    moved.emplace_back(one.client);
  }
  insert_rows(call,
              "INSERT INTO crm_activities (id, client, activity_type, description, metadata, "
              "once_key, user_id, created_at)",
              rows, "ON CONFLICT (client, once_key) DO NOTHING");
  call.sql().execute_values("UPDATE crm_clients SET last_activity_at = $1 WHERE id IN (" +
                                placeholders(2, activities.size()) + ")",
                            moved);
}

serai::Json activity_once(const serai::Call& call, const Client& client,
                          std::string_view once_key) {
  const auto rows = call.sql().query(std::string("SELECT ") + kColumns +
                                         " FROM crm_activities WHERE client = $1 AND once_key = $2",
                                     client.id, once_key);
  return activity_json(rows.required("The activity"));
}

NewActivity good_activity(const serai::Json& source, const Client& client) {
  NewActivity activity{client.id, text_field(source, "activity_type", 50),
                       text_field(source, "description", 5000)};
  if (const auto metadata = source.find("metadata");
      metadata != source.end() && !metadata->is_null()) {
    if (!metadata->is_object() || serai::dump_json(*metadata).size() > kMetadataBytes)
      throw serai::invalid_field("/metadata", "This must be an object of at most 16 KiB.");
    activity.metadata = *metadata;
  }
  return activity;
}

serai::Json list_activities(serai::Request& request) {
  const Client client = required_client(request, request.path("id"));
  const auto rows = request.sql().query(std::string("SELECT ") + kColumns +
                                            " FROM crm_activities WHERE client = $1 "
                                            "ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3",
                                        client.id, request.query_integer("limit", 20),
                                        request.query_integer("offset", 0));
  serai::Json items = serai::Json::array();
  for (const auto row : rows) items.push_back(activity_json(row));
  return serai::list(std::move(items));
}

serai::Response add_activity(serai::Request& request) {
  Writing writing(request);
  const Client client = required_client(request, request.path("id"));
  auto activity = good_activity(request.json(), client);
  activity.once_key = request.clock().uuid();
  record_activities(request, {activity});
  auto answer = serai::data(activity_once(request, client, activity.once_key));
  writing.commit();
  answer["message"] = "The activity is recorded.";
  return serai::Response::json(std::move(answer), 201);
}

serai::Json remove_activity(serai::Request& request) {
  Writing writing(request);
  const Client client = required_client(request, request.path("id"));
  const auto gone = request.sql().execute(
      "DELETE FROM crm_activities WHERE client = $1 AND id = $2", client.id, request.path("aid"));
  if (gone == 0) throw serai::not_found("The activity");
  request.sql().execute(
      "UPDATE crm_clients SET last_activity_at = "
      "(SELECT max(created_at) FROM crm_activities WHERE client = $1) WHERE id = $1",
      client.id);
  writing.commit();
  return {{"message", "The activity is deleted."}};
}

}  // namespace crm
