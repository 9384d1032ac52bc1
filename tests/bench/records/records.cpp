// One small table, as a plugin keeps it: created, read, listed.
#include <random>

#include <serai/plugin.hpp>

class Records : public serai::Plugin {
 public:
  Records() {
    route("create", &Records::create);
    route("create_many", &Records::create_many);
    route("read", &Records::read);
    route("page", &Records::page);
  }

 private:
  serai::Response create(serai::Request& request) {
    const std::string id = request.clock().uuid();
    request.sql().execute("INSERT INTO records_items (id, number, title) VALUES ($1, $2, $3)", id,
                          request.clock().now().time_since_epoch().count(),
                          request.field<std::string>("title"));
    serai::Total(request, "items").changed();
    return serai::created({{"id", id}});
  }

  serai::Response create_many(serai::Request& request) {
    std::string title = "A record among many";
    const auto size = static_cast<std::size_t>(request.field<std::int64_t>("size", 0));
    std::minstd_rand dice(static_cast<unsigned>(request.clock().now().time_since_epoch().count()));
    serai::Batch batch;
    for (std::int64_t number = 0; number < request.field<std::int64_t>("count"); ++number) {
      if (size > 0) {
        title.resize(size);
        for (char& c : title) c = static_cast<char>('A' + dice() % 58);  // compresses little
      }
      batch.add(request.clock().uuid(), number, title);
    }
    request.sql().execute_many("INSERT INTO records_items (id, number, title) VALUES ($1, $2, $3)",
                               batch);
    serai::Total(request, "items").changed();
    return serai::created({{"count", batch.size()}});
  }

  serai::Json read(serai::Request& request) {
    const auto rows = request.sql().query(
        "SELECT id, number, title FROM records_items WHERE id = $1", request.path("id"));
    if (rows.empty()) throw serai::not_found("The record");
    return rows.json()[0];
  }

  serai::Json page(serai::Request& request) {
    const auto rows = request.sql().query(
        "SELECT id, number, title FROM records_items WHERE number > $1 ORDER BY number LIMIT 20",
        request.query_integer("after", 0));
    serai::Json answer = serai::list(rows.json());
    if (request.query_boolean("total", false)) {
      answer["total"] = serai::Total(request, "items").get("all", [&] {
        return request.sql().query("SELECT count(*) AS n FROM records_items").front().integer("n");
      });
    }
    return answer;
  }
};
SERAI_PLUGIN(Records)
