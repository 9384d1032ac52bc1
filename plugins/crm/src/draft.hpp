// What somebody wants to know of a client, from a request, a service call or a row of CSV, and the
// rules all of it keeps.
#pragma once

#include <string>
#include <vector>

#include <serai/plugin.hpp>

#include "client.hpp"

namespace crm {

// A field is nothing (leave it as it is), null (clear it) or a text.
struct Draft {
  Text email, name, source, stage;
  std::optional<Text> phone, consultant_id, destination, notes;
};

// From an object with the fields' names of the API; unknown ones are passed over.
Draft draft_of(const serai::Json& object);

// Tidies every field and tells what is wrong, with "/field" as pointer. `whole`: a new client.
std::vector<serai::FieldError> settle(Draft& draft, bool whole);
// The same; Problem 422.
void require_good(Draft& draft, bool whole);

// Writes the draft's fields over the client's.
void apply(const Draft& draft, Client& client);

}  // namespace crm
