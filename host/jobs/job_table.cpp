#include "jobs/job_table.hpp"

#include "base/problem.hpp"
#include "base/random.hpp"

namespace host::jobs {
namespace {

using storage::Rows;
using storage::SqlError;
using storage::SqlFault;
using storage::Value;

constexpr std::size_t kLargestPayload = 1024 * 1024;
constexpr std::size_t kLongestError = 1000;
constexpr std::int64_t kForgottenAtOnce = 1000;

constexpr const char* kColumns =
    "id, plugin, kind, payload, attempt, user_id, request_id, state, run_at, last_error";

// What becomes of a run that nobody goes on with.
constexpr const char* kCutOff =
    "UPDATE serai_jobs SET state = CASE WHEN attempt >= max_attempts THEN 'dead' ELSE 'queued' "
    "END, lease_until = NULL, claim = '', last_error = 'The run was cut off.' ";

JobState state_of(std::string_view text) {
  if (text == "queued") return JobState::queued;
  if (text == "running") return JobState::running;
  return text == "done" ? JobState::done : JobState::dead;
}

std::string_view text_of(JobState state) {
  switch (state) {
    case JobState::queued:
      return "queued";
    case JobState::running:
      return "running";
    case JobState::done:
      return "done";
    case JobState::dead:
      break;
  }
  return "dead";
}

Job job_of(const Rows& rows, std::size_t row) {
  return {rows.text(row, "id"),
          rows.text(row, "plugin"),
          rows.text(row, "kind"),
          rows.text(row, "payload"),
          static_cast<int>(rows.integer(row, "attempt")),
          rows.text(row, "user_id"),
          rows.text(row, "request_id")};
}

JobInfo info_of(const Rows& rows, std::size_t row) {
  return {job_of(rows, row), state_of(rows.text(row, "state")),
          parse_timestamp(rows.text(row, "run_at")), rows.text(row, "last_error")};
}

// "$3, $4, $5" for three plugins from 3 on.
std::string placeholders(std::size_t first, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += (i == 0 ? "$" : ", $") + std::to_string(first + i);
  }
  return text;
}

// At most `limit` bytes, not cut inside a character.
std::string_view shortened(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

}  // namespace

storage::MigrationSet tenant_tables() {
  return {"host-jobs",
          {{1, "create_jobs",
            R"(CREATE TABLE serai_jobs (
                 id uuid PRIMARY KEY, plugin text NOT NULL, kind text NOT NULL,
                 payload json NOT NULL, unique_key text NOT NULL,
                 state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
                 run_at timestamp NOT NULL, attempt bigint NOT NULL, max_attempts bigint NOT NULL,
                 timeout_ms bigint NOT NULL, user_id text NOT NULL, request_id text NOT NULL,
                 claim text NOT NULL, lease_until timestamp, last_error text NOT NULL,
                 finished_at timestamp);
               CREATE INDEX serai_jobs_due ON serai_jobs (state, run_at, id, plugin);
               CREATE INDEX serai_jobs_lease ON serai_jobs (lease_until)
                 WHERE state = 'running';
               CREATE INDEX serai_jobs_finished ON serai_jobs (finished_at) WHERE state = 'done';
               CREATE INDEX serai_jobs_plugin ON serai_jobs (plugin, id);
               CREATE UNIQUE INDEX serai_jobs_unique ON serai_jobs (plugin, kind, unique_key)
                 WHERE unique_key <> '' AND state IN ('queued', 'running');
               CREATE TABLE serai_job_schedules (
                 plugin text NOT NULL, kind text NOT NULL, slot bigint NOT NULL,
                 PRIMARY KEY (plugin, kind));)",
            "DROP TABLE serai_job_schedules; DROP TABLE serai_jobs;"},
           {2, "note_length_of_slots",
            "ALTER TABLE serai_job_schedules ADD COLUMN every bigint NOT NULL DEFAULT 0;",
            "ALTER TABLE serai_job_schedules DROP COLUMN every;"}}};
}

storage::MigrationSet platform_tables() {
  return {"host-jobs",
          {{1, "create_hints",
            "CREATE TABLE serai_job_hints (tenant text PRIMARY KEY, due_at timestamp NOT NULL);",
            "DROP TABLE serai_job_hints;"}}};
}

