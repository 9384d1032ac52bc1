// See draft.hpp.
#include "draft.hpp"

#include "stage.hpp"
#include "text.hpp"

namespace crm {
namespace {

Text text_at(const serai::Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (!found->is_string())
    throw serai::invalid_field(std::string("/") + name, "This must be a text.");
  return found->get<std::string>();
}

std::optional<Text> clearable_at(const serai::Json& object, const char* name) {
  if (!object.contains(name)) return std::nullopt;
  return text_at(object, name);
}

using Errors = std::vector<serai::FieldError>;

void bound(Errors& errors, const char* pointer, const std::string& text, std::size_t least,
           std::size_t most) {
  const std::size_t size = length(text);
  if (size >= least && size <= most) return;
  errors.push_back({pointer, "This must have " + std::to_string(least) + " to " +
                                 std::to_string(most) + " characters."});
}

// An empty text clears, as a cleared form field does.
void settle(Errors& errors, const char* pointer, std::optional<Text>& field, std::size_t most,
            bool lines = false) {
  if (!field || !*field) return;
  std::string text = lines ? tidy_lines(**field) : tidy(**field);
  bound(errors, pointer, text, 0, most);
  *field = text.empty() ? Text() : Text(std::move(text));
}

}  // namespace

Draft draft_of(const serai::Json& object) {
  if (!object.is_object()) throw serai::invalid_field("", "The document must be an object.");
  return {text_at(object, "email"),
          text_at(object, "name"),
          text_at(object, "source"),
          text_at(object, "pipeline_stage"),
          clearable_at(object, "phone"),
          clearable_at(object, "consultant_id"),
          clearable_at(object, "destination"),
          clearable_at(object, "notes")};
}

std::vector<serai::FieldError> settle(Draft& draft, bool whole) {
  Errors errors;
  if (draft.email || whole) {
    draft.email = email_of(draft.email.value_or(""));
    if (draft.email->empty()) errors.push_back({"/email", "This must be an e-mail address."});
  }
  if (draft.name || whole) {
    draft.name = tidy(draft.name.value_or(""));
    bound(errors, "/name", *draft.name, 2, 100);
  }
  if (draft.source) {
    draft.source = tidy(*draft.source);
    bound(errors, "/source", *draft.source, 1, 50);
  }
  if (draft.stage && !is_stage(*draft.stage)) {
    errors.push_back(
        {"/pipeline_stage", "This must be QUOTED, NEGOTIATING, BOOKED, PAID, TRAVELLED or LOST."});
  }
  settle(errors, "/phone", draft.phone, 40);
  settle(errors, "/consultant_id", draft.consultant_id, 64);
  settle(errors, "/destination", draft.destination, 200);
  settle(errors, "/notes", draft.notes, 5000, true);
  return errors;
}

void require_good(Draft& draft, bool whole) {
  auto errors = settle(draft, whole);
  if (errors.empty()) return;
  throw serai::Problem(422, "validation_failed", "The client has faulty fields.",
                       std::move(errors));
}

void apply(const Draft& draft, Client& client) {
  if (draft.email) client.email = *draft.email;
  if (draft.name) client.name = *draft.name;
  if (draft.source) client.source = *draft.source;
  if (draft.stage) client.stage = *draft.stage;
  if (draft.phone) client.phone = *draft.phone;
  if (draft.consultant_id) client.consultant_id = *draft.consultant_id;
  if (draft.destination) client.destination = *draft.destination;
  if (draft.notes) client.notes = *draft.notes;
}

}  // namespace crm
