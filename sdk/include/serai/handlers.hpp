// The base class of a plugin written in C++: it maps the handler names of the manifest to member
// functions (or lambdas). The table is built by the constructor and read-only afterwards, so
// concurrent calls share it without a lock.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "serai/message.hpp"
#include "serai/request.hpp"
#include "serai/response.hpp"

namespace serai {

class Plugin;

namespace detail {
class Dispatch;
}

class Plugin {
 public:
  Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  virtual ~Plugin() = default;

  // Ready to serve when it returns; only log() and clock() may be used. Throwing refuses to start.
  virtual void start() {}
  // No call is in flight and none will come; afterwards no thread of the plugin may run.
  virtual void stop() {}
  // The tenant is being deleted: drop what is held of it in memory.
  virtual void forget_tenant(std::string_view /*tenant*/) {}

 protected:
  // `handler` is the word the manifest's route, job, event or service has under `handler`.
  //
  // Route: Json, Response or void (204) from f(Request&).
  template <class P, class R, class Argument>
  void route(std::string_view handler, R (P::*function)(Argument)) {
    route(handler, bind(function));
  }
  template <class P, class R, class Argument>
  void route(std::string_view handler, R (P::*function)(Argument) const) {
    route(handler, bind(function));
  }
  template <class F>
  requires std::is_invocable_v<F&, Request&>
  void route(std::string_view handler, F function) {
    using Result = std::invoke_result_t<F&, Request&>;
    add(SERAI_HANDLER_ROUTE, handler,
        [function = std::move(function)](const detail::Context& context, const void* abi) {
          Request request(context, *static_cast<const serai_request*>(abi));
          if constexpr (std::is_void_v<Result>) {
            function(request);
            detail::send(context, Response::empty());
          } else {
            detail::send(context, function(request));
          }
        });
  }

  // Job: void from f(Job&). Event: void from f(Event&).
  template <class P, class R, class Argument>
  void job(std::string_view handler, R (P::*function)(Argument)) {
    job(handler, bind(function));
  }
  template <class F>
  requires std::is_invocable_v<F&, Job&>
  void job(std::string_view handler, F function) {
    add_message<Job>(SERAI_HANDLER_JOB, handler, std::move(function));
  }
  template <class P, class R, class Argument>
  void event(std::string_view handler, R (P::*function)(Argument)) {
    event(handler, bind(function));
  }
  template <class F>
  requires std::is_invocable_v<F&, Event&>
  void event(std::string_view handler, F function) {
    add_message<Event>(SERAI_HANDLER_EVENT, handler, std::move(function));
  }

  // Service: Json (sent as text), std::string (sent as it is) or void (null) from f(ServiceCall&).
  template <class P, class R, class Argument>
  void service(std::string_view handler, R (P::*function)(Argument)) {
    service(handler, bind(function));
  }
  template <class F>
  requires std::is_invocable_v<F&, ServiceCall&>
  void service(std::string_view handler, F function) {
    using Result = std::invoke_result_t<F&, ServiceCall&>;
    add(SERAI_HANDLER_SERVICE, handler,
        [function = std::move(function)](const detail::Context& context, const void* abi) {
          ServiceCall call(context, *static_cast<const serai_message*>(abi));
          if constexpr (std::is_void_v<Result>) {
            function(call);
            reply(context, "null");
          } else if constexpr (std::is_same_v<Result, Json>) {
            reply(context, dump_json(function(call)));
          } else {
            reply(context, function(call));
          }
        });
  }

  // For start(), stop() and threads; in a handler use the request's own.
  Log log() const { return Log(own_context()); }
  Clock clock() const { return Clock(own_context()); }

 private:
  friend class detail::Dispatch;

  struct Handler {
    std::uint32_t kind;
    std::string name;
    std::function<void(const detail::Context&, const void* abi)> run;
  };

  template <class P, class R, class Argument>
  auto bind(R (P::*function)(Argument)) {
    return
        [self = static_cast<P*>(this), function](std::remove_reference_t<Argument>& argument) -> R {
          return (self->*function)(argument);
        };
  }
  template <class P, class R, class Argument>
  auto bind(R (P::*function)(Argument) const) {
    return [self = static_cast<const P*>(this),
            function](std::remove_reference_t<Argument>& argument) -> R {
      return (self->*function)(argument);
    };
  }

  template <class M, class F>
  void add_message(std::uint32_t kind, std::string_view handler, F function) {
    add(kind, handler,
        [function = std::move(function)](const detail::Context& context, const void* abi) {
          M message(context, *static_cast<const serai_message*>(abi));
          function(message);
        });
  }

  void add(std::uint32_t kind, std::string_view name,
           std::function<void(const detail::Context&, const void*)> run) {
    if (find(kind, name) >= 0) {
      throw std::logic_error("Two handlers of one kind are called `" + std::string(name) + "`.");
    }
    handlers_.push_back({kind, std::string(name), std::move(run)});
  }

  std::int32_t find(std::uint32_t kind, std::string_view name) const noexcept {
    for (std::size_t i = 0; i < handlers_.size(); ++i) {
      if (handlers_[i].kind == kind && handlers_[i].name == name) {
        return static_cast<std::int32_t>(i);
      }
    }
    return -1;
  }

  static void reply(const detail::Context& context, std::string_view payload) {
    detail::check(context,
                  context.interfaces->response->reply(context.call, detail::to_str(payload)));
  }

  detail::Context own_context() const { return {interfaces_, 0}; }

  std::vector<Handler> handlers_;
  const detail::Interfaces* interfaces_ = nullptr;  // set right after construction
};

}  // namespace serai
