// What happened with a client: calls, notes, quotes, changes of stage.
#pragma once

#include <string>
#include <vector>

#include <serai/plugin.hpp>

#include "client.hpp"

namespace crm {

struct NewActivity {
  std::string client;  // UUID
  std::string type, description;
  serai::Json metadata = serai::Json::object();
  std::string once_key = {};  // a second one of the client with this key is not recorded
};

// In the caller's transaction, which knows that the clients exist; also moves their last activity.
void record_activities(const serai::Call& call, const std::vector<NewActivity>& activities);

// The activity with this key, as the API shows it.
serai::Json activity_once(const serai::Call& call, const Client& client, std::string_view once_key);

// Tidied and within bounds; Problem 422. `source` has activity_type, description, metadata.
NewActivity good_activity(const serai::Json& source, const Client& client);

// Routes.
serai::Json list_activities(serai::Request& request);
serai::Response add_activity(serai::Request& request);
serai::Json remove_activity(serai::Request& request);

}  // namespace crm
