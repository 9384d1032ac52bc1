// Calls of the rest of the room, turned into asks; the keeper is in keeper.cpp.
#include "plugins/isolated/isolated_plugin.hpp"

#include <algorithm>

#include <sys/eventfd.h>
#include <unistd.h>

#include "isolation/call_codec.hpp"
#include "plugins/call_context.hpp"
#include "plugins/library.hpp"

namespace host::plugins {
namespace {

using isolation::Ask;
using isolation::Decoder;
using isolation::Encoder;

constexpr std::size_t kUsualMessage = 2000;  // bytes
constexpr auto kLifecycleTime = std::chrono::seconds(10);
constexpr auto kStopTime = std::chrono::seconds(5);
// How long a call waits for a child that is being started.
constexpr auto kStartPatience = std::chrono::seconds(10);

std::chrono::steady_clock::time_point time_of(std::int64_t deadline_us) {
  return std::chrono::steady_clock::time_point(std::chrono::microseconds(deadline_us));
}

std::string_view view_of(serai_str text) { return {text.data, text.size}; }

// What the caller is told; the log has the child's reason.
void explain(std::string code, std::string detail) {
  if (CallContext* context = innermost_call()) {
    context->fail() = {std::move(code), std::move(detail), {}};
  }
}

}  // namespace

IsolatedPlugin::IsolatedPlugin(Generation& generation, ChildPlan plan, const Isolation& options)
    : generation_(generation),
      plan_(std::move(plan)),
      options_(options),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  table_.struct_size = sizeof table_;
  table_.self = this;
  table_.resolve = resolve;
  table_.start = start;
  table_.handle_request = handle_request;
  table_.handle_message = handle_message;
  table_.handle_service = handle_service;
  table_.forget_tenant = forget_tenant;
  table_.stop = stop;
  table_.destroy = destroy;
}

IsolatedPlugin::~IsolatedPlugin() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  wake();
  if (keeper_.joinable()) keeper_.join();
  places_.clear();
  ::close(wake_);
}

void IsolatedPlugin::wake() const { ::eventfd_write(wake_, 1); }

const serai_plugin& IsolatedPlugin::create() {
  {
    const std::lock_guard lock(mutex_);
    places_[""].condition = Condition::wanted;
  }
  keeper_ = std::thread([this] { keep(); });
  std::unique_lock lock(mutex_);
  Place& first = places_[""];
  changed_.wait(lock, [&] { return first.condition != Condition::wanted; });
  if (first.condition != Condition::ready) throw LoadError(first.reason);
  const auto child = first.child;
  lock.unlock();
  create_in(*child);
  lock.lock();
  created_ = true;
  return table_;
}

void IsolatedPlugin::create_in(ChildProcess& child) {
  const auto answer = child.ask_alone(Ask::create, {}, Clock::now() + kLifecycleTime);
  if (answer.failure != Failure::none)
    throw LoadError(plan_.name + ": its process ended in create().");
  Decoder from(answer.payload);
  const auto status = from.number<serai_status>();
  const std::string words(from.text());
  if (status != SERAI_OK)
    throw LoadError(plan_.name + ": its create() failed (status " + std::to_string(status) +
                    (words.empty() ? std::string() : ", " + words) + ").");
}

std::int32_t IsolatedPlugin::resolve_in(ChildProcess& child, std::uint32_t kind,
                                        std::string_view name) {
  std::string payload;
  Encoder to(payload);
  to.number(kind);
  to.text(name);
  const auto answer = child.ask_alone(Ask::resolve, payload, Clock::now() + kLifecycleTime);
  if (answer.failure != Failure::none) return -1;
  return Decoder(answer.payload).number<serai_status>();
}

serai_status IsolatedPlugin::start_in(ChildProcess& child) {
  const auto answer = child.ask_alone(Ask::start, {}, Clock::now() + kLifecycleTime);
  if (answer.failure != Failure::none) return SERAI_E_UNAVAILABLE;
  return Decoder(answer.payload).number<serai_status>();
}

std::int32_t IsolatedPlugin::resolve(void* self, std::uint32_t kind, serai_str name) noexcept {
  try {
    IsolatedPlugin& own = of(self);
    const auto child = own.first_child();
    if (!child) return -1;
    const auto number = own.resolve_in(*child, kind, view_of(name));
    const std::lock_guard lock(own.mutex_);
    own.resolved_.push_back({kind, std::string(view_of(name)), number});
    return number;
  } catch (...) {
    return -1;
  }
}

serai_status IsolatedPlugin::start(void* self) noexcept {
  try {
    const auto child = of(self).first_child();
    return child ? of(self).start_in(*child) : SERAI_E_UNAVAILABLE;
  } catch (...) {
    return SERAI_E_INTERNAL;
  }
}

std::shared_ptr<ChildProcess> IsolatedPlugin::first_child() const {
  const std::lock_guard lock(mutex_);
  const auto first = places_.find("");
  return first == places_.end() ? nullptr : first->second.child;
}

std::string IsolatedPlugin::key_of(std::string_view tenant) const {
  return std::string(options_.per_tenant ? tenant : std::string_view());
}

