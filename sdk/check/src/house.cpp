#include "house.hpp"

#include <stdexcept>

#include "channel.hpp"
#include "passage.hpp"

namespace serai::check {
namespace {

std::atomic<House*> present_house{nullptr};
thread_local bool inside = false;

// The handler, called so that an exception that gets out of it is seen: through a type that may
// throw, whatever the header promises.
template <class Result, class... Parameters, class... Arguments>
Result call_out(Result (*function)(Parameters...), bool* escaped, const char* what,
                Arguments... arguments) {
  const Inside now;
  try {
    return function(arguments...);
  } catch (...) {
    const Outside later;
    *escaped = true;
    find(Law::exception, std::string("An exception came out of ") + what + ".");
    if constexpr (!std::is_void_v<Result>) return Result{-1};
  }
}

// What is open when a handler returns is rolled back.
void roll_back(CheckedCall& call) {
  while (call.tenant->database->depth() > 0) {
    call.tenant->database->rollback();
    if (call.snapshots.empty()) continue;
    testing::Snapshot& before = call.snapshots.back();
    call.tenant->collections = std::move(before.collections);
    call.tenant->jobs = std::move(before.jobs);
    call.tenant->events = std::move(before.events);
    call.snapshots.pop_back();
  }
}

}  // namespace

const char* to_text(Phase phase) {
  switch (phase) {
    case Phase::creating:
      return "in create()";
    case Phase::created:
      return "before start()";
    case Phase::starting:
      return "in start()";
    case Phase::running:
      return "while it runs";
    case Phase::stopping:
      return "in stop()";
    case Phase::stopped:
      return "after stop()";
    case Phase::destroying:
      return "in destroy()";
    default:
      return "after destroy()";
  }
}

Inside::Inside() noexcept : before_(inside) { inside = true; }
Inside::~Inside() { inside = before_; }
bool Inside::now() noexcept { return inside; }
Outside::Outside() noexcept : before_(inside) { inside = false; }
Outside::~Outside() { inside = before_; }

House::House(const Library& library, const World& world, const std::set<std::string>& withheld)
    : world_(world), impl_(library.entry(), nullptr) {
  impl_.host = watched_host();
  impl_.host.reserved = &impl_;
  for (const auto& name : withheld) impl_.withheld.insert(name);
  for (const auto& service : world.services.items()) {
    impl_.providers[service.key()] = [reply = service.value()](const Json&) { return reply; };
  }
  impl_.responders[""] = [this](const HttpRequest& request) { return http_answer(request); };
  present_house = this;
}

House::~House() {
  if (phase == Phase::running) stop();
  if (phase != Phase::gone && phase != Phase::none) destroy();
  present_house = nullptr;
}

House* House::present() noexcept { return present_house.load(); }

serai_status House::create() {
  const testing::ActiveHost active(&impl_);
  activity("create()");
  phase = Phase::creating;
  char words[512] = "";
  bool escaped = false;
  const serai_plugin* made = nullptr;
  const serai_status status =
      call_out(impl_.entry->create, &escaped, "create()", &impl_.host, &made,
               static_cast<char*>(words), static_cast<std::uint64_t>(sizeof words));
  if (status < 0 || escaped) {
    words[sizeof words - 1] = '\0';
    error_ = words;
    phase = Phase::gone;
    if (!escaped && error_.empty()) find(Law::answer, "create() refuses without saying why.");
    return status < 0 ? status : SERAI_E_INTERNAL;
  }
  const auto faulty = [&] {
    if (made == nullptr) return "create() gives no plugin.";
    if (made->struct_size < sizeof(serai_plugin)) return "Its plugin is smaller than this ABI's.";
    if (!made->resolve || !made->start || !made->handle_request || !made->handle_message ||
        !made->handle_service || !made->forget_tenant || !made->stop || !made->destroy)
      return "Its plugin lacks a function.";
    return static_cast<const char*>(nullptr);
  }();
  if (faulty != nullptr) {
    phase = Phase::gone;
    throw std::runtime_error(faulty);
  }
  if (made->reserved != 0) find(Law::argument, "Its plugin uses a reserved field.");
  plugin_ = made;
  impl_.plugin = nullptr;  // its end is this class's business
  phase = Phase::created;
  return SERAI_OK;
}

serai_status House::start() {
  const testing::ActiveHost active(&impl_);
  activity("start()");
  phase = Phase::starting;
  bool escaped = false;
  const serai_status status = call_out(plugin_->start, &escaped, "start()", plugin_->self);
  if (status > 0) find(Law::answer, "start() returns a positive status.");
  phase = status < 0 ? Phase::created : Phase::running;
  return status;
}

void House::stop() {
  const testing::ActiveHost active(&impl_);
  activity("stop()");
  phase = Phase::stopping;
  bool escaped = false;
  call_out(plugin_->stop, &escaped, "stop()", plugin_->self);
  phase = Phase::stopped;
}

void House::destroy() {
  const testing::ActiveHost active(&impl_);
  activity("destroy()");
  phase = Phase::destroying;
  bool escaped = false;
  call_out(plugin_->destroy, &escaped, "destroy()", plugin_->self);
  plugin_ = nullptr;
  phase = Phase::gone;
}

void House::open() {
  if (create() < 0) throw std::runtime_error("create() refuses: " + error_);
  if (start() < 0) throw std::runtime_error("start() refuses.");
}

std::int32_t House::resolve(std::uint32_t kind, const std::string& name) {
  Region region;
  bool escaped = false;
  return call_out(plugin_->resolve, &escaped, "resolve()", plugin_->self, kind,
                  region.text(name, "the name given to resolve()"));
}

testing::TenantState& House::tenant(const std::string& id) {
  const std::lock_guard lock(mutex());
  const bool fresh = !impl_.tenants.contains(id);
  testing::TenantState& state = impl_.tenant_state(id);
  if (fresh) {
    for (const auto& [name, value] : world_.settings.items()) state.settings[name] = value;
    for (const auto& [name, value] : world_.secrets.items())
      state.secrets[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return state;
}

void House::wipe_tenant(const std::string& id) {
  const std::lock_guard lock(mutex());
  impl_.tenants.erase(id);
}

std::set<std::string, std::less<>> House::permissions() const {
  std::set<std::string, std::less<>> all;
  for (const Json& permission : manifest().json().value("permissions", Json::array()))
    if (permission.is_object()) all.insert(permission.value("id", ""));
  return all;
}

const std::string* House::forbidden(const std::string& tenant) const {
  const auto found = forbidden_.find(tenant);
  return found == forbidden_.end() ? nullptr : &found->second;
}

void House::await_database(std::unique_lock<std::recursive_mutex>& lock, const CheckedCall& call) {
  owner_changed_.wait(lock, [&] {
    const auto owner = owners_.find(call.who.tenant);
    return owner == owners_.end() || owner->second == call.number;
  });
}

void House::transaction_changed(const CheckedCall& call) {
  if (call.tenant->database->depth() > 0) {
    owners_[call.who.tenant] = call.number;
  } else {
    owners_.erase(call.who.tenant);
    owner_changed_.notify_all();
  }
}

serai_caller House::caller_for(CheckedCall& call) {
  const char* label = "the caller of a call";
  serai_caller caller{};
  caller.tenant = call.request.text(call.who.tenant, label);
  caller.request_id = call.request.text("request-" + std::to_string(call.number % 1000000), label);
  caller.deadline_us = impl_.now_us() - 1'767'225'600'000'000 + impl_.time_limit_us;
  const bool has_user =
      call.input->kind == SERAI_HANDLER_ROUTE || call.input->kind == SERAI_HANDLER_SERVICE;
  if (!has_user || call.who.user.empty()) return caller;
  const std::string& mark = call.who.mark;
  caller.user = call.request.text(call.who.user, label);
  caller.email = call.request.text(call.who.user + mark + "@example.com", label);
  caller.name = call.request.text(call.who.user + (mark.empty() ? "" : " " + mark), label);
  caller.role = call.request.text("admin", label);
  return caller;
}

serai_request House::request_for(CheckedCall& call, const Input& input) {
  Region& region = call.request;
  const auto pairs = [&](const Pairs& from, const char* label) {
    std::vector<serai_pair> views;
    for (const auto& [name, value] : from)
      views.push_back({region.text(name, label), region.text(value, label)});
    return region.array(std::span<const serai_pair>(views), label);
  };
  std::vector<serai_part> parts;
  for (const testing::Upload& upload : input.parts) {
    serai_part part{};
    part.name = region.text(upload.name, "a form's part");
    part.file_name = region.text(upload.file_name, "a form's part");
    part.content_type = region.text(upload.content_type, "a form's part");
    part.size = upload.data.size();
    if (upload.file_name.empty()) {
      part.data = region.text(upload.data, "a form's part");
    } else {
      const std::string reference = "upload-" + std::to_string(++impl_.counter);
      call.tenant->blobs[reference] = {upload.data, false};
      call.uploads.push_back(reference);
      part.blob = region.text(reference, "a form's part");
    }
    parts.push_back(part);
  }
  const std::string target = input.target();
  const std::size_t mark = target.find('?');
  serai_request request{};
  request.struct_size = sizeof request;
  request.method = region.text(input.method, "the request's method");
  request.path = region.text(input.path, "the request's path");
  request.query =
      region.text(mark == std::string::npos ? "" : target.substr(mark + 1), "the request's query");
  request.path_parameters = pairs(input.path_parameters, "the request's path parameters");
  request.query_parameters = pairs(input.query, "the request's query parameters");
  request.headers = pairs(input.headers, "the request's headers");
  request.parts = region.array(std::span<const serai_part>(parts), "the request's parts");
  request.path_parameter_count = static_cast<std::uint32_t>(input.path_parameters.size());
  request.query_parameter_count = static_cast<std::uint32_t>(input.query.size());
  request.header_count = static_cast<std::uint32_t>(input.headers.size());
  request.part_count = static_cast<std::uint32_t>(parts.size());
  request.body = region.text(input.body, "the request's body");
  request.caller = caller_for(call);
  return request;
}

serai_message House::message_for(CheckedCall& call, const Input& input) {
  const char* label = "the message of a job, event or service call";
  serai_message message{};
  message.struct_size = sizeof message;
  message.id = call.request.text(input.id, label);
  message.kind = call.request.text(input.message_kind, label);
  message.payload = call.request.text(input.body, label);
  message.attempt = input.attempt;
  message.caller = caller_for(call);
  return message;
}

Answer House::send(const Input& input, const Who& who) {
  const std::int32_t handler = resolve(input.kind, input.handler);
  if (handler < 0) throw std::runtime_error("Its code has no handler for " + input.name + ".");
  const testing::ActiveHost active(&impl_);
  auto call = std::make_unique<CheckedCall>();
  call->host = &impl_;
  call->house = this;
  call->input = &input;
  call->who = who;
  call->tenant = &tenant(who.tenant);
  call->permissions = who.permissions;
  const testing::ActiveCall registered(call.get());
  call->number = registered.number();
  bool escaped = false;
  serai_status status = SERAI_E_INTERNAL;
  {
    std::unique_lock lock(mutex());
    serai_request request{};
    serai_message message{};
    if (input.kind == SERAI_HANDLER_ROUTE)
      request = request_for(*call, input);
    else
      message = message_for(*call, input);
    request.handler = message.handler = static_cast<std::uint32_t>(handler);
    // The struct itself is lent like what it points to.
    const auto* lent_request =
        call->request.array(std::span<const serai_request>(&request, 1), "the request");
    const auto* lent_message =
        call->request.array(std::span<const serai_message>(&message, 1), "the message");
    lock.unlock();
    register_call(*call);
    activity(input.name +
             (input.kind == SERAI_HANDLER_ROUTE ? " (" + input.target().substr(0, 200) + ")" : ""));
    if (input.kind == SERAI_HANDLER_ROUTE)
      status = call_out(plugin_->handle_request, &escaped, input.name.c_str(), plugin_->self,
                        call->number, lent_request);
    else
      status = call_out(
          input.kind == SERAI_HANDLER_SERVICE ? plugin_->handle_service : plugin_->handle_message,
          &escaped, input.name.c_str(), plugin_->self, call->number, lent_message);
    unregister_call(*call);
  }
  const std::lock_guard lock(mutex());
  const bool had_transaction = owners_.contains(who.tenant) && owners_[who.tenant] == call->number;
  Answer answer = answer_of(*call, input, status);
  answer.escaped = escaped;
  for (const std::string& upload : call->uploads) {
    const auto blob = call->tenant->blobs.find(upload);
    if (blob != call->tenant->blobs.end() && !blob->second.kept) call->tenant->blobs.erase(blob);
  }
  if (had_transaction) {
    roll_back(*call);
    owners_.erase(who.tenant);
    owner_changed_.notify_all();
  }
  if (call->commit_refused && answer.status >= 0 && answer.http < 300 && !escaped)
    find(Law::durability,
         input.name + " answers that all is well although its transaction was not committed.");
  return answer;
}

Answer House::answer_of(CheckedCall& call, const Input& input, serai_status status) {
  Answer answer;
  answer.status = status;
  answer.answered = call.answered;
  answer.code = call.error_code;
  answer.detail = call.error_detail;
  answer.fields = call.error_fields;
  if (status < 0) {
    answer.http = serai::detail::row_of_status(status).http;
    if (answer.code.empty()) answer.code = serai::detail::row_of_status(status).code;
    return answer;
  }
  if (input.kind == SERAI_HANDLER_ROUTE) {
    answer.http = call.reply.status;
    answer.headers = call.reply.headers;
    answer.body = call.reply.body;
  } else {
    answer.http = 200;
    answer.body = call.service_reply;
  }
  return answer;
}

int House::run_jobs(const Who& who, int most) {
  int runs = 0;
  const std::size_t there = [&] {
    const std::lock_guard lock(mutex());
    return tenant(who.tenant).jobs.size();
  }();
  const Timestamp now{std::chrono::microseconds(impl_.now_us())};  // it stands still
  for (; runs < most; ++runs) {
    Input input;
    {
      const std::lock_guard lock(mutex());
      testing::QueuedJob* next = nullptr;
      std::size_t number = 0;
      for (auto& job : tenant(who.tenant).jobs) {
        const bool its_turn = number++ < there || job.due <= now;
        if (next == nullptr && its_turn && job.state == "queued") next = &job;
      }
      if (next == nullptr) return runs;
      next->state = "running";
      input.kind = SERAI_HANDLER_JOB;
      input.name = "job " + next->kind;
      input.declared = manifest().find("jobs", "kind", next->kind);
      input.handler = input.declared->value("handler", "");
      input.id = next->id;
      input.message_kind = next->kind;
      input.body = dump_json(next->payload);
    }
    const Answer answer = send(input, who);
    judge(input, answer);
    const std::lock_guard lock(mutex());
    for (auto& job : tenant(who.tenant).jobs)
      if (job.id == input.id) job.state = answer.status < 0 ? "dead" : "done";
  }
  return runs;
}

void House::forget_tenant(const std::string& id) {
  const testing::ActiveHost active(&impl_);
  activity("forget_tenant()");
  Region region;
  bool escaped = false;
  call_out(plugin_->forget_tenant, &escaped, "forget_tenant()", plugin_->self,
           region.text(id, "the tenant given to forget_tenant()"));
}

}  // namespace serai::check
