// A to-do list. Routes, permissions and the setting stand in plugin.yaml, the table in migrations/.
#include <serai/plugin.hpp>

class Todo : public serai::Plugin {
 public:
  Todo() {
    route("list_items", &Todo::list_items);
    route("add_item", &Todo::add_item);
    route("finish_item", &Todo::finish_item);
    route("remove_item", &Todo::remove_item);
  }

 private:
  serai::Json list_items(serai::Request& request) {
    const auto rows = request.sql().query(
        "SELECT id, title, due, done_at FROM todo_items "
        "WHERE CASE WHEN done_at IS NULL THEN 'open' ELSE 'done' END = $1 "
        "ORDER BY COALESCE(due, '9999'), id",
        request.query("state"));
    return serai::list(rows.json());
  }

  serai::Response add_item(serai::Request& request) {
    auto transaction = request.sql().transaction();  // so that two at once cannot both be the last
    const auto open =
        request.sql().query("SELECT count(*) AS n FROM todo_items WHERE done_at IS NULL");
    if (open.front().integer("n") >= request.config().integer("max_open")) {
      throw serai::conflict("list_full", "The list is full: finish something first.");
    }
    const std::string id = request.clock().uuid();
    request.sql().execute("INSERT INTO todo_items (id, title, due) VALUES ($1, $2, $3)", id,
                          request.field<std::string>("title"),
                          request.find_field<std::string>("due"));
    transaction.commit();
    return serai::created({{"id", id}});
  }

  void finish_item(serai::Request& request) {
    const auto changed =
        request.sql().execute("UPDATE todo_items SET done_at = COALESCE(done_at, $2) WHERE id = $1",
                              request.path("id"), request.clock().now_text());
    if (changed == 0) throw serai::not_found("The item");
  }

  void remove_item(serai::Request& request) {
    if (request.sql().execute("DELETE FROM todo_items WHERE id = $1", request.path("id")) == 0) {
      throw serai::not_found("The item");
    }
  }
};
SERAI_PLUGIN(Todo)
