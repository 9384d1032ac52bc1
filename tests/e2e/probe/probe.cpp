// A plugin for end-to-end tests alone: it can hold a request until the test lets it go, write notes
// with a job each, and answer largely. Never installed.
#include <fstream>

#include <unistd.h>

#include <serai/plugin.hpp>

class Probe : public serai::Plugin {
 public:
  Probe() {
    route("hold", &Probe::hold);
    route("list", &Probe::list);
    route("add", &Probe::add);
    route("show", &Probe::show);
    route("change", &Probe::change);
    route("large", &Probe::large);
    route("small", &Probe::small);
    route("settings", &Probe::settings);
    route("keep", &Probe::keep);
    route("kept", &Probe::kept);
    route("slow", &Probe::slow);
    route("colleagues", &Probe::colleagues);
    route("share", &Probe::share);
    route("shared", &Probe::shared);
    job("mark", &Probe::mark);
    job("mark_slowly", &Probe::mark_slowly);
  }

 private:
  // Opening a FIFO waits for its other end, which is the test.
  serai::Json hold(serai::Request& request) {
    { std::ofstream(request.field<std::string>("entered")) << "here\n"; }
    std::string word;
    std::ifstream(request.field<std::string>("release")) >> word;
    return serai::data({{"released", word}});
  }

  serai::Json list(serai::Request& request) {
    return serai::list(
        request.sql().query("SELECT id, text, runs FROM probe_notes ORDER BY id").json());
  }

  serai::Response add(serai::Request& request) {
    const std::string id = request.clock().uuid();
    auto transaction = request.sql().transaction();
    request.sql().execute(
        "INSERT INTO probe_notes (id, text, runs, created_at) VALUES ($1, $2, 0, $3)", id,
        request.field<std::string>("text"), request.clock().now_text());
    request.jobs().enqueue("mark", {{"id", id}});
    transaction.commit();
    return serai::created({{"id", id}});
  }

  serai::Response slow(serai::Request& request) {
    const std::string id = request.clock().uuid();
    auto transaction = request.sql().transaction();
    request.sql().execute(
        "INSERT INTO probe_notes (id, text, runs, created_at) VALUES ($1, 'slow', 0, $2)", id,
        request.clock().now_text());
    request.jobs().enqueue("slow", {{"id", id},
                                    {"entered", request.field<std::string>("entered")},
                                    {"release", request.field<std::string>("release")}});
    transaction.commit();
    return serai::created({{"id", id}});
  }

  serai::Json colleagues(serai::Request& request) {
    return serai::data(request.services().call("serai.users/1", {}).at("users"));
  }

  serai::Json show(serai::Request& request) {
    const auto rows = request.sql().query("SELECT id, text, runs FROM probe_notes WHERE id = $1",
                                          request.path("id"));
    return serai::data(rows.required("The note").json());
  }

  serai::Json change(serai::Request& request) {
    request.sql().execute("UPDATE probe_notes SET text = $1 WHERE id = $2",
                          request.field<std::string>("text"), request.path("id"));
    return show(request);
  }

  serai::Json share(serai::Request& request) {
    show(request);  // 404 if there is none
    std::optional<serai::Timestamp> expires;
    if (const auto seconds = request.query_integer("seconds", 0); seconds != 0)
      expires = request.clock().now() + std::chrono::seconds(seconds);
    return serai::data({{"url", request.links().make("shared", request.path("id"), expires)}});
  }

  serai::Json shared(serai::Request& request) {
    const auto rows =
        request.sql().query("SELECT text FROM probe_notes WHERE id = $1", request.path("link"));
    return serai::data({{"text", rows.required("The note").text("text")},
                        {"tenant", request.caller().tenant},
                        {"user", request.caller().user},
                        {"may_use", request.allows("probe.use")}});
  }

  serai::Json large(serai::Request& request) {
    std::string text;
    for (auto left = request.query_integer("words", 2000); left > 0; --left) text += "word ";
    return serai::data({{"text", text}});
  }

  serai::Json small(serai::Request& request) {
    return serai::data({{"bytes", request.body().size()}});
  }

  serai::Json settings(serai::Request& request) {
    return serai::data({{"greeting", request.config().text("greeting")},
                        {"volume", request.config().integer("volume")},
                        {"has_key", request.secrets().get("key").has_value()}});
  }

  serai::Json keep(serai::Request& request) {
    request.kv().put(request.path("key"), request.field<std::string>("text"),
                     std::chrono::hours(1));
    return kept(request);
  }

  serai::Json kept(serai::Request& request) {
    const auto text = request.kv().get(request.path("key"));
    if (!text) throw serai::not_found("The text");
    return serai::data({{"text", *text}});
  }

  // Which process this is decides which FIFO lets it go: a test tells its hosts apart.
  void mark_slowly(serai::Job& job) {
    const auto arguments = job.json();
    { std::ofstream(arguments.at("entered").get<std::string>()) << ::getpid() << "\n"; }
    std::string word;
    std::ifstream(arguments.at("release").get<std::string>() + "." + std::to_string(::getpid())) >>
        word;
    mark(job);
  }

  void mark(serai::Job& job) {
    job.sql().execute("UPDATE probe_notes SET runs = runs + 1 WHERE id = $1",
                      job.json().at("id").get<std::string>());
  }
};
SERAI_PLUGIN(Probe)
