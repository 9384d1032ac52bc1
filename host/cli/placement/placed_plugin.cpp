#include "cli/placement/placed_plugin.hpp"

#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "cli/placement/turn_queue.hpp"
#include "cli/scratch_folder.hpp"
#include "isolation/plugin_clock.hpp"
#include "plugins/blob_keeper.hpp"
#include "plugins/library.hpp"
#include "plugins/registry.hpp"
#include "plugins/service_call.hpp"
#include "plugins/stand_ins.hpp"
#include "serai/abi/smtp.h"
#include "storage/blobs.hpp"
#include "storage/cache.hpp"
#include "storage/secrets.hpp"
#include "storage/store.hpp"
#include "storage/vectors.hpp"
#include "tenancy/tenants.hpp"
#include "tenancy/token_mint.hpp"

namespace host::cli {
namespace {

using serai::check::PlacedAnswer;
using serai::check::PlacedCall;
using serai::check::Placement;
using serai::check::Surroundings;
using tenancy::TokenMint;

constexpr std::int64_t kNow = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr std::size_t kVectorMemory = 256 << 20, kCacheMemory = 16 << 20;

// One instant for the whole process: deadlines and the held clock are then the same in every run.
std::chrono::steady_clock::time_point beginning() {
  static const auto began =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::steady_clock::now());
  return began;
}

// The check has its own limit of time.
Deadline deadline() { return beginning() + std::chrono::hours(6); }

class HeldTime {
 public:
  HeldTime() {
    isolation::hold_plugin_clock(isolation::HeldClock{
        kNow, std::chrono::duration_cast<std::chrono::microseconds>(beginning().time_since_epoch())
                  .count()});
  }
  ~HeldTime() { isolation::hold_plugin_clock(std::nullopt); }
  HeldTime(const HeldTime&) = delete;
  HeldTime& operator=(const HeldTime&) = delete;
};

plugins::StandIns stand_ins_of(const Surroundings& around) {
  return {[around](std::string_view service, std::string_view) {
            return around.service(std::string(service));
          },
          [around](const plugins::OutboundRequest& request) {
            plugins::OutboundReply reply;
            std::tie(reply.status, reply.body) = around.outside(request.url);
            reply.headers = {{"content-type", "application/json"}};
            reply.attempts = 1;
            return reply;
          },
          [](const plugins::Submission&) -> plugins::SubmissionReply {  // as the fake host's
            return {SERAI_SMTP_ACCEPTED, 250, SERAI_SMTP_AT_CONTENT, "2.0.0 Ok"};
          },
          [](const plugins::MailboxQuery&) {  // an empty one, as the fake host's
            plugins::MailboxAnswer answer;
            answer.uid_validity = answer.uid_next = 1;
            return answer;
          }};
}

std::string words_of(const Problem& problem) {
  std::string words = problem.detail();
  for (const auto& error : problem.errors()) words += "\n" + error.pointer + ": " + error.detail;
  return words;
}

std::string read_all(storage::BlobReader& blob) {
  std::string all(blob.size(), '\0');
  std::size_t at = 0;
  while (at < all.size()) {
    const auto got =
        blob.read(at, std::as_writable_bytes(std::span(all.data() + at, all.size() - at)));
    if (got == 0) break;
    at += got;
  }
  return all;
}

std::vector<plugins::Field> views(const PlacedCall::Pairs& pairs) {
  std::vector<plugins::Field> fields;
  for (const auto& [name, value] : pairs) fields.push_back({name, value});
  return fields;
}

class Placed final : public serai::check::PlacedPlugin {
 public:
  Placed(const std::filesystem::path& file, Placement placement, const Surroundings& around)
      : permissions_(std::make_shared<const std::set<std::string, std::less<>>>(
            around.permissions.begin(), around.permissions.end())),
        store_(storage::make_sqlite_store({folder_.path() / "data"})),
        blobs_(storage::make_file_blobs(folder_.path() / "blobs")),
        cache_(storage::make_memory_cache(kCacheMemory)),
        vectors_(storage::make_faiss_vectors(kVectorMemory)),
        tenants_(tenancy::make_tenants(*store_)),
        secrets_(storage::make_secrets(*store_, storage::MasterKey{})),
        queue_([](const std::string& tenant) {
          return TokenMint::for_job(tenant, {}, "request-of-a-job", deadline());
        }) {
    store_->migrate_platform();
    plugins::Rooms rooms;
    rooms.store = store_.get();
    rooms.blobs = blobs_.get();
    rooms.cache = cache_.get();
    rooms.vectors = vectors_.get();
    rooms.secrets = secrets_.get();
    rooms.queue = &queue_;
    rooms.tenants = tenants_.get();
    plugins::RegistryOptions options;
    options.outbound = {true, true};
    options.profile_secret = [around](const std::string&, const std::string& name) {
      return around.secret(name);
    };
    registry_ = std::make_unique<plugins::Registry>(rooms, std::move(options));
    plugins::put_in_place(*registry_, stand_ins_of(around));
    plugins::Grant grant;
    const auto parsed = plugins::read_manifest(file);
    if (!parsed.faults.empty()) throw std::runtime_error(parsed.faults.front());
    grant.id = parsed.manifest.id;
    grant.settings = around.settings;
    grant.isolation.isolated = placement == Placement::isolated;
    grant.file = file;
    registry_->place(grant);
    const auto admin = TokenMint::for_platform_admin("checker", {"request-0", "", deadline()});
    for (const char* id : {"tenant-a", "tenant-b"}) {
      tenancy::Tenant tenant;
      tenant.id = tenant.name = id;
      tenant.timezone = "UTC";
      tenant.currency = "EUR";
      tenant.settings = tenant.plugins = nlohmann::json::object();
      tenants_->create(admin, tenant);
    }
  }