std::string JobTable::insert(const JobSpec& spec, std::string_view user,
                             std::string_view request_id) {
  if (spec.kind.empty()) throw bad_request("A job needs a kind.");
  if (spec.payload.size() > kLargestPayload) {
    throw Problem(413, "payload_too_large", "The job's payload is larger than 1 MiB.");
  }
  std::string id = uuid_v7();
  const std::string run_at = to_text(spec.run_at == Timestamp{} ? now() : spec.run_at);
  const std::string_view payload = spec.payload.empty() ? "{}" : std::string_view(spec.payload);
  // Between our INSERT, which finds the key taken, and the SELECT the other job may end.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto inserted = session_.execute(
        "INSERT INTO serai_jobs (id, plugin, kind, payload, unique_key, state, run_at, attempt, "
        "max_attempts, timeout_ms, user_id, request_id, claim, last_error) VALUES "
        "($1, $2, $3, $4, $5, 'queued', $6, 0, $7, $8, $9, $10, '', '') ON CONFLICT (plugin, kind, "
        "unique_key) WHERE unique_key <> '' AND state IN ('queued', 'running') DO NOTHING",
        {id, spec.plugin, spec.kind, payload, spec.unique_key, run_at,
         std::int64_t{std::max(spec.max_attempts, 1)},
         static_cast<std::int64_t>(spec.timeout.count()), user, request_id});
    if (inserted == 1) return id;
    const Rows rows = session_.query(
        "SELECT id FROM serai_jobs WHERE plugin = $1 AND kind = $2 AND unique_key = $3 AND "
        "unique_key <> '' AND state IN ('queued', 'running')",
        {spec.plugin, spec.kind, spec.unique_key});
    if (!rows.empty()) return rows.text(0, "id");
  }
  throw unavailable("queue_busy", "The job could not be queued.", 1);
}

std::optional<Claimed> JobTable::claim(std::span<const std::string> plugins, Timestamp now,
                                       std::chrono::milliseconds lease, std::string_view runner) {
  if (plugins.empty()) return std::nullopt;
  const std::string now_text = to_text(now), until = to_text(now + lease);
  std::string claim = std::string(runner) + "/" + uuid_v7();
  std::vector<Value> values{now_text, until, claim};
  for (const std::string& plugin : plugins) values.emplace_back(plugin);
  // The state in the outer WHERE too: two workers may have chosen the same row. With SKIP LOCKED
  // those of several processes choose different ones, and wait for nobody.
  const std::string sql =
      "UPDATE serai_jobs SET state = 'running', attempt = attempt + 1, lease_until = $2, claim = "
      "$3 "
      "WHERE id = (SELECT id FROM serai_jobs WHERE state = 'queued' AND run_at <= $1 AND plugin IN "
      "(" +
      placeholders(4, plugins.size()) + ") ORDER BY run_at, id LIMIT 1" +
      (session_.shared() ? " FOR UPDATE SKIP LOCKED" : "") + ") AND state = 'queued' RETURNING " +
      kColumns + ", max_attempts, timeout_ms";
  const Rows rows = session_.query(sql, std::span<const Value>(values));
  if (rows.empty()) return std::nullopt;
  return Claimed{job_of(rows, 0), static_cast<int>(rows.integer(0, "max_attempts")),
                 std::chrono::milliseconds(rows.integer(0, "timeout_ms")), std::move(claim)};
}

bool JobTable::hold(const Claimed& claimed) {
  return session_.execute(
             "UPDATE serai_jobs SET claim = claim WHERE id = $1 AND claim = $2 AND state = "
             "'running'",
             {claimed.job.id, claimed.claim}) == 1;
}

bool JobTable::renew(const Claimed& claimed, Timestamp lease_until) {
  const std::string until = to_text(lease_until);
  return session_.execute(
             "UPDATE serai_jobs SET lease_until = $3 WHERE id = $1 AND claim = $2 AND state = "
             "'running'",
             {claimed.job.id, claimed.claim, until}) == 1;
}

bool JobTable::finish(const Claimed& claimed, Timestamp now) {
  const std::string at = to_text(now);
  return session_.execute(
             "UPDATE serai_jobs SET state = 'done', lease_until = NULL, finished_at = $3, "
             "last_error = '' WHERE id = $1 AND claim = $2 AND state = 'running'",
             {claimed.job.id, claimed.claim, at}) == 1;
}

bool JobTable::postpone(const Claimed& claimed, Timestamp until) {
  return session_.execute(
             "UPDATE serai_jobs SET state = 'queued', lease_until = NULL, attempt = attempt - 1, "
             "run_at = $3 WHERE id = $1 AND claim = $2 AND state = 'running'",
             {claimed.job.id, claimed.claim, to_text(until)}) == 1;
}

bool JobTable::fail(const Claimed& claimed, std::string_view error, std::optional<Timestamp> again,
                    Timestamp now) {
  const std::string at = to_text(again.value_or(now));
  return session_.execute(
             "UPDATE serai_jobs SET state = $3, lease_until = NULL, run_at = $4, last_error = $5 "
             "WHERE id = $1 AND claim = $2 AND state = 'running'",
             {claimed.job.id, claimed.claim, text_of(again ? JobState::queued : JobState::dead), at,
              shortened(error, kLongestError)}) == 1;
}

void JobTable::recover_from_others(std::string_view runner) {
  const std::string own = std::string(runner) + "/";
  const std::string sql =
      std::string(kCutOff) + "WHERE state = 'running' AND substr(claim, 1, $2) <> $1";
  session_.execute(sql, {own, static_cast<std::int64_t>(own.size())});
}

