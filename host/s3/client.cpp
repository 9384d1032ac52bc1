// Operations, attempts and failures; see the header.
#include "s3/client.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <stdexcept>
#include <thread>

#include "base/sha256.hpp"
#include "observe/metrics.hpp"

namespace host::s3 {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kLongestDocument = 4 << 20;  // a page of 1,000 keys is far below
constexpr milliseconds kLeastTime{20};  // less is not enough to connect and be answered

milliseconds random_pause(milliseconds longest) {
  thread_local std::minstd_rand random(std::random_device{}());
  std::uniform_int_distribution<std::int64_t> below(0, std::max<std::int64_t>(0, longest.count()));
  return milliseconds(below(random));
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Worth another attempt: the store's trouble, or bytes damaged on the way.
bool transient(int status, std::string_view code) {
  return status == 0 || status == 408 || status == 429 || status == 500 || status == 502 ||
         status == 503 || status == 504 ||
         one_of(code, {"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable",
                       "BadDigest", "IncompleteBody", "XAmzContentSHA256Mismatch"});
}

std::string described(const HttpAnswer& answer, const ErrorAnswer& error) {
  if (answer.status == 0) return answer.fault;
  std::string text = "HTTP " + std::to_string(answer.status);
  if (!error.code.empty()) text += " " + error.code.substr(0, 60);
  if (!error.message.empty()) text += ": " + error.message.substr(0, 200);
  return text;
}

void count(std::string_view operation, std::string_view outcome) {
  observe::metrics()
      .counter("serai_blob_store_requests_total",
               "Attempts at the S3 store, by operation and outcome.",
               {{"operation", std::string(operation)}, {"outcome", std::string(outcome)}})
      .add();
}

struct Address {
  std::string scheme, authority;
};

Address parse_endpoint(const std::string& url) {
  for (const std::string scheme : {"https", "http"}) {
    if (!url.starts_with(scheme + "://")) continue;
    std::string authority = url.substr(scheme.size() + 3);
    if (authority.ends_with('/')) authority.pop_back();
    if (authority.empty() || authority.find_first_of("/?#@ ") != std::string::npos) break;
    // What libcurl leaves out of the Host header must not be signed either.
    const std::string standard = scheme == "https" ? ":443" : ":80";
    if (authority.ends_with(standard)) authority.resize(authority.size() - standard.size());
    return {scheme, authority};
  }
  throw std::invalid_argument("not an http(s) address without a path: " + url);
}

}  // namespace

struct Client::Call {
  std::string_view operation;
  std::string method, key;  // empty key: the bucket itself
  Pairs query, headers;
  std::string_view body;
  std::string hash;
  std::uint64_t longest_answer = kLongestDocument;
  Deadline deadline;
};

Client::Client(ClientOptions options)
    : options_(std::move(options)),
      transport_(options_.connect_time),
      breaker_(options_.breaker_pause) {
  const auto inside = parse_endpoint(options_.endpoint);
  const auto outside =
      options_.public_endpoint.empty() ? inside : parse_endpoint(options_.public_endpoint);
  const std::string front = options_.bucket_in_host ? options_.bucket + "." : "";
  host_ = front + inside.authority;
  origin_ = inside.scheme + "://" + host_;
  public_host_ = front + outside.authority;
  public_origin_ = outside.scheme + "://" + public_host_;
  path_prefix_ = options_.bucket_in_host ? "/" : "/" + options_.bucket + "/";
}

HttpRequest Client::signed_request(const Call& call, Timestamp time) const {
  static const std::string kEmptyHash = sha256_digits("");
  SignedRequest request{call.method, path_prefix_ + call.key, call.query, call.headers};
  if (call.key.empty() && !options_.bucket_in_host) request.path.pop_back();
  const std::string& hash = call.hash.empty() ? kEmptyHash : call.hash;
  request.headers.emplace_back("host", host_);
  request.headers.emplace_back("x-amz-content-sha256", hash);
  request.headers.emplace_back("x-amz-date", amz_date(time));
  const std::string proof =
      authorization(request, hash, time, options_.credentials, {options_.region, "s3"});

  HttpRequest http;
  http.method = call.method;
  http.url = origin_ + uri_encode(request.path, true);
  if (!call.query.empty()) http.url += "?" + encoded_query(call.query);
  http.headers = std::move(request.headers);
  http.headers.emplace_back("authorization", proof);
  http.body = call.body;
  http.longest_answer = call.longest_answer;
  return http;
}

// Every attempt is safe to repeat: keys are written once and by one writer, with the same bytes.
HttpAnswer Client::perform(const Call& call) {
  using Steady = std::chrono::steady_clock;
  const auto deadline = std::min(call.deadline, Steady::now() + options_.total_time);
  std::string last = "no time was left";
  for (int attempt = 1; attempt <= options_.attempts; ++attempt) {
    const auto begun = Steady::now();
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - begun);
    if (left < kLeastTime || stopped()) break;
    if (!breaker_.admit(begun)) {
      count(call.operation, "not_asked");
      if (attempt > 1) note(last);  // others have closed the door meanwhile
      throw ClientError(Failure::unavailable, "not asked, since it failed before: " + trouble());
    }
    HttpRequest request = signed_request(call, now());
    request.time = std::min(left, options_.request_time);
    HttpAnswer answer = transport_.send(request);
    observe::metrics()
        .histogram("serai_blob_store_request_seconds", "Time of one attempt at the S3 store.",
                   {{"operation", std::string(call.operation)}})
        .observe(std::chrono::duration<double>(Steady::now() - begun).count());
    if (answer.status >= 200 && answer.status < 300) {
      breaker_.succeeded();
      note("");
      count(call.operation, "ok");
      return answer;
    }
    const ErrorAnswer error = answer.status == 0 ? ErrorAnswer{} : read_error(answer.body);
    last = described(answer, error);
    if (!transient(answer.status, error.code)) {
      breaker_.succeeded();  // it answers; what it says is no sign of trouble that passes
      if (answer.status == 404 && error.code != "NoSuchBucket") {
        count(call.operation, "missing");
        throw ClientError(Failure::missing, last);
      }
      count(call.operation, "refused");
      const bool skewed = error.code == "RequestTimeTooSkewed";
      if (skewed)
        last = "the clocks differ too much: this host says " + to_text(now()) +
               ", the store says " + std::string(answer.header("date")) +
               "; set this host's clock (NTP)";
      if (answer.status >= 300 && answer.status < 400)
        last += ": the bucket is elsewhere; check endpoint and region";
      note(last);
      throw ClientError(skewed ? Failure::skewed : Failure::refused, last);
    }
    breaker_.failed(Steady::now());
    count(call.operation, answer.status == 0 ? "unreachable" : "busy");
    if (attempt == options_.attempts) break;
    const auto pause =
        random_pause(std::min(options_.longest_pause, options_.first_pause * (1 << (attempt - 1))));
    if (Steady::now() + pause + kLeastTime >= deadline) break;
    std::this_thread::sleep_for(pause);
  }
  note(last);
  throw ClientError(Failure::unavailable, last);
}

