// @TITLE@: notes of a tenant's users. The routes, permissions and the table stand in plugin.yaml
// and migrations/; here is only what happens when they are called.
#include <serai/plugin.hpp>

class @CLASS@ : public serai::Plugin {
 public:
  @CLASS@() {
    route("list_notes", &@CLASS@::list_notes);
    route("add_note", &@CLASS@::add_note);
    route("get_note", &@CLASS@::get_note);
  }

 private:
  serai::Json list_notes(serai::Request& request) {
    const auto rows = request.sql().query(
        "SELECT id, text, author, created_at FROM @TABLE@_notes "
        "ORDER BY created_at DESC, id DESC LIMIT $1",
        request.query_integer("limit", 20));
    return serai::list(rows.json());
  }

  serai::Response add_note(serai::Request& request) {
    const std::string id = request.clock().uuid();
    request.sql().execute(
        "INSERT INTO @TABLE@_notes (id, text, author, created_at) VALUES ($1, $2, $3, $4)", id,
        request.field<std::string>("text"), request.caller().user, request.clock().now_text());
    request.log().info("Note added", {{"id", id}});
    return serai::created({{"id", id}});
  }

  serai::Json get_note(serai::Request& request) {
    const auto rows = request.sql().query(
        "SELECT id, text, author, created_at FROM @TABLE@_notes WHERE id = $1",
        request.path("id"));
    return serai::data(rows.required("The note").json());
  }
};
SERAI_PLUGIN(@CLASS@)