  PlacedAnswer send(const PlacedCall& call) override {
    PlacedAnswer answer;
    const CallToken token = token_for(call);
    try {
      answer.status = 200;
      if (call.kind == PlacedCall::Kind::route)
        ask(token, call, answer);
      else if (call.kind == PlacedCall::Kind::service)
        answer.body = plugins::call_service(*registry_, token, call.name, call.body);
      else
        queue_.run_one(token, (call.kind == PlacedCall::Kind::event ? "event:" : "") + call.name,
                       call.body);
    } catch (const Problem& problem) {
      answer = {};
      answer.status = problem.status();
      answer.code = problem.code();
      answer.body = words_of(problem);
    }
    answer.jobs = queue_.run();
    return answer;
  }

 private:
  CallToken token_for(const PlacedCall& call) {
    const std::string id = "request-" + std::to_string(++requests_);
    if (call.kind == PlacedCall::Kind::job || call.kind == PlacedCall::Kind::event)
      return TokenMint::for_job(call.tenant, {}, id, deadline());
    return TokenMint::for_user(
        {call.tenant, "alice", "alice@example.com", "Alice", "admin", "session-1", permissions_},
        {id, "", deadline()});
  }

  plugins::RouteTarget target(const PlacedCall& call) const {
    for (const auto& mounted : registry_->routes())
      if (mounted.route.pattern == call.name && mounted.route.method == call.method)
        return mounted.target;
    throw std::runtime_error("It has no route " + call.method + " " + call.name + ".");
  }

  void ask(const CallToken& token, const PlacedCall& call, PlacedAnswer& answer) {
    std::vector<plugins::BlobKeeper::Upload> uploads;
    std::vector<plugins::UploadedPart> parts;
    uploads.reserve(call.parts.size());
    for (const auto& part : call.parts) {
      plugins::UploadedPart view{part.name, part.file_name,  part.content_type, {},
                                 {},        part.data.size()};
      if (part.file_name.empty()) {
        view.data = part.data;
      } else {
        const auto writer = blobs_->create(token);
        writer->write(std::as_bytes(std::span(part.data.data(), part.data.size())));
        uploads.push_back(registry_->blob_keeper().commit_upload(token, *writer));
        view.blob = uploads.back().reference();
      }
      parts.push_back(view);
    }
    const auto path = views(call.path_parameters), query = views(call.query_parameters),
               headers = views(call.headers);
    plugins::RouteRequest request;
    request.method = call.method;
    request.path = call.path;
    request.query = call.query;
    request.path_parameters = path;
    request.query_parameters = query;
    request.headers = headers;
    request.parts = parts;
    request.body = call.body;
    plugins::RouteReply reply = registry_->call_route(token, target(call), request);
    answer.status = reply.status;
    answer.headers = std::move(reply.headers);
    answer.body = reply.blob ? read_all(*reply.blob) : std::move(reply.body);
  }

  // In the order of their ends: the plugin goes first.
  ScratchFolder folder_;
  HeldTime time_;
  std::shared_ptr<const std::set<std::string, std::less<>>> permissions_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<storage::Blobs> blobs_;
  std::unique_ptr<storage::Cache> cache_;
  std::unique_ptr<storage::Vectors> vectors_;
  std::unique_ptr<tenancy::Tenants> tenants_;
  std::unique_ptr<storage::Secrets> secrets_;
  TurnQueue queue_;
  std::unique_ptr<plugins::Registry> registry_;
  int requests_ = 0;
};

}  // namespace

std::unique_ptr<serai::check::PlacedPlugin> place(const std::filesystem::path& plugin,
                                                  Placement placement, const Surroundings& around) {
  return std::make_unique<Placed>(plugin, placement, around);
}

}  // namespace host::cli
