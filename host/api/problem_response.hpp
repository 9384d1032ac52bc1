// RFC 9457 problem documents: the one shape of every error a client can meet.
#pragma once

#include <string_view>

#include "base/problem.hpp"
#include "http/message.hpp"

namespace host::api {

// application/problem+json with type, title, status, detail, instance, code, success:false and,
// for validation, errors[]; Retry-After where the problem carries one. `detail` stands there a
// second time as `error`, which is where many frontends look second.
http::Response problem_response(const Problem& problem, std::string_view request_id);

}  // namespace host::api
