// A plugin that touches every part of the SDK, one branch per behaviour under test. The tests drive
// it through the fake host; nothing else uses it.
#include <cstring>
#include <memory>
#include <new>
#include <regex>
#include <stdexcept>

#include <serai/plugin.hpp>

namespace {

using serai::Json;
using serai::Problem;
using serai::Request;
using serai::Response;

class Probe : public serai::Plugin {
 public:
  Probe() {
    route("answers", &Probe::answers);
    route("errors", &Probe::errors);
    route("rest", [](Request& request) { return Json{{"rest", request.path("rest")}}; });
    route("mine", &Probe::mine);
    route("query", &Probe::query);
    route("fields", &Probe::fields);
    route("form", &Probe::form);
    route("sql", &Probe::sql);
    route("kv", &Probe::kv);
    route("total", &Probe::total);
    route("blob", &Probe::blob);
    route("vector", &Probe::vector);
    route("work", &Probe::work);
    route("other", &Probe::other);
    job("count_job", &Probe::count_job);
    event("on_tenant", &Probe::on_tenant);
    service("echo", &Probe::echo);
    service("raw", &Probe::raw);
    service("fail", &Probe::fail);
  }

  void start() override { log().info("started", {{"at", clock().now_text()}}); }

 private:
  Response answers(Request& request) {
    const auto kind = request.path("kind");
    if (kind == "created") return serai::created({{"id", 7}});
    if (kind == "text") return Response::text("plain").with_header("x-probe", "yes");
    if (kind == "empty") return Response::empty();
    if (kind == "json") return Response::json({{"a", 1}});
    if (kind == "own_success") return Response::json({{"success", false}});
    if (kind == "list") return Response::json(serai::list({1, 2, 3}));
    if (kind == "data") return Response::json(serai::data("x"));
    if (kind == "bad_utf8") return Response::json({{"text", "a\xff"}});
    if (kind == "array") return Response::json(Json::array({1}));
    throw serai::not_found("The answer");
  }

  void errors(Request& request) {
    const auto kind = request.path("kind");
    if (kind == "problem") throw Problem(409, "already_done", "It is done.");
    if (kind == "fields") throw serai::invalid_field("/question", "This is empty.");
    if (kind == "gone") throw Problem(410, "gone", "It was here.", {{"/x", "Gone too."}});
    if (kind == "runtime") throw std::runtime_error("secret path /var/lib");
    if (kind == "alloc") throw std::bad_alloc();
    if (kind == "int") throw 42;
    if (kind == "regex") std::regex("(");
    if (kind == "odd_status") throw Problem(200, "odd", "Not an error status.");
  }

  Json mine(const Request& request) const {
    const serai::Caller caller = request.caller();
    if (request.query("more") == "1") request.require("sdk-probe.more");
    return {{"tenant", caller.tenant},
            {"user", caller.user},
            {"role", caller.role},
            {"email", caller.email},
            {"more", request.allows("sdk-probe.more")},
            {"left", request.time_left().count()}};
  }

  Json query(Request& request) {
    Json tags = Json::array();
    for (const auto tag : request.queries("tag")) tags.push_back(tag);
    return {{"limit", request.query_integer("limit", -1)},
            {"deep", request.query_boolean("deep", false)},
            {"ratio", request.query_real("ratio", 0.5)},
            {"tags", tags},
            {"agent", request.header("user-agent")},
            {"raw", request.raw_query()}};
  }

  Json fields(Request& request) {
    return {{"name", request.field<std::string>("name")},
            {"age", request.field("age", 18)},
            {"city", request.field("city", "nowhere")},
            {"wise", request.field("wise", false)},
            {"same", &request.json() == &request.json()}};
  }

  Json form(Request& request) {
    const serai::Part file = request.part("file");
    const std::string content = request.blobs().read_all(file.blob);
    if (request.find_part("keep")) request.blobs().keep(file.blob);
    Json names = Json::array();
    for (const serai::Part& part : request.parts()) names.push_back(part.name);
    return {{"names", names},     {"file_name", file.file_name},
            {"content", content}, {"type", file.content_type},
            {"size", file.size},  {"blob", file.blob}};
  }

