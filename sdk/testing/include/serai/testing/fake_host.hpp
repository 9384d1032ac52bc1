// A host in a test: runs one plugin in the test's process against real SQLite in memory and simple
// fakes of everything else. It follows the manifest as the host does (routes, permissions, schemas,
// interfaces, declared events, jobs, metrics and outside hosts), so that what works here is
// declared. It is not the host: no limits, no isolation, no parallel calls, one plugin.
//
//   serai::testing::FakeHost host{serai_plugin_entry_v1};
//   host.as_user("alice", {"helpdesk.ask"});
//   auto reply = host.post("/api/v1/helpdesk/ask", {{"question", "Why?"}});
//   EXPECT_EQ(reply.status, 200) << reply.body;
//
// Mistakes of the test itself (undeclared setting, broken manifest) throw std::invalid_argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serai/abi/entry.h"
#include "serai/clock.hpp"
#include "serai/http_client.hpp"
#include "serai/imap.hpp"
#include "serai/json.hpp"
#include "serai/smtp.hpp"
#include "serai/sql.hpp"

namespace serai::testing {

// What came back for a request.
struct Reply {
  int status = 0;
  Headers headers;
  std::string body;

  std::string header(std::string_view name) const;  // lower case; empty when absent
  Json json() const;                                // throws Problem if it is not JSON
  std::string code() const;                         // of a problem; else empty
};

// A part of a form; with a file name it goes through the blob store.
struct Upload {
  std::string name;
  std::string data;
  std::string file_name = {};
  std::string content_type = {};
};

// What the outside world answers to the plugin.
struct HttpAnswer {
  int status = 200;
  std::string body = {};
  Headers headers = {};
  serai_status failure = SERAI_OK;  // negative: the request fails so, for instance UNAVAILABLE
};

struct QueuedJob {
  std::string tenant;
  std::string id;
  std::string kind;
  Json payload;
  std::string unique_key;
  std::string state;  // "queued", "running", "done" or "dead"
  std::uint32_t attempts = 0;
  std::uint32_t max_attempts = 0;
  Timestamp due;
  std::string last_error;
};

struct PublishedEvent {
  std::string tenant;
  std::string type;
  Json payload;
};

struct LogLine {
  std::uint32_t level = 0;  // SERAI_LOG_*
  std::string message;
  Json fields;
};

// What the plugin handed to serai.smtp/1; `content` of its own.
struct SentMail {
  std::string tenant;
  SmtpMessage message;  // without content
  std::string content;
};

// A message in a mailbox of the fake host.
struct MailboxContent {
  std::uint32_t uid = 0;
  std::string content;
  ImapState state = ImapState::whole;
};

// A mailbox as serai.imap/1 finds it.
struct Mailbox {
  std::uint32_t uid_validity = 1;
  std::uint32_t uid_next = 1;
  std::vector<MailboxContent> messages;  // by rising UID
  ImapOutcome outcome = ImapOutcome::read;
  std::string reply;  // of a refusal
};

class FakeHost {
 public:
  // The plugin is created at the first call (or start()), so that everything can be set before.
  explicit FakeHost(const serai_entry& entry);
  explicit FakeHost(const std::filesystem::path& shared_object);
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // Who calls from now on. At first: tenant "acme", nobody signed in.
  FakeHost& tenant(std::string id);
  FakeHost& as_user(std::string id, std::vector<std::string> permissions = {},
                    std::string role = "consultant");
  FakeHost& as_nobody();

  // Before the first call: the host does not give this interface ("kv"), as if not granted.
  FakeHost& withhold(std::string interface);
  // Of the present tenant.
  FakeHost& set_setting(const std::string& name, Json value);
  FakeHost& set_secret(const std::string& name, std::string value);

  // What another plugin's service answers; throwing Problem is its failure. Without one a required
  // service is unavailable.
  FakeHost& on_service(std::string service, std::function<Json(const Json&)> provider);
  // What the outside answers: next_http() in order first, then the longest fitting URL prefix.
  FakeHost& next_http(HttpAnswer answer);
  FakeHost& on_http(std::string url_prefix, HttpAnswer answer);
  FakeHost& on_http(std::string url_prefix,
                    std::function<HttpAnswer(const HttpRequest&)> responder);

