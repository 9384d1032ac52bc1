// See services.hpp.
#include "services.hpp"

#include "activity.hpp"
#include "stage.hpp"
#include "store.hpp"
#include "writing.hpp"

namespace crm {

serai::Json ensure_client_service(serai::ServiceCall& call) {
  Draft draft = draft_of(call.json());
  require_good(draft, true);
  const auto [client, made] = ensure_client(call, draft);
  return {{"created", made}, {"client", to_json(client)}};
}

serai::Json add_activity_service(serai::ServiceCall& call) {
  Writing writing(call);
  const Client client = required_client(call, call.field<std::string>("client"));
  auto activity = good_activity(call.json(), client);
  activity.once_key = call.field("once_key", call.clock().uuid());
  if (activity.once_key.empty() || activity.once_key.size() > 200)
    throw serai::invalid_field("/once_key", "This must have 1 to 200 characters.");
  record_activities(call, {activity});
  serai::Json answer{{"activity", activity_once(call, client, activity.once_key)}};
  writing.commit();
  return answer;
}

serai::Json set_stage_service(serai::ServiceCall& call) {
  const auto stage = call.field<std::string>("stage");
  if (!is_stage(stage)) throw serai::invalid_field("/stage", "There is no such stage.");
  Writing writing(call);
  const Client before = required_client(call, call.field<std::string>("client"));
  Client after = before;
  after.stage = stage;
  after = change_client(call, before, after, kEdited);
  writing.commit();
  return {{"client", to_json(after)}};
}

}  // namespace crm