void Client::put(const std::string& key, std::string_view body, const std::string& sha256,
                 Deadline deadline) {
  (void)perform({"put", "PUT", key, {}, {}, body, sha256, kLongestDocument, deadline});
}

std::string Client::get(const std::string& key, std::uint64_t offset, std::uint64_t size,
                        Deadline deadline) {
  if (size == 0) return {};
  Call call{"get", "GET", key, {}, {}, {}, {}, std::max(size, kLongestDocument), deadline};
  call.headers.emplace_back(
      "range", "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + size - 1));
  HttpAnswer answer = perform(call);
  // 200 would be the object from its beginning.
  if (answer.body.size() != size || (answer.status != 206 && offset != 0))
    throw ClientError(Failure::missing, "the object is shorter or longer than it was");
  return std::move(answer.body);
}

void Client::remove(const std::string& key, Deadline deadline) {
  try {
    (void)perform({"delete", "DELETE", key, {}, {}, {}, {}, kLongestDocument, deadline});
  } catch (const ClientError& error) {
    if (error.failure() != Failure::missing) throw;
  }
}

ObjectPage Client::list(const std::string& prefix, const std::string& token, Deadline deadline) {
  Call call{"list",           "GET",   "", {{"list-type", "2"}, {"prefix", prefix}}, {}, {}, {},
            kLongestDocument, deadline};
  if (!token.empty()) call.query.emplace_back("continuation-token", token);
  try {
    return read_objects(perform(call).body);
  } catch (const BadAnswer& bad) {
    throw ClientError(Failure::refused, std::string("list: ") + bad.what());
  }
}

std::string Client::create_upload(const std::string& key, Deadline deadline) {
  try {
    return read_upload_id(perform({"create_upload",
                                   "POST",
                                   key,
                                   {{"uploads", ""}},
                                   {},
                                   {},
                                   {},
                                   kLongestDocument,
                                   deadline})
                              .body);
  } catch (const BadAnswer& bad) {
    throw ClientError(Failure::refused, std::string("create_upload: ") + bad.what());
  }
}

std::string Client::put_part(const std::string& key, const std::string& upload, int number,
                             std::string_view body, const std::string& sha256, Deadline deadline) {
  const auto answer = perform({"put_part",
                               "PUT",
                               key,
                               {{"partNumber", std::to_string(number)}, {"uploadId", upload}},
                               {},
                               body,
                               sha256,
                               kLongestDocument,
                               deadline});
  std::string etag(answer.header("etag"));
  if (etag.empty()) throw ClientError(Failure::refused, "put_part: the answer has no ETag");
  return etag;
}

void Client::complete_upload(const std::string& key, const std::string& upload,
                             const std::vector<std::string>& etags, std::uint64_t size,
                             Deadline deadline) {
  const std::string body = parts_document(etags);
  for (int attempt = 1;; ++attempt) {
    try {
      const auto answer = perform({"complete_upload",
                                   "POST",
                                   key,
                                   {{"uploadId", upload}},
                                   {},
                                   body,
                                   sha256_digits(body),
                                   kLongestDocument,
                                   deadline});
      const ErrorAnswer error = read_completed(answer.body);
      if (error.code.empty()) return;
      // S3 sends 200 before it begins, and may still fail.
      if (attempt < options_.attempts && transient(200, error.code)) continue;
      throw ClientError(Failure::unavailable, "complete_upload: " + error.code);
    } catch (const BadAnswer& bad) {
      throw ClientError(Failure::refused, std::string("complete_upload: ") + bad.what());
    } catch (const ClientError& error) {
      if (error.failure() != Failure::missing) throw;
      // Perhaps an earlier attempt was carried out and only its answer was lost.
      const auto answer =
          perform({"head", "HEAD", key, {}, {}, {}, {}, kLongestDocument, deadline});
      if (answer.header("content-length") != std::to_string(size)) throw;
      return;
    }
  }
}

void Client::abort_upload(const std::string& key, const std::string& upload, Deadline deadline) {
  try {
    (void)perform({"abort_upload",
                   "DELETE",
                   key,
                   {{"uploadId", upload}},
                   {},
                   {},
                   {},
                   kLongestDocument,
                   deadline});
  } catch (const ClientError& error) {
    if (error.failure() != Failure::missing) throw;
  }
}

UploadPage Client::list_uploads(const std::string& prefix, const UploadPage& after,
                                Deadline deadline) {
  Call call{"list_uploads",   "GET",   "", {{"uploads", ""}, {"prefix", prefix}}, {}, {}, {},
            kLongestDocument, deadline};
  if (!after.next_key.empty()) call.query.emplace_back("key-marker", after.next_key);
  if (!after.next_id.empty()) call.query.emplace_back("upload-id-marker", after.next_id);
  try {
    return read_uploads(perform(call).body);
  } catch (const BadAnswer& bad) {
    throw ClientError(Failure::refused, std::string("list_uploads: ") + bad.what());
  }
}

std::string Client::link(const std::string& key, const Pairs& parameters,
                         std::chrono::seconds life) const {
  const SignedRequest request{"GET", path_prefix_ + key, parameters, {{"host", public_host_}}};
  return public_origin_ + uri_encode(request.path, true) + "?" +
         presigned_query(request, now(), life, options_.credentials, {options_.region, "s3"});
}

void Client::probe(const std::string& prefix) noexcept {
  try {
    Call call{"probe",
              "GET",
              "",
              {{"list-type", "2"}, {"max-keys", "1"}, {"prefix", prefix}},
              {},
              {},
              {},
              kLongestDocument,
              std::chrono::steady_clock::now() + options_.request_time};
    (void)read_objects(perform(call).body);
  } catch (const BadAnswer& bad) {
    note(std::string("what answers is no S3 store: ") + bad.what());
  } catch (const std::exception&) {
    return;  // noted where it failed
  }
}

std::string Client::trouble() const {
  const std::lock_guard lock(trouble_mutex_);
  return trouble_;
}

void Client::note(const std::string& trouble) {
  const std::lock_guard lock(trouble_mutex_);
  trouble_ = trouble;
  observe::metrics()
      .gauge("serai_blob_store_up", "1: the S3 store answered the last request as it should.")
      .set(trouble.empty() ? 1 : 0);
}

}  // namespace host::s3
