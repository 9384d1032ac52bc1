// What victim and judge of the crash test agree on: one tenant, a table in its database and in the
// platform's, jobs whose effect is a row under the job's own id.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "jobs/queue.hpp"
#include "storage/blobs.hpp"
#include "storage/store.hpp"
#include "tenancy/token_mint.hpp"

namespace host::faults {

inline CallToken token() {
  return tenancy::TokenMint::for_job("acme", "", "crash",
                                     std::chrono::steady_clock::now() + std::chrono::minutes(2));
}

inline storage::MigrationSet tables() {
  return {"crash",
          {{1, "create_rows",
            "CREATE TABLE crash_rows (id text PRIMARY KEY, body text NOT NULL, blob_ref text); "
            "CREATE TABLE crash_effects (job text PRIMARY KEY, payload text NOT NULL);",
            "DROP TABLE crash_effects; DROP TABLE crash_rows;"}}};
}

struct House {
  explicit House(const std::filesystem::path& folder)
      : store(storage::make_sqlite_store({folder / "db", 10, 2})),
        blobs(storage::make_file_blobs(folder / "blobs")) {
    store->register_tenant(tables());
    store->register_platform(tables());
    store->migrate_platform();
    jobs::QueueOptions options;
    options.backoff = std::chrono::milliseconds(1);
    options.lease = std::chrono::milliseconds(300);
    options.sweep = std::chrono::milliseconds(50);
    queue = jobs::make_queue(
        *store,
        {[](const std::string& tenant, const jobs::Job& job, Deadline deadline) {
           return tenancy::TokenMint::for_job(tenant, job.user, job.request_id, deadline);
         },
         [] { return std::vector<std::string>{"acme"}; }},
        options);
    store->create(token());
    queue->set_plugin(
        "crash", [this](const CallToken& who, const jobs::Job& job) { run(who, job); }, {}, {});
  }

  // Idempotent by the job's id, as handlers must be.
  void run(const CallToken& who, const jobs::Job& job) const {
    store->tenant(who)->execute(
        "INSERT INTO crash_effects (job, payload) VALUES ($1, $2) ON CONFLICT (job) DO NOTHING",
        {job.id, job.payload});
  }

  // A row, a blob it names and a job, all acknowledged when this returns: "<row> <job> <ref>".
  std::string write(const std::string& body) {
    const auto writer = blobs->create(token());
    writer->write(std::as_bytes(std::span(body)));
    const std::string ref = writer->commit();
    const auto session = store->tenant(token());
    storage::Transaction transaction(*session);
    const std::string id = uuid_v7();
    session->execute("INSERT INTO crash_rows (id, body, blob_ref) VALUES ($1, $2, $3)",
                     {id, body, ref});
    jobs::JobSpec spec;
    spec.plugin = "crash";
    spec.kind = "effect";
    spec.payload = "{\"row\":\"" + id + "\"}";
    spec.max_attempts = 1000;
    const std::string job = queue->enqueue(token(), *session, spec);
    transaction.commit();
    queue->committed(token());
    return id + " " + job + " " + ref;
  }

  // A row of the platform, acknowledged when this returns: "<row>".
  std::string write_to_platform(const std::string& body) const {
    const std::string id = uuid_v7();
    store->platform()->execute("INSERT INTO crash_rows (id, body) VALUES ($1, $2)", {id, body});
    return id;
  }

  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Blobs> blobs;
  std::unique_ptr<jobs::Queue> queue;
};

}  // namespace host::faults
