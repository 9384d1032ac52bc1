// Statuses and problems; see the header.
#include "plugins/status.hpp"

#include <algorithm>
#include <new>

#include "observe/log.hpp"
#include "storage/sql.hpp"

namespace host::plugins {
namespace {

struct Line {
  serai_status status;
  int http;
  const char* code;
  const char* detail;
};

constexpr Line kTable[] = {
    {SERAI_E_INTERNAL, 500, "internal_error", "Something went wrong on our side."},
    {SERAI_E_INVALID, 400, "bad_request", "The request is malformed."},
    {SERAI_E_UNAUTHENTICATED, 401, "unauthenticated", "Please log in."},
    {SERAI_E_DENIED, 403, "forbidden", "This is not allowed."},
    {SERAI_E_NOT_FOUND, 404, "not_found", "There is no such thing."},
    {SERAI_E_CONFLICT, 409, "conflict", "This conflicts with the present state."},
    {SERAI_E_TOO_LARGE, 413, "too_large", "This is larger than allowed."},
    {SERAI_E_UNPROCESSABLE, 422, "validation_failed", "Some fields are not valid."},
    {SERAI_E_RATE_LIMITED, 429, "rate_limited", "Too many requests; try again later."},
    {SERAI_E_UNAVAILABLE, 503, "unavailable", "A needed service is down; try again later."},
    {SERAI_E_DEADLINE, 504, "deadline_exceeded", "This took too long."},
    {SERAI_E_STALE, 500, "internal_error", "Something went wrong on our side."},
    {SERAI_E_UNSUPPORTED, 501, "not_supported", "This host does not offer that."},
    {SERAI_E_UNSUPPORTED_TYPE, 415, "unsupported_media_type", "This media type is not accepted."},
    {SERAI_E_UPSTREAM, 502, "bad_gateway", "Another service gave an unusable answer."},
};

const Line& line_of(serai_status status) {
  for (const auto& line : kTable)
    if (line.status == status) return line;
  return kTable[0];  // unknown codes of a newer SDK are faults of nobody's input
}

// A stable code is snake_case; anything else would leak into clients' switches.
bool good_code(const std::string& code) {
  return !code.empty() && code.size() <= 64 &&
         std::all_of(code.begin(), code.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

HostFailure of_sql(const storage::SqlError& error) {
  switch (error.fault()) {
    case storage::SqlFault::unique:
      return {SERAI_E_CONFLICT, "unique", error.what()};
    case storage::SqlFault::foreign_key:
      return {SERAI_E_CONFLICT, "foreign_key", error.what()};
    case storage::SqlFault::not_null:
      return {SERAI_E_UNPROCESSABLE, "not_null", error.what()};
    case storage::SqlFault::check:
      return {SERAI_E_UNPROCESSABLE, "check", error.what()};
    case storage::SqlFault::busy:
      return {SERAI_E_UNAVAILABLE, "busy", error.what()};
    case storage::SqlFault::timeout:
      return {SERAI_E_DEADLINE, "timeout", error.what()};
    case storage::SqlFault::denied:
      return {SERAI_E_DENIED, "denied", error.what()};
    case storage::SqlFault::syntax:
      return {SERAI_E_INVALID, "syntax", error.what()};
    case storage::SqlFault::full:
      return {SERAI_E_UNAVAILABLE, "database_full", "The database has no room left."};
    case storage::SqlFault::io:
      break;
  }
  // A server that restarts, a disk that fails: its words are for the log.
  return {SERAI_E_UNAVAILABLE, "database_unavailable", "The database does not answer."};
}

}  // namespace

Problem problem_of(serai_status status, const CallContext::Failure& failure) {
  const Line& line = line_of(status);
  Problem problem(line.http, good_code(failure.code) ? failure.code : line.code,
                  failure.detail.empty() ? line.detail : failure.detail, failure.errors);
  if (line.http == 429 || line.http == 503) problem.retry_after(5);
  return problem;
}

serai_status status_of(int http_status) noexcept {
  for (const auto& line : kTable)
    if (line.http == http_status) return line.status;
  return http_status >= 400 && http_status < 500 ? SERAI_E_INVALID : SERAI_E_INTERNAL;
}

HostFailure host_failure(const std::exception_ptr& error) noexcept {
  try {
    try {
      std::rethrow_exception(error);
    } catch (const Problem& problem) {
      return {status_of(problem.status()), problem.code(), problem.detail()};
    } catch (const storage::SqlError& sql) {
      return of_sql(sql);
    } catch (const std::bad_alloc&) {
      return {SERAI_E_UNAVAILABLE, "", ""};
    } catch (const std::exception& other) {
      return {SERAI_E_INTERNAL, "internal_error", other.what()};
    } catch (...) {
      return {SERAI_E_INTERNAL, "internal_error", "unknown"};
    }
  } catch (...) {  // no memory even for the text
    return {SERAI_E_UNAVAILABLE, "", ""};
  }
}

}  // namespace host::plugins
