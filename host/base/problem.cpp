#include "base/problem.hpp"

#include <utility>

namespace host {

Problem::Problem(int status, std::string code, std::string detail, std::vector<FieldError> errors)
    : status_(status),
      code_(std::move(code)),
      detail_(std::move(detail)),
      errors_(std::move(errors)) {}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

Problem bad_request(std::string detail) { return {400, "bad_request", std::move(detail)}; }
Problem unauthorized(std::string code, std::string detail) {
  return {401, std::move(code), std::move(detail)};
}
Problem forbidden(std::string code, std::string detail) {
  return {403, std::move(code), std::move(detail)};
}
Problem not_found(std::string detail) { return {404, "not_found", std::move(detail)}; }
Problem conflict(std::string code, std::string detail) {
  return {409, std::move(code), std::move(detail)};
}
Problem unprocessable(std::vector<FieldError> errors) {
  std::string detail = errors.size() == 1 ? errors.front().detail : "Some fields are not valid.";
  return {422, "validation_failed", std::move(detail), std::move(errors)};
}
Problem too_many_requests(std::string detail, int retry_after_s) {
  return Problem(429, "rate_limited", std::move(detail)).retry_after(retry_after_s);
}
Problem unavailable(std::string code, std::string detail, int retry_after_s) {
  return Problem(503, std::move(code), std::move(detail)).retry_after(retry_after_s);
}

}  // namespace host