  Json sql(Request& request) {
    const auto what = request.path("what");
    const serai::Sql sql = request.sql();
    if (what == "insert") {
      const Json& body = request.json();
      std::optional<std::string> note;
      if (body.contains("note")) note = body["note"].get<std::string>();
      const std::byte bytes[] = {std::byte{0}, std::byte{255}};
      const auto changed = sql.execute(
          "INSERT INTO sdk_probe_items (id, title, note, price, done, bytes) "
          "VALUES ($1, $2, $3, $4, $5, $6)",
          body["id"].get<int>(), body["title"].get<std::string>(), note, 1.5, true,
          std::span<const std::byte>(bytes));
      return {{"changed", changed}};
    }
    if (what == "read") {
      Json out = Json::array();
      const auto rows = sql.query("SELECT * FROM sdk_probe_items WHERE id > $1 ORDER BY id", 0);
      for (const auto row : rows) {
        out.push_back({{"id", row.integer("id")},
                       {"title", row.text("title")},
                       {"note", row.optional_text("note").value_or("none")},
                       {"price", row.real("price")},
                       {"done", row.boolean("done")},
                       {"bytes", row.blob("bytes").size()},
                       {"second", row.text(1)}});
      }
      return serai::list(out);
    }
    if (what == "as_json")
      return serai::list(sql.query("SELECT id, title, note FROM sdk_probe_items").json());
    if (what == "missing_column") return {{"x", sql.query("SELECT 1 AS a").front().integer("b")}};
    if (what == "wrong_type") return {{"x", sql.query("SELECT 'x' AS a").front().integer("a")}};
    if (what == "null_text") return {{"x", sql.query("SELECT NULL AS a").front().text("a")}};
    if (what == "no_row") {
      return sql.query("SELECT id FROM sdk_probe_items WHERE id = $1", 99)
          .required("The item")
          .json();
    }
    if (what == "too_many") {
      sql.query_values("SELECT id FROM sdk_probe_items", {}, 1);
      return nullptr;
    }
    if (what == "null_title") {
      return {{"n",
               sql.execute("INSERT INTO sdk_probe_items (id, title) VALUES ($1, $2)", 5, nullptr)}};
    }
    if (what == "foreign") return sql.query("SELECT * FROM other_table").json();
    if (what == "schema") return sql.query("SELECT name FROM sqlite_master").json();
    if (what == "pragma") return {{"n", sql.execute("PRAGMA user_version = 3")}};
    if (what == "begin_text") return {{"n", sql.execute("BEGIN")}};
    if (what == "two") return {{"n", sql.execute("DELETE FROM sdk_probe_items; SELECT 1")}};
    if (what == "unbound") return sql.query("SELECT $2", 1).json();
    if (what == "many") {
      serai::Batch batch;
      for (int i = 10; i < 15; ++i) batch.add(i, "item " + std::to_string(i), nullptr);
      return {{"changed",
               sql.execute_many("INSERT INTO sdk_probe_items (id, title, note) VALUES ($1, $2, $3)",
                                batch)}};
    }
    if (what == "ragged") {
      serai::Batch batch;
      batch.add(1, 2).add(1);
      return nullptr;
    }
    if (what == "commit" || what == "throw" || what == "forgotten") {
      auto transaction = sql.transaction();
      insert(sql, 1, "outer");
      request.jobs().enqueue("count", {{"n", 1}});
      request.events().publish("probe.done");
      if (what == "throw") throw Problem(400, "on_purpose", "On purpose.");
      if (what == "commit") transaction.commit();
      return nullptr;
    }
    if (what == "nested") {
      auto outer = sql.transaction();
      insert(sql, 1, "outer");
      {
        auto inner = sql.transaction();
        insert(sql, 2, "inner");
      }
      try {
        auto second = sql.transaction();
        insert(sql, 3, "outer");
        second.commit();
      } catch (const Problem& problem) {
        if (problem.status != 409) throw;
      }
      insert(sql, 4, "after");
      outer.commit();
      return nullptr;
    }
    throw serai::not_found("The case");
  }

  static void insert(const serai::Sql& sql, int id, const char* title) {
    sql.execute("INSERT INTO sdk_probe_items (id, title) VALUES ($1, $2)", id, title);
  }

  // Counts to what the body says, and whether it had to.
  Json total(Request& request) {
    const serai::Total total(request, "items");
    if (request.path("filter") == "changed") total.changed();
    bool counted = false;
    const auto number = total.get(request.path("filter"), [&] {
      counted = true;
      return request.json().get<std::int64_t>();
    });
    return {{"number", number}, {"counted", counted}};
  }

  Json kv(Request& request) {
    const auto what = request.path("what");
    const serai::Kv kv = request.kv();
    if (what == "put") kv.put("k", request.body(), std::chrono::seconds(10));
    if (what == "erase") kv.erase("k");
    if (what == "add") return {{"sum", kv.add("n", 2)}};
    const auto value = kv.get("k");
    return {{"value", value ? Json(*value) : Json()}};
  }

  Response blob(Request& request) {
    const auto what = request.path("what");
    const serai::Blobs blobs = request.blobs();
    if (what == "abandon") {
      auto writer = blobs.create();
      writer.write("never seen");
      return Response::empty();
    }
    if (what == "missing") {
      blobs.open("no such");
      return Response::empty();
    }
    auto writer = blobs.create();
    writer.write("hello ").write(request.body());
    const std::string reference{writer.commit()};
    if (what == "send") return Response::from_blob(reference, "text/plain");
    std::string pieces;
    auto reader = blobs.open(reference);
    for (auto piece = reader.read(4); !piece.empty(); piece = reader.read(4)) {
      pieces += "[" + std::string(piece) + "]";
    }
    if (what == "limit") reader.read_all(3);
    if (what == "remove") blobs.remove(reference);
    return Response::json({{"pieces", pieces}, {"size", reader.size()}, {"ref", reference}});
  }