std::shared_ptr<ChildProcess> IsolatedPlugin::child_for(std::string_view tenant,
                                                        Clock::time_point deadline,
                                                        std::string& code, std::string& why) {
  std::unique_lock lock(mutex_);
  const std::string key = key_of(tenant);
  if (Place& place = places_[key]; place.condition == Condition::absent) {
    place.condition = Condition::wanted;
    wake();
  }
  auto place = places_.find(key);
  if (place->second.condition == Condition::ready) return place->second.child;
  // A place can go while this waits: with its tenant.
  changed_.wait_until(lock, std::min(deadline, Clock::now() + kStartPatience), [&] {
    place = places_.find(key);
    return place == places_.end() || place->second.condition != Condition::wanted || stopping_;
  });
  switch (place == places_.end() ? Condition::absent : place->second.condition) {
    case Condition::ready:
      return place->second.child;
    case Condition::quarantined:
      code = "plugin_quarantined";
      why = "The plugin " + plan_.name + " failed too often and is stopped.";
      return nullptr;
    default:
      code = "plugin_unavailable";
      why = "The plugin " + plan_.name + " is being restarted.";
      return nullptr;
  }
}

serai_status IsolatedPlugin::fail(Failure failure) const {
  if (failure == Failure::overdue) {
    explain("plugin_overdue", "The plugin " + plan_.name + " did not answer in time.");
    return SERAI_E_DEADLINE;
  }
  if (failure == Failure::busy) {
    explain("plugin_busy", "The plugin " + plan_.name + " has too many calls at once.");
    return SERAI_E_UNAVAILABLE;
  }
  explain("plugin_crashed", "The plugin " + plan_.name + " failed while it handled this call.");
  return SERAI_E_UNAVAILABLE;
}

template <class Message>
serai_status IsolatedPlugin::call(Ask ask, serai_call call, const Message& message) noexcept {
  try {
    std::string payload;
    payload.reserve(kUsualMessage);
    Encoder to(payload);
    isolation::encode(to, call, message);
    const auto deadline = time_of(message.caller.deadline_us);
    std::string code, why;
    const auto child = child_for(view_of(message.caller.tenant), deadline, code, why);
    if (!child) {
      explain(code, why);
      return SERAI_E_UNAVAILABLE;
    }
    const auto answer = child->ask(ask, payload, deadline);
    // The child's own word, within what a thread could have used; all of it for a call that was
    // ended, or failing would be the way to compute for nothing.
    std::chrono::nanoseconds used = answer.took;
    serai_status status = SERAI_OK;
    if (answer.failure == Failure::none) {
      Decoder from(answer.payload);
      status = from.number<serai_status>();
      used = std::clamp(std::chrono::nanoseconds(from.number<std::int64_t>()),
                        std::chrono::nanoseconds(0), used);
    } else {
      status = fail(answer.failure);
    }
    CallContext* context = innermost_call();
    if (context && answer.failure != Failure::busy) context->add_cpu(used);
    return status;
  } catch (const isolation::BadMessage&) {
    explain("plugin_crashed", "The plugin " + plan_.name + " gave an answer that is none.");
    return SERAI_E_UNAVAILABLE;
  } catch (...) {
    return SERAI_E_INTERNAL;
  }
}

serai_status IsolatedPlugin::handle_request(void* self, serai_call call,
                                            const serai_request* request) noexcept {
  return of(self).call(Ask::request, call, *request);
}

serai_status IsolatedPlugin::handle_message(void* self, serai_call call,
                                            const serai_message* message) noexcept {
  return of(self).call(Ask::message, call, *message);
}

serai_status IsolatedPlugin::handle_service(void* self, serai_call call,
                                            const serai_message* message) noexcept {
  return of(self).call(Ask::service, call, *message);
}

void IsolatedPlugin::forget_tenant(void* self, serai_str tenant) noexcept {
  try {
    IsolatedPlugin& own = of(self);
    std::shared_ptr<ChildProcess> child;
    {
      const std::lock_guard lock(own.mutex_);
      const auto place = own.places_.find(own.key_of(view_of(tenant)));
      if (place != own.places_.end()) child = place->second.child;
      // A process of the tenant's own goes with it, and all it remembers.
      if (own.options_.per_tenant && place != own.places_.end() && !place->first.empty())
        own.places_.erase(place);
    }
    if (!child) return;
    std::string payload;
    Encoder to(payload);
    to.text(view_of(tenant));
    child->ask(Ask::forget, payload, Clock::now() + kStopTime);
  } catch (...) {
    // What a process remembers of the tenant ends with the process at the latest.
  }
}

void IsolatedPlugin::stop(void* self) noexcept {
  IsolatedPlugin& own = of(self);
  std::vector<std::shared_ptr<ChildProcess>> children;
  {
    const std::lock_guard lock(own.mutex_);
    own.stopping_ = true;
    for (auto& [key, place] : own.places_)
      if (place.child) children.push_back(place.child);
  }
  own.changed_.notify_all();
  own.wake();
  for (auto& child : children) {
    try {
      if (!child->ended()) child->ask_alone(Ask::stop, {}, Clock::now() + kStopTime);
    } catch (...) {
    }
    child->kill("was stopped");
  }
}

// The children have destroyed theirs in stop(); this object belongs to the generation.
void IsolatedPlugin::destroy(void*) noexcept {}

Health IsolatedPlugin::health() const {
  const std::lock_guard lock(mutex_);
  Health health;
  std::size_t tenants = 0;
  for (const auto& [key, place] : places_) {
    if (place.condition != Condition::quarantined) continue;
    health.trouble = "its process " + place.reason + " too often and is quarantined";
    if (!key.empty()) ++tenants;
  }
  health.serves_nobody = !options_.per_tenant && !health.trouble.empty();
  if (tenants > 0)
    health.trouble = "the processes of " + std::to_string(tenants) +
                     (tenants == 1 ? " tenant" : " tenants") +
                     " failed too often and are quarantined";
  return health;
}

}  // namespace host::plugins
