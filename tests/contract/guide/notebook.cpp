// The examples of sdk/README.md, in one plugin that is built and called. check.py proves that every
// snippet of the guide stands in here (or in the other files beside it) line by line.
#include <serai/plugin.hpp>

class Notebook : public serai::Plugin {
 public:
  Notebook() {
    route("list_pages", &Notebook::list_pages);
    route("add_page", &Notebook::add_page);
    route("lock_page", &Notebook::lock_page);
    route("share_page", &Notebook::share_page);
    route("shared", &Notebook::shared);
    route("add_picture", &Notebook::add_picture);
    route("translate", &Notebook::translate);
    route("related", &Notebook::related);
    route("whoami", &Notebook::whoami);
    job("index", &Notebook::index);
    event("tenant_renamed", &Notebook::tenant_renamed);
    service("count", &Notebook::count);
  }

 private:
  serai::Json list_pages(serai::Request& request) {
    const auto limit = request.config().integer("page_limit");
    const auto rows = request.sql().query(
        "SELECT id, title, locked_at FROM notebook_pages "
        "WHERE author = $1 AND title LIKE $2 ORDER BY id LIMIT $3",
        request.caller().user, "%" + std::string(request.query("q")) + "%", limit);
    return serai::list(rows.json());
  }

  serai::Response add_page(serai::Request& request) {
    const std::string id = request.clock().uuid();
    auto transaction = request.sql().transaction();  // rolled back unless committed
    request.sql().execute("INSERT INTO notebook_pages (id, author, title) VALUES ($1, $2, $3)", id,
                          request.caller().user, request.field<std::string>("title"));
    serai::Batch lines;  // many rows, one round trip
    std::int64_t number = 0;
    for (const auto& line : request.field("lines", std::vector<std::string>{})) {
      lines.add(id, ++number, line);
    }
    request.sql().execute_many(
        "INSERT INTO notebook_lines (page, number, text) VALUES ($1, $2, $3)", lines);
    request.jobs().enqueue("index", {{"page", id}}, {.unique_key = id});
    request.events().publish("notebook.page.added", {{"page", id}});
    transaction.commit();  // page, lines, job and event: all or nothing

    request.metrics().add("pages_total");
    request.log().info("Page added", {{"page", id}, {"lines", number}});
    return serai::created({{"id", id}});
  }

  void lock_page(serai::Request& request) {
    const auto rows = request.sql().query("SELECT locked_at FROM notebook_pages WHERE id = $1",
                                          request.path("id"));
    const auto page = rows.required("The page");  // the first row, or 404
    if (!page.is_null("locked_at")) {
      throw serai::Problem{409, "already_locked", "The page has been locked before."};
    }
    request.sql().execute("UPDATE notebook_pages SET locked_at = $2 WHERE id = $1",
                          request.path("id"), request.clock().now_text());
  }

  serai::Json share_page(serai::Request& request) {
    request.sql()
        .query("SELECT 1 FROM notebook_pages WHERE id = $1", request.path("id"))
        .required("The page");
    const auto page = request.path("id");
    const auto week = request.clock().now() + std::chrono::days(7);
    const std::string url(request.links().make("shared", page, week));  // no third: for ever
    return serai::data({{"url", url}});
  }

  serai::Json shared(serai::Request& request) {
    const auto rows = request.sql().query("SELECT id, title FROM notebook_pages WHERE id = $1",
                                          request.path("link"));
    return serai::data(rows.required("The page").json());
  }

  serai::Response add_picture(serai::Request& request) {
    const auto picture = request.part("file");
    if (!picture.content_type.starts_with("image/")) {
      throw serai::invalid_field("/file", "This must be a picture.");
    }
    request.blobs().keep(picture.blob);  // else it goes away after the call
    return serai::created({{"picture", picture.blob}, {"size", picture.size}});
  }

  serai::Json translate(serai::Request& request) {
    const auto text = request.field<std::string>("text");
    if (const auto known = request.kv().get(text)) return {{"text", *known}};
    const auto key = std::string(request.secrets().required("api_key"));  // 503 if it is not set
    const auto answer = request.http()
                            .post_json("https://api.example.com/translate", {{"text", text}},
                                       {{"authorization", "Bearer " + key}})
                            .expect_ok("The translation service")  // 502 otherwise
                            .json();
    const auto translated = answer.value("text", "");
    request.kv().put(text, translated, std::chrono::hours(1));  // may be forgotten any time
    request.metrics().meter("notebook.translations", 1);        // the usage ledger
    return {{"text", translated}};
  }

  serai::Json related(serai::Request& request) {
    const std::vector<float> meaning = {0.6F, 0.8F, 0.0F};  // of length 1: the nearest by angle
    request.vectors().upsert("meanings", request.query_integer("page", 1), meaning);
    serai::Json near = serai::Json::array();
    for (const auto& hit : request.vectors().search("meanings", meaning, 5)) {
      near.push_back({{"page", hit.id}, {"score", hit.score}});
    }
    if (request.services().available("knowledge.search/1")) {
      const auto found = request.services().call("knowledge.search/1", {{"query", "notes"}});
      near.push_back(found.at("hits").at(0));
    }
    return serai::list(near);
  }

  serai::Json whoami(serai::Request& request) {
    const auto caller = request.caller();
    return {{"user", caller.user}, {"may_write", request.allows("notebook.write")}};
  }

  void index(serai::Job& job) {
    const auto lines =
        job.sql().query("SELECT text FROM notebook_lines WHERE page = $1 ORDER BY number",
                        job.field<std::string>("page"));
    std::string all;
    for (const auto row : lines) all.append(row.text("text")).append("\n");
    auto writer = job.blobs().create();
    writer.write(all);
    const std::string reference{writer.commit()};  // durable from here on
    job.log().info("Indexed", {{"page", job.json().at("page")}, {"blob", reference}});
  }

  void tenant_renamed(serai::Event& event) {
    event.log().info("The tenant has a new name", {{"name", event.field<std::string>("name")}});
  }

  serai::Json count(serai::ServiceCall& call) {
    const auto rows = call.sql().query("SELECT count(*) AS n FROM notebook_pages");
    return {{"pages", rows.front().integer("n")}};
  }
};
SERAI_PLUGIN(Notebook)
