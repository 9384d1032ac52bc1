// The one shape of a failed request (RFC 9457 "problem details"). Code that cannot go on with the
// request at hand throws a Problem; the HTTP edge, the job runner and the command line each turn it
// into their own words. Parsers of untrusted bytes that fail as a matter of course return a status
// instead and leave the throwing to their caller.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace host {

// One fault inside a request document.
struct FieldError {
  std::string pointer;  // RFC 6901 JSON pointer into the body, or "query/<name>", "header/<name>"
  std::string detail;   // one sentence for a person
};

class Problem : public std::exception {
 public:
  // `status` is an HTTP status code; `code` a stable snake_case word for programs; `detail` one
  // sentence for people that never contains an internal (path, SQL, stack).
  Problem(int status, std::string code, std::string detail, std::vector<FieldError> errors = {});

  int status() const noexcept { return status_; }
  const std::string& code() const noexcept { return code_; }
  const std::string& detail() const noexcept { return detail_; }
  const std::vector<FieldError>& errors() const noexcept { return errors_; }

  // Seconds for Retry-After; 0: no such header.
  int retry_after() const noexcept { return retry_after_; }
  Problem& retry_after(int seconds) {
    retry_after_ = seconds;
    return *this;
  }

  const char* what() const noexcept override { return detail_.c_str(); }

 private:
  int status_;
  std::string code_;
  std::string detail_;
  std::vector<FieldError> errors_;
  int retry_after_ = 0;
};

// The standard reason phrase of an HTTP status ("Not Found"); "Unknown" for others.
std::string_view reason_phrase(int status) noexcept;

Problem bad_request(std::string detail);                           // 400 bad_request
Problem unauthorized(std::string code, std::string detail);        // 401
Problem forbidden(std::string code, std::string detail);           // 403
Problem not_found(std::string detail);                             // 404 not_found
Problem conflict(std::string code, std::string detail);            // 409
Problem unprocessable(std::vector<FieldError> errors);             // 422 validation_failed
Problem too_many_requests(std::string detail, int retry_after_s);  // 429 rate_limited
Problem unavailable(std::string code, std::string detail, int retry_after_s = 0);  // 503

}  // namespace host
