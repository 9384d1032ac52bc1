#include "tenancy/token_mint.hpp"

namespace host::tenancy {
namespace {

using Permissions = std::set<std::string, std::less<>>;

std::shared_ptr<const Permissions> none() {
  static const auto empty = std::make_shared<const Permissions>();
  return empty;
}

std::shared_ptr<const Permissions> all() {
  static const auto everything = std::make_shared<const Permissions>(Permissions{"*"});
  return everything;
}

}  // namespace

CallToken TokenMint::for_user(VerifiedUser user, CallInfo call) {
  auto state = std::make_shared<CallToken::State>();
  state->tenant = std::move(user.tenant);
  state->user = std::move(user.user);
  state->user_email = std::move(user.email);
  state->user_name = std::move(user.name);
  state->role = std::move(user.role);
  state->session = std::move(user.session);
  state->request_id = std::move(call.request_id);
  state->traceparent = std::move(call.traceparent);
  state->permissions = user.permissions ? std::move(user.permissions) : none();
  return {std::move(state), call.deadline};
}

CallToken TokenMint::for_platform_admin(std::string user, CallInfo call) {
  auto state = std::make_shared<CallToken::State>();
  state->user = std::move(user);
  state->role = "platform_admin";
  state->request_id = std::move(call.request_id);
  state->traceparent = std::move(call.traceparent);
  state->permissions = all();
  state->platform_admin = true;
  return {std::move(state), call.deadline};
}

CallToken TokenMint::for_tenant_administration(const CallToken& admin, std::string tenant) {
  auto state = std::make_shared<CallToken::State>(*admin.state_);
  state->tenant = std::move(tenant);
  return {std::move(state), admin.deadline_};
}

CallToken TokenMint::for_job(std::string tenant, std::string user, std::string request_id,
                             Deadline deadline) {
  auto state = std::make_shared<CallToken::State>();
  state->tenant = std::move(tenant);
  state->user = std::move(user);
  state->role = "job";
  state->request_id = std::move(request_id);
  state->permissions = all();
  return {std::move(state), deadline};
}

CallToken TokenMint::for_public(std::string tenant, CallInfo call) {
  auto state = std::make_shared<CallToken::State>();
  state->tenant = std::move(tenant);
  state->role = "public";
  state->request_id = std::move(call.request_id);
  state->traceparent = std::move(call.traceparent);
  state->permissions = none();
  return {std::move(state), call.deadline};
}

}  // namespace host::tenancy