  // What a mail server says to the next mails; at first it takes all of them. May throw Problem.
  FakeHost& on_mail(std::function<SmtpResult(const SentMail&)> server);
  // What the mailbox of a request holds; at first each is empty. The fake host picks from it what
  // is above after_uid and fits, as the host would. May throw Problem.
  FakeHost& on_mailbox(std::function<Mailbox(const ImapRequest&)> server);
  // Creates and starts the plugin; throws Problem if it refuses. Done by the first call by itself.
  void start();

  // `path` with its query, percent-encoded; or an address that links().make() gave.
  Reply request(std::string_view method, std::string_view path, std::string body = {},
                Headers headers = {});
  Reply get(std::string_view path) { return request("GET", path); }
  Reply del(std::string_view path) { return request("DELETE", path); }
  Reply post(std::string_view path) { return request("POST", path); }
  Reply post(std::string_view path, const Json& body) { return send("POST", path, body); }
  Reply put(std::string_view path, const Json& body) { return send("PUT", path, body); }
  Reply patch(std::string_view path, const Json& body) { return send("PATCH", path, body); }
  Reply post_form(std::string_view path, const std::vector<Upload>& parts);

  // A blob of the present tenant that somebody brings for the next call: gone after it unless the
  // plugin keeps it. Its reference.
  std::string bring_blob(std::string bytes);
  // Calls a service the plugin provides; throws Problem when it fails.
  Json call_service(std::string_view service, const Json& request = Json::object());
  // Runs the handler of an event or job at once; throws Problem when it fails.
  void deliver_event(std::string_view type, const Json& payload = Json::object());
  void run_job(std::string_view kind, const Json& payload = Json::object());
  // Runs the queued jobs of every tenant that are due, and those they queue, until none is left;
  // the number of runs. A failed one waits for advance() and goes on to its last attempt.
  int run_jobs();
  void forget_tenant(std::string_view id);

  // What the plugin did. Jobs and events of every tenant, committed ones only.
  std::vector<QueuedJob> jobs() const;
  std::vector<PublishedEvent> events() const;
  std::vector<LogLine> logs() const;
  std::vector<HttpRequest> http_requests() const;
  std::vector<SentMail> mails() const;                // handed to a server, whatever it said
  double metric(std::string_view name) const;         // sum, last value or last observation
  std::int64_t metered(std::string_view unit) const;  // of the present tenant
  // Returned to or changed by the plugin's statements so far, of the present tenant.
  std::int64_t sql_rows() const;
  // Round trips of the plugin's SQL so far, of the present tenant: each statement one, however many
  // rows execute_many() is given. A list whose number of them grows with its rows asks row by row.
  std::int64_t sql_statements() const;
  std::optional<std::string> blob(std::string_view reference) const;  // of the present tenant
  std::size_t blob_count() const;
  std::optional<std::string> kv(std::string_view key) const;
  Json setting(std::string_view name) const;

  // The present tenant's database: rows as an array of objects; any statement.
  template <class... Values>
  Json sql(std::string_view statement, const Values&... values) {
    const std::vector<Value> bound{Value(values)...};
    return run_sql(statement, bound);
  }

  // The clock stands still unless moved. It begins at 2026-01-01T00:00:00Z.
  FakeHost& advance(std::chrono::microseconds time);
  Timestamp now() const;
  // For requests from now on; at first 30 s.
  FakeHost& time_limit(std::chrono::microseconds limit);

  // plugin.yaml as JSON.
  const Json& manifest() const;

  class Impl;

 private:
  Reply send(std::string_view method, std::string_view path, const Json& body);
  Json run_sql(std::string_view statement, const std::vector<Value>& values);

  std::unique_ptr<Impl> impl_;
};

}  // namespace serai::testing