void JobTable::recover(Timestamp now, std::span<const std::string> alive) {
  const std::string at = to_text(now);
  std::vector<Value> values{at};
  for (const std::string& claim : alive) values.emplace_back(claim);
  const std::string others =
      alive.empty() ? "" : " AND claim NOT IN (" + placeholders(2, alive.size()) + ")";
  session_.execute(std::string(kCutOff) + "WHERE state = 'running' AND lease_until < $1" + others,
                   std::span<const Value>(values));
}

void JobTable::forget_done(Timestamp before) {
  const std::string at = to_text(before);
  session_.execute(
      "DELETE FROM serai_jobs WHERE id IN (SELECT id FROM serai_jobs WHERE state = 'done' AND "
      "finished_at < $1 ORDER BY finished_at LIMIT $2)",
      {at, kForgottenAtOnce});
}

std::optional<Timestamp> JobTable::next_queued(std::span<const std::string> plugins) {
  if (plugins.empty()) return std::nullopt;
  std::vector<Value> values;
  for (const std::string& plugin : plugins) values.emplace_back(plugin);
  const Rows rows =
      session_.query("SELECT run_at FROM serai_jobs WHERE state = 'queued' AND plugin IN (" +
                         placeholders(1, plugins.size()) + ") ORDER BY run_at, id LIMIT 1",
                     std::span<const Value>(values));
  if (rows.empty()) return std::nullopt;
  return parse_timestamp(rows.text(0, "run_at"));
}

std::optional<Timestamp> JobTable::next_lease_end() {
  const Rows rows =
      session_.query("SELECT min(lease_until) AS until FROM serai_jobs WHERE state = 'running'");
  if (rows.null(0, "until")) return std::nullopt;
  return parse_timestamp(rows.text(0, "until"));
}

bool JobTable::running() {
  return !session_.query("SELECT id FROM serai_jobs WHERE state = 'running' LIMIT 1").empty();
}

bool JobTable::slot_taken(const Schedule& schedule, std::int64_t slot) {
  return !session_
              .query(
                  "SELECT slot FROM serai_job_schedules WHERE plugin = $1 AND kind = $2 AND "
                  "every = $3 AND slot >= $4",
                  {schedule.plugin, schedule.kind,
                   static_cast<std::int64_t>(schedule.every.count()), slot})
              .empty();
}

bool JobTable::take_slot(const Schedule& schedule, std::int64_t slot) {
  const auto every = static_cast<std::int64_t>(schedule.every.count());
  const bool noted =
      session_.execute(
          "INSERT INTO serai_job_schedules (plugin, kind, slot, every) VALUES ($1, $2, $3, $4) "
          "ON CONFLICT (plugin, kind) DO NOTHING",
          {schedule.plugin, schedule.kind, slot, every}) == 1;
  if (noted) return false;
  // Never back: a node whose clock is behind must not take an old slot again. But another length of
  // slots makes the old number meaningless, so that then any other counts as new.
  const bool taken = session_.execute(
                         "UPDATE serai_job_schedules SET slot = $3, every = $4 WHERE plugin = $1 "
                         "AND kind = $2 AND (slot < $3 OR (every <> $4 AND slot <> $3))",
                         {schedule.plugin, schedule.kind, slot, every}) == 1;
  if (taken) return true;
  session_.execute(
      "UPDATE serai_job_schedules SET every = $3 WHERE plugin = $1 AND kind = $2 AND every <> $3",
      {schedule.plugin, schedule.kind, every});
  return false;
}

std::optional<JobInfo> JobTable::find(std::string_view id) {
  const Rows rows =
      session_.query("SELECT " + std::string(kColumns) + " FROM serai_jobs WHERE id = $1", {id});
  if (rows.empty()) return std::nullopt;
  return info_of(rows, 0);
}

std::vector<JobInfo> JobTable::list(std::string_view plugin, std::optional<JobState> state,
                                    std::size_t limit) {
  std::string sql = "SELECT " + std::string(kColumns) + " FROM serai_jobs WHERE " +
                    (plugin == "*" ? "plugin <> $1" : "plugin = $1");
  std::vector<Value> values{plugin,
                            static_cast<std::int64_t>(std::min<std::size_t>(limit, 10'000))};
  if (state) {
    sql += " AND state = $3";
    values.emplace_back(text_of(*state));
  }
  sql += " ORDER BY id DESC LIMIT $2";
  const Rows rows = session_.query(sql, std::span<const Value>(values));
  std::vector<JobInfo> result;
  for (std::size_t i = 0; i < rows.size(); ++i) result.push_back(info_of(rows, i));
  return result;
}

bool JobTable::retry(std::string_view id, Timestamp now) {
  const std::string at = to_text(now);
  try {
    return session_.execute(
               "UPDATE serai_jobs SET state = 'queued', attempt = 0, run_at = $2 WHERE id = $1 AND "
               "state = 'dead'",
               {id, at}) == 1;
  } catch (const SqlError& error) {
    if (error.fault() != SqlFault::unique) throw;
    throw conflict("job_exists", "A job with the same key is waiting already.");
  }
}

}  // namespace host::jobs
