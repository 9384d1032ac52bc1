// The one exception of the SDK: what a handler throws to refuse a call, and what a failed host
// function becomes. It is not a report of a programming error for developers: its detail is shown
// to the caller, so it never contains an internal.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "serai/abi/base.h"

namespace serai {

// One faulty field of a request.
struct FieldError {
  std::string pointer;  // JSON pointer into the body ("/question"), or "query/<name>"
  std::string detail;   // one sentence for people
};

struct Problem : std::exception {
  // `status_` an HTTP status, `code_` a stable snake_case word for programs, `detail_` one sentence
  // for people.
  Problem(int status_, std::string code_, std::string detail_, std::vector<FieldError> errors_ = {})
      : status(status_),
        code(std::move(code_)),
        detail(std::move(detail_)),
        errors(std::move(errors_)) {}

  const char* what() const noexcept override { return detail.c_str(); }

  int status;
  std::string code;
  std::string detail;
  std::vector<FieldError> errors;
};

// 422 validation_failed with one faulty field.
inline Problem invalid_field(std::string pointer, std::string detail) {
  return {422,
          "validation_failed",
          "The request has a faulty field.",
          {FieldError{std::move(pointer), std::move(detail)}}};
}

// 404 not_found: "<what> was not found."
inline Problem not_found(const std::string& what) {
  return {404, "not_found", what + " was not found."};
}

// 409 with a code of the plugin's own.
inline Problem conflict(std::string code, std::string detail) {
  return {409, std::move(code), std::move(detail)};
}

namespace detail {

struct StatusRow {
  serai_status status;
  int http;
  const char* code;
};

// One table for both directions. The first row of an HTTP status is the one a Problem maps to.
inline constexpr StatusRow status_table[] = {
    {SERAI_E_INTERNAL, 500, "internal_error"},
    {SERAI_E_INVALID, 400, "bad_request"},
    {SERAI_E_UNAUTHENTICATED, 401, "unauthenticated"},
    {SERAI_E_DENIED, 403, "forbidden"},
    {SERAI_E_NOT_FOUND, 404, "not_found"},
    {SERAI_E_CONFLICT, 409, "conflict"},
    {SERAI_E_TOO_LARGE, 413, "too_large"},
    {SERAI_E_UNSUPPORTED_TYPE, 415, "unsupported_media_type"},
    {SERAI_E_UNPROCESSABLE, 422, "validation_failed"},
    {SERAI_E_RATE_LIMITED, 429, "rate_limited"},
    {SERAI_E_UNSUPPORTED, 501, "not_supported"},
    {SERAI_E_UPSTREAM, 502, "bad_upstream"},
    {SERAI_E_UNAVAILABLE, 503, "unavailable"},
    {SERAI_E_DEADLINE, 504, "deadline_exceeded"},
    {SERAI_E_STALE, 500, "stale_handle"},
};

// The row of a status; an unknown negative status is an internal error.
inline const StatusRow& row_of_status(serai_status status) noexcept {
  for (const StatusRow& row : status_table) {
    if (row.status == status) return row;
  }
  return status_table[0];
}

// The ABI status that says exactly `http`, or SERAI_OK if there is none.
inline serai_status exact_status(int http) noexcept {
  for (const StatusRow& row : status_table) {
    if (row.http == http) return row.status;
  }
  return SERAI_OK;
}

// The same, or the nearest of its class.
inline serai_status nearest_status(int http) noexcept {
  const serai_status exact = exact_status(http);
  if (exact != SERAI_OK) return exact;
  return http >= 400 && http < 500 ? SERAI_E_INVALID : SERAI_E_INTERNAL;
}

}  // namespace detail
}  // namespace serai
