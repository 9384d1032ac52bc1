// CallToken: who is asking, for which tenant, through which plugin, until when. It is the only
// source of a tenant in the whole host (every storage, job and plugin interface takes a token and
// none takes a tenant id), and only tenancy::TokenMint can make one, out of a verified credential,
// a job row read from that tenant's own store, or the operator's command line.
//
// Immutable, cheap to copy, safe to share between threads.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace host {

namespace tenancy {
class TokenMint;
}

class CallToken {
 public:
  // The tenant's id: its slug, [a-z0-9_-]{3,50}. Empty for a platform administrator's call, which
  // reaches no tenant's store.
  const std::string& tenant() const { return state_->tenant; }
  // Id of the user, empty for a job, an event or a public route.
  const std::string& user() const { return state_->user; }
  const std::string& user_email() const { return state_->user_email; }
  const std::string& user_name() const { return state_->user_name; }
  const std::string& role() const { return state_->role; }
  const std::string& session() const { return state_->session; }
  const std::string& request_id() const { return state_->request_id; }
  // W3C trace context of the caller, empty if it sent none.
  const std::string& traceparent() const { return state_->traceparent; }
  bool platform_admin() const { return state_->platform_admin; }
  bool allows(std::string_view permission) const {
    return state_->permissions->contains(permission) || state_->permissions->contains("*");
  }

  // Id of the plugin on whose behalf the host is being called; empty: the host itself.
  const std::string& plugin() const { return plugin_; }
  // How deep in a chain of service calls this is; 0 for the call the client made.
  int depth() const { return depth_; }
  Deadline deadline() const { return deadline_; }
  bool expired() const { return std::chrono::steady_clock::now() >= deadline_; }

  // The same caller and tenant, now acting through `plugin`, one level deeper if it came from one.
  CallToken through(std::string plugin) const {
    CallToken token = *this;
    token.depth_ += plugin_.empty() ? 0 : 1;
    token.plugin_ = std::move(plugin);
    return token;
  }
  // The same call with less time: a deadline can only come nearer.
  CallToken until(Deadline deadline) const {
    CallToken token = *this;
    if (deadline < token.deadline_) token.deadline_ = deadline;
    return token;
  }

 private:
  friend class tenancy::TokenMint;
  using Permissions = std::set<std::string, std::less<>>;
  struct State {
    std::string tenant, user, user_email, user_name, role, session, request_id, traceparent;
    std::shared_ptr<const Permissions> permissions;
    bool platform_admin = false;
  };
  CallToken(std::shared_ptr<const State> state, Deadline deadline)
      : state_(std::move(state)), deadline_(deadline) {}

  std::shared_ptr<const State> state_;
  std::string plugin_;
  Deadline deadline_;
  int depth_ = 0;
};

}  // namespace host