  Json vector(Request& request) {
    const serai::Vectors vectors = request.vectors();
    const std::int64_t ids[] = {1, 2, 3};
    const float values[] = {1, 0, 0, 1, 0.6F, 0.8F};
    vectors.upsert("words", ids, values, 2);
    const float query[] = {0, 1};
    const std::int64_t allowed[] = {1, 3};
    Json out = {{"count", vectors.count("words")}};
    for (const auto& hit : vectors.search("words", query, 2)) out["all"].push_back(hit.id);
    for (const auto& hit : vectors.search("words", query, 9, allowed))
      out["some"].push_back(hit.id);
    out["unknown"] = vectors.search("nothing", query, 2).size();
    vectors.remove("words", std::span(ids, 1));
    out["after"] = vectors.count("words");
    vectors.drop("words");
    return out;
  }

  Json work(Request& request) {
    const auto what = request.path("what");
    if (what == "enqueue") {
      const std::string id{request.jobs().enqueue("count", request.json(), {.unique_key = "one"})};
      return {{"id", id}, {"state", request.jobs().state(id)}};
    }
    if (what == "later") {
      request.jobs().enqueue("count", {{"n", 1}}, {.delay = std::chrono::minutes(5)});
      return nullptr;
    }
    if (what == "undeclared_job") request.jobs().enqueue("nothing");
    if (what == "undeclared_event") request.events().publish("nothing");
    if (what == "publish") {
      request.events().publish("probe.done", {{"x", 1}});
      return nullptr;
    }
    if (what == "undeclared_service") request.services().call("crm.find/1");
    if (what == "chat") {
      if (!request.services().available("ai.chat/1")) return {{"chat", "nobody"}};
      return {{"chat", request.services().call("ai.chat/1", {{"say", "hi"}})}};
    }
    if (what == "fetch") {
      const auto answer = request.http().post_json("https://api.example.com/v1/x", request.json(),
                                                   {{"authorization", "Bearer k"}});
      answer.expect_ok("The provider");
      return {{"got", answer.json()}, {"type", answer.header("content-type")}};
    }
    if (what == "fetch_url") {
      return {{"status", request.http().get(std::string(request.body())).status()}};
    }
    return nullptr;
  }

  Json other(Request& request) {
    const auto what = request.path("what");
    if (what == "config") {
      return {{"top_k", request.config().integer("top_k")},
              {"base_url", request.config().get("base_url")},
              {"all", request.config().all()}};
    }
    if (what == "config_set") request.config().set("top_k", request.json());
    if (what == "config_missing") request.config().text("base_url");
    if (what == "config_unknown") request.config().get("nothing");
    if (what == "secret") return {{"length", request.secrets().required("api_key").size()}};
    if (what == "secret_put") request.secrets().put("api_key", request.body());
    if (what == "metrics") {
      if (!request.has_metrics()) return {{"metrics", false}};
      request.metrics().add("questions_total");
      request.metrics().set("depth", 4);
      request.metrics().observe("seconds", 0.25);
      request.metrics().meter("ai.tokens", 12);
    }
    if (what == "metric_undeclared") request.metrics().add("nothing");
    if (what == "metric_negative") request.metrics().add("questions_total", -1);
    if (what == "log") request.log().warning("careful", {{"n", 1}});
    if (what == "clock") {
      return {{"now", request.clock().now_text()},
              {"first", request.clock().uuid()},
              {"second", request.clock().uuid()}};
    }
    return nullptr;
  }

  void count_job(serai::Job& job) {
    if (job.json().value("fail", false)) {
      throw Problem(503, "not_now", "Not now: attempt " + std::to_string(job.attempt()) + ".");
    }
    if (job.json().value("again", false)) job.jobs().enqueue("count", {{"n", 2}});
    job.kv().add("ran");
    job.log().info(std::string(job.kind()), {{"user", job.caller().user}, {"id", job.id()}});
  }

  void on_tenant(serai::Event& event) {
    event.kv().put("event", event.type());
    if (event.json().value("fail", false)) throw std::runtime_error("boom");
  }

  Json echo(serai::ServiceCall& call) {
    return {{"service", call.service()}, {"got", call.json()}, {"user", call.caller().user}};
  }
  std::string raw(serai::ServiceCall& call) { return "[" + std::string(call.payload()) + "]"; }
  void fail(serai::ServiceCall&) { throw Problem(409, "busy", "Busy."); }

  void forget_tenant(std::string_view tenant) override { log().info(std::string(tenant)); }
};

}  // namespace

SERAI_PLUGIN(Probe)
