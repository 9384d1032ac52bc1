// What the fake host remembers: per tenant, per call and for all of them. The C functions in
// interfaces_*.cpp find it through the call's number, exactly as a real host would.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bundle.hpp"
#include "database.hpp"
#include "manifest.hpp"
#include "serai/abi/all.h"
#include "serai/testing/fake_host.hpp"

namespace serai::testing {

struct Collection {
  std::uint32_t dimension = 0;
  std::map<std::int64_t, std::vector<float>> vectors;
};

struct BlobContent {
  std::string bytes;
  bool kept = true;  // false: an upload that goes away after its call
};

// Where the fake host's links point to.
inline constexpr std::string_view kLinkHost = "serai.test";

struct Link {
  std::string tenant, handler, subject;
  std::int64_t expires_us = 0;  // 0: never
};

struct KvEntry {
  std::string value;
  std::int64_t expires_us = 0;  // 0: never
};

struct TenantState {
  std::string id;
  std::unique_ptr<Database> database;
  std::map<std::string, KvEntry, std::less<>> kv;
  std::map<std::string, BlobContent, std::less<>> blobs;
  std::map<std::string, Collection, std::less<>> collections;
  std::map<std::string, Json, std::less<>> settings;
  std::map<std::string, std::string, std::less<>> secrets;
  std::map<std::string, std::int64_t, std::less<>> metered;
  std::vector<QueuedJob> jobs;
  std::vector<PublishedEvent> events;
};

// What a rollback restores beside the tables.
struct Snapshot {
  std::map<std::string, Collection, std::less<>> collections;
  std::vector<QueuedJob> jobs;
  std::vector<PublishedEvent> events;
};

struct BlobHandle {
  bool is_writer = false;
  bool committed = false;
  std::string bytes;
};

struct CallState {
  FakeHost::Impl* host = nullptr;
  TenantState* tenant = nullptr;
  std::set<std::string, std::less<>> permissions;
  std::deque<std::string> texts;  // views handed out live here until the call ends
  std::deque<std::vector<serai_neighbour>> neighbours;
  std::deque<std::vector<serai_pair>> pairs;
  std::deque<std::vector<serai_imap_message>> mailbox_messages;
  std::map<serai_handle, Result> results;
  std::map<serai_handle, BlobHandle> blobs;
  std::vector<Snapshot> snapshots;
  std::string last_code;
  std::string last_detail;
  std::string error_code;
  std::string error_detail;
  std::vector<FieldError> error_fields;
  bool answered = false;
  Reply reply;
  std::string service_reply;

  serai_str keep(std::string text) {
    const std::string& kept = texts.emplace_back(std::move(text));
    return {kept.data(), kept.size()};
  }
};

class FakeHost::Impl {
 public:
  Impl(const serai_entry& entry, void* library);
  ~Impl();

  struct Who {
    std::string user;
    std::string role;
    std::vector<std::string> permissions;
  };

  TenantState& tenant_state(const std::string& id);
  TenantState& present() { return tenant_state(tenant); }
  std::int64_t now_us() const { return clock_us; }
  bool grants(std::string_view interface) const;
  Json setting_value(TenantState& tenant_state, std::string_view name) const;
  std::int32_t handler(std::uint32_t kind, const std::string& name) const;
  HttpAnswer answer_http(const HttpRequest& request);
  std::string new_id();

  Manifest manifest;
  std::vector<BundledFile> migrations;
  const serai_entry* entry = nullptr;
  void* library = nullptr;
  const serai_plugin* plugin = nullptr;
  serai_host host{};

  std::string tenant = "acme";
  Who who;
  std::set<std::string, std::less<>> withheld;
  std::map<std::string, std::unique_ptr<TenantState>, std::less<>> tenants;
  std::map<std::string, std::function<Json(const Json&)>, std::less<>> providers;
  std::deque<HttpAnswer> next_answers;
  std::map<std::string, std::function<HttpAnswer(const HttpRequest&)>, std::less<>> responders;
  std::vector<HttpRequest> http_requests;
  std::function<SmtpResult(const SentMail&)> mail_server;
  std::vector<SentMail> mails;
  std::function<Mailbox(const ImapRequest&)> mailbox_server;
  std::vector<LogLine> logs;
  std::map<std::string, double, std::less<>> metrics;
  std::map<std::string, Link, std::less<>> links;  // by what stands for {link}
  std::int64_t clock_us = 1'767'225'600'000'000;   // 2026-01-01T00:00:00Z
  std::int64_t time_limit_us = 30'000'000;
  std::uint64_t counter = 0;
  std::recursive_mutex one_at_a_time;
};

// A failure of a host function: status for the plugin, words for last_error().
struct Failure {
  serai_status status;
  std::string code;
  std::string detail;
};

// The call in progress under that number, or nullptr. Registered by ActiveCall.
CallState* find_call(serai_call call) noexcept;
// The host whose plugin runs on this thread, for functions without a call.
FakeHost::Impl* present_host() noexcept;

class ActiveHost {
 public:
  explicit ActiveHost(FakeHost::Impl* host) noexcept;
  ~ActiveHost();
  ActiveHost(const ActiveHost&) = delete;
  ActiveHost& operator=(const ActiveHost&) = delete;

 private:
  FakeHost::Impl* before_;
};

class ActiveCall {
 public:
  explicit ActiveCall(CallState* state);
  ~ActiveCall();
  ActiveCall(const ActiveCall&) = delete;
  ActiveCall& operator=(const ActiveCall&) = delete;
  serai_call number() const noexcept { return number_; }

 private:
  serai_call number_;
};

inline std::string text_of(serai_str text) {
  return text.size == 0 ? std::string() : std::string(text.data, text.size);
}

// Every host function: find the call, run, turn failures into a status and remembered words.
template <class F>
serai_status answer(serai_call call, F&& function) noexcept {
  CallState* state = find_call(call);
  if (state == nullptr) return SERAI_E_STALE;
  try {
    function(*state);
    return SERAI_OK;
  } catch (const Failure& failure) {
    state->last_code = failure.code;
    state->last_detail = failure.detail;
    return failure.status;
  } catch (const Problem& problem) {
    state->last_code = problem.code;
    state->last_detail = problem.detail;
    return detail::nearest_status(problem.status);
  } catch (const std::exception& error) {
    state->last_code = "fake_host";
    state->last_detail = std::string("The fake host or the test's script failed: ") + error.what();
    return SERAI_E_INTERNAL;
  }
}

const serai_host& host_table() noexcept;
// NULL for an unknown id.
const void* interface_table(std::string_view id, std::uint32_t* size) noexcept;
const void* storage_table(std::string_view id, std::uint32_t* size) noexcept;
const void* outside_table(std::string_view id, std::uint32_t* size) noexcept;

}  // namespace serai::testing
