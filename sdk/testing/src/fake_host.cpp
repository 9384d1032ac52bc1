#include "serai/testing/fake_host.hpp"

#include <algorithm>
#include <stdexcept>

#include <dlfcn.h>

#include "dispatch.hpp"
#include "schema.hpp"
#include "state.hpp"

namespace serai::testing {
namespace {

void* open_library(const std::filesystem::path& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::invalid_argument(dlerror());
  return library;
}

const serai_entry& entry_of(void* library) {
  const void* symbol = dlsym(library, SERAI_ENTRY_SYMBOL);
  if (symbol == nullptr) {
    throw std::invalid_argument("The library has no " SERAI_ENTRY_SYMBOL ".");
  }
  return *static_cast<const serai_entry*>(symbol);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::string Reply::header(std::string_view name) const {
  for (const auto& [given, value] : headers) {
    if (lower(given) == name) return value;
  }
  return {};
}

Json Reply::json() const { return parse_json(body, "The reply"); }

std::string Reply::code() const {
  const Json parsed = Json::parse(body, nullptr, false);
  return parsed.is_object() ? parsed.value("code", "") : "";
}

FakeHost::FakeHost(const serai_entry& entry) : impl_(std::make_unique<Impl>(entry, nullptr)) {}

FakeHost::FakeHost(const std::filesystem::path& shared_object) {
  void* library = open_library(shared_object);
  impl_ = std::make_unique<Impl>(entry_of(library), library);
}

FakeHost::~FakeHost() = default;

FakeHost& FakeHost::tenant(std::string id) {
  impl_->tenant = std::move(id);
  return *this;
}

FakeHost& FakeHost::as_user(std::string id, std::vector<std::string> permissions,
                            std::string role) {
  impl_->who = {std::move(id), std::move(role), std::move(permissions)};
  return *this;
}

FakeHost& FakeHost::as_nobody() {
  impl_->who = {};
  return *this;
}

FakeHost& FakeHost::withhold(std::string interface) {
  if (impl_->plugin != nullptr) {
    throw std::invalid_argument("withhold() comes before the first call.");
  }
  impl_->withheld.insert(std::move(interface));
  return *this;
}

FakeHost& FakeHost::set_setting(const std::string& name, Json value) {
  const Json* setting = impl_->manifest.setting(name);
  if (setting == nullptr || setting->value("secret", false)) {
    throw std::invalid_argument("plugin.yaml declares no setting `" + name + "`.");
  }
  const auto faults = check_value(*setting, value);
  if (!faults.empty()) throw std::invalid_argument("`" + name + "`: " + faults.front().detail);
  impl_->present().settings[name] = std::move(value);
  return *this;
}

FakeHost& FakeHost::set_secret(const std::string& name, std::string value) {
  impl_->present().secrets[name] = std::move(value);
  return *this;
}

FakeHost& FakeHost::on_service(std::string service, std::function<Json(const Json&)> provider) {
  impl_->providers[std::move(service)] = std::move(provider);
  return *this;
}

FakeHost& FakeHost::next_http(HttpAnswer answer) {
  impl_->next_answers.push_back(std::move(answer));
  return *this;
}

FakeHost& FakeHost::on_mail(std::function<SmtpResult(const SentMail&)> server) {
  impl_->mail_server = std::move(server);
  return *this;
}

FakeHost& FakeHost::on_mailbox(std::function<Mailbox(const ImapRequest&)> server) {
  impl_->mailbox_server = std::move(server);
  return *this;
}

FakeHost& FakeHost::on_http(std::string url_prefix, HttpAnswer answer) {
  return on_http(std::move(url_prefix),
                 [answer = std::move(answer)](const HttpRequest&) { return answer; });
}

FakeHost& FakeHost::on_http(std::string url_prefix,
                            std::function<HttpAnswer(const HttpRequest&)> responder) {
  impl_->responders[std::move(url_prefix)] = std::move(responder);
  return *this;
}

void FakeHost::start() {
  if (impl_->plugin != nullptr) return;
  const ActiveHost active(impl_.get());
  char error[512] = "";
  const serai_plugin* plugin = nullptr;
  const serai_status created = impl_->entry->create(&impl_->host, &plugin, error, sizeof(error));
  if (created < 0) throw Problem(500, "create_failed", error);
  impl_->plugin = plugin;
  const serai_status started = plugin->start(plugin->self);
  if (started < 0) {
    const std::string why =
        impl_->logs.empty() ? "The plugin did not start." : impl_->logs.back().message;
    plugin->destroy(plugin->self);
    impl_->plugin = nullptr;
    throw Problem(500, "start_failed", why);
  }
}

Reply FakeHost::request(std::string_view method, std::string_view path, std::string body,
                        Headers headers) {
  start();
  for (auto& [name, value] : headers) name = lower(name);
  return dispatch_request(
      *impl_,
      {std::string(method), std::string(path), std::move(body), std::move(headers), {}, false});
}

Reply FakeHost::send(std::string_view method, std::string_view path, const Json& body) {
  return request(method, path, dump_json(body), {{"content-type", "application/json"}});
}

Reply FakeHost::post_form(std::string_view path, const std::vector<Upload>& parts) {
  start();
  return dispatch_request(
      *impl_,
      {"POST", std::string(path), {}, {{"content-type", "multipart/form-data"}}, parts, true});
}

std::string FakeHost::bring_blob(std::string bytes) {
  std::string reference = "blob-" + impl_->new_id();
  impl_->present().blobs[reference] = {std::move(bytes), false};
  return reference;
}

Json FakeHost::call_service(std::string_view service, const Json& request) {
  start();
  const Json* declared = impl_->manifest.find("services", "provides", "name", service);
  if (declared == nullptr) {
    throw std::invalid_argument("plugin.yaml provides no service `" + std::string(service) + "`.");
  }
  const std::string reply =
      dispatch_message(*impl_, impl_->tenant,
                       {SERAI_HANDLER_SERVICE, declared->at("handler").get<std::string>(), "",
                        std::string(service), dump_json(request)});
  return parse_json(reply, "The service's reply", 502);
}

void FakeHost::deliver_event(std::string_view type, const Json& payload) {
  start();
  const Json* declared = impl_->manifest.find("events", "subscribes", "type", type);
  if (declared == nullptr) {
    throw std::invalid_argument("plugin.yaml subscribes to no event `" + std::string(type) + "`.");
  }
  dispatch_message(*impl_, impl_->tenant,
                   {SERAI_HANDLER_EVENT, declared->at("handler").get<std::string>(),
                    impl_->new_id(), "event:" + std::string(type), dump_json(payload)});
}

void FakeHost::run_job(std::string_view kind, const Json& payload) {
  start();
  const Json* declared = impl_->manifest.find("jobs", "kind", kind);
  if (declared == nullptr) {
    throw std::invalid_argument("plugin.yaml declares no job `" + std::string(kind) + "`.");
  }
  dispatch_message(*impl_, impl_->tenant,
                   {SERAI_HANDLER_JOB, declared->at("handler").get<std::string>(), impl_->new_id(),
                    std::string(kind), dump_json(payload)});
}

int FakeHost::run_jobs() {
  start();
  const std::lock_guard lock(impl_->one_at_a_time);
  int runs = 0;
  const auto next_due = [this]() -> std::pair<TenantState*, std::string> {
    for (const auto& [id, tenant] : impl_->tenants) {
      for (const QueuedJob& job : tenant->jobs) {
        if (job.state == "queued" && job.due <= now()) return {tenant.get(), job.id};
      }
    }
    return {nullptr, ""};
  };
  // By id: a handler may queue more and move the list.
  const auto by_id = [](TenantState* tenant, const std::string& id) -> QueuedJob& {
    return *std::find_if(tenant->jobs.begin(), tenant->jobs.end(),
                         [&](const QueuedJob& job) { return job.id == id; });
  };
  for (auto [tenant, id] = next_due(); tenant != nullptr; std::tie(tenant, id) = next_due()) {
    QueuedJob& claimed = by_id(tenant, id);
    claimed.state = "running";
    ++claimed.attempts;
    const Json* declared = impl_->manifest.find("jobs", "kind", claimed.kind);
    const Delivery delivery{SERAI_HANDLER_JOB,
                            declared->at("handler").get<std::string>(),
                            id,
                            claimed.kind,
                            dump_json(claimed.payload),
                            claimed.attempts};
    ++runs;
    try {
      dispatch_message(*impl_, tenant->id, delivery);
      by_id(tenant, id).state = "done";
    } catch (const Problem& problem) {
      QueuedJob& failed = by_id(tenant, id);
      failed.last_error = problem.detail;
      failed.state = failed.attempts < failed.max_attempts ? "queued" : "dead";
      failed.due = now() + std::chrono::seconds(1LL << std::min(failed.attempts, 12U));
    }
  }
  return runs;
}

void FakeHost::forget_tenant(std::string_view id) {
  start();
  const ActiveHost active(impl_.get());
  impl_->plugin->forget_tenant(impl_->plugin->self, detail::to_str(id));
}

std::vector<QueuedJob> FakeHost::jobs() const {
  std::vector<QueuedJob> all;
  for (const auto& [id, tenant] : impl_->tenants) {
    all.insert(all.end(), tenant->jobs.begin(), tenant->jobs.end());
  }
  return all;
}

std::vector<PublishedEvent> FakeHost::events() const {
  std::vector<PublishedEvent> all;
  for (const auto& [id, tenant] : impl_->tenants) {
    all.insert(all.end(), tenant->events.begin(), tenant->events.end());
  }
  return all;
}

std::vector<LogLine> FakeHost::logs() const { return impl_->logs; }

std::vector<SentMail> FakeHost::mails() const { return impl_->mails; }

std::vector<HttpRequest> FakeHost::http_requests() const { return impl_->http_requests; }

double FakeHost::metric(std::string_view name) const {
  const auto found = impl_->metrics.find(name);
  return found == impl_->metrics.end() ? 0 : found->second;
}

std::int64_t FakeHost::metered(std::string_view unit) const {
  const auto& metered = impl_->present().metered;
  const auto found = metered.find(unit);
  return found == metered.end() ? 0 : found->second;
}

std::int64_t FakeHost::sql_rows() const { return impl_->present().database->rows(); }
std::int64_t FakeHost::sql_statements() const { return impl_->present().database->statements(); }

std::optional<std::string> FakeHost::blob(std::string_view reference) const {
  const auto& blobs = impl_->present().blobs;
  const auto found = blobs.find(reference);
  if (found == blobs.end()) return std::nullopt;
  return found->second.bytes;
}

std::size_t FakeHost::blob_count() const { return impl_->present().blobs.size(); }

std::optional<std::string> FakeHost::kv(std::string_view key) const {
  const auto& entries = impl_->present().kv;
  const auto found = entries.find(key);
  if (found == entries.end()) return std::nullopt;
  return found->second.value;
}

Json FakeHost::setting(std::string_view name) const {
  return impl_->setting_value(impl_->present(), name);
}

Json FakeHost::run_sql(std::string_view statement, const std::vector<Value>& values) {
  Result result;
  impl_->present().database->run_as_test(statement, values.empty() ? nullptr : &values[0].abi(),
                                         static_cast<std::uint32_t>(values.size()), 0, &result);
  const serai_rows rows{0, result.row_count,    static_cast<std::uint32_t>(result.names.size()),
                        0, result.names.data(), result.cells.data()};
  Json array = Json::array();
  for (std::uint64_t row = 0; row < result.row_count; ++row) {
    array.push_back(Row(&rows, row).json());
  }
  return array;
}

FakeHost& FakeHost::advance(std::chrono::microseconds time) {
  impl_->clock_us += time.count();
  return *this;
}

Timestamp FakeHost::now() const { return Timestamp{std::chrono::microseconds{impl_->clock_us}}; }

FakeHost& FakeHost::time_limit(std::chrono::microseconds limit) {
  impl_->time_limit_us = limit.count();
  return *this;
}

const Json& FakeHost::manifest() const { return impl_->manifest.json(); }

}  // namespace serai::testing
