// The one table between the ABI's status codes and the host's problems, in both directions. Private
// to this room.
#pragma once

#include <exception>
#include <string>

#include "base/problem.hpp"
#include "plugins/call_context.hpp"
#include "serai/abi/base.h"

namespace host::plugins {

// What a handler's negative status means to the client. `failure` may be empty.
Problem problem_of(serai_status status, const CallContext::Failure& failure);

// What a host function answers for an exception, and the text last_error() then gives.
struct HostFailure {
  serai_status status;
  std::string code, detail;
};
HostFailure host_failure(const std::exception_ptr& error) noexcept;
serai_status status_of(int http_status) noexcept;

}  // namespace host::plugins
