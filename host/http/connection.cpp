// A connection's reading half: bytes to requests, requests to the service, faults and deadlines.
#include "http/connection.hpp"

#include <limits>

#include "base/problem.hpp"
#include "http/response_head.hpp"
#include "http/spooled_file.hpp"
#include "observe/log.hpp"

namespace host::http {
namespace {

// A body this small is read to its end after its request was refused, so that the connection lives
// on.
constexpr std::uint64_t kDiscardLimit = 64 * 1024;
constexpr std::size_t kKeptCapacity = 16 * 1024;

}  // namespace

Connection::Connection(std::shared_ptr<Engine> engine, std::uint64_t number, std::string address,
                       bool secure)
    : engine_(std::move(engine)),
      number_(number),
      address_(std::move(address)),
      secure_(secure),
      codec_(engine_->limits()),
      deadline_(std::numeric_limits<Clock::rep>::max()) {}

Connection::~Connection() = default;

void Connection::attach(std::unique_ptr<Channel> channel) {
  Lock lock(mutex_);
  channel_ = std::move(channel);
  // The host may have begun to stop since the connection was opened.
  if (phase_ == Phase::dead) return channel_->shut_down();
  set_deadline(Timeout::idle, engine_->limits().idle_time);
}

void Connection::on_input(std::string_view bytes) {
  Lock lock(mutex_);
  if (phase_ == Phase::dead || !channel_) return;
  try {
    if (channel_->encrypted()) {
      plain_.clear();
      const bool intact = channel_->decrypt(bytes, plain_);
      if (!intact) return broken();
      bytes = plain_;
      if (!channel_->flush()) settle();
    }
    if (phase_ == Phase::closing || phase_ == Phase::lingering || overrun_ || bytes.empty()) return;
    if (processing_ || phase_ != Phase::reading || pending_ >= engine_->limits().output_backlog) {
      // Not its turn yet. A listener that cannot stop reading gets what is too much thrown away;
      // the requests that came whole are answered, then the client hears of it.
      if (!channel_->can_pause() && buffered() + bytes.size() > engine_->limits().pipelined_bytes) {
        overrun_ = true;
        return;
      }
      input_.append(bytes);
      return;
    }
    process(lock, bytes);
  } catch (const std::exception& error) {
    give_up(lock, error.what());
  }
}

bool Connection::wants_input() {
  Lock lock(mutex_);
  paused_ = buffered() >= engine_->limits().pipelined_bytes && phase_ != Phase::closing &&
            phase_ != Phase::lingering && phase_ != Phase::dead;
  return !paused_;
}

bool Connection::on_end_of_input() {
  Lock lock(mutex_);
  input_ended_ = true;
  const bool busy = phase_ == Phase::serving || (phase_ == Phase::streaming && !endless_) ||
                    (phase_ == Phase::closing && pending_ > 0) ||
                    (phase_ == Phase::reading && (processing_ || pending_ > 0 || buffered() > 0));
  return busy;
}

void Connection::detach() {
  {
    Lock lock(mutex_);
    if (detached_) return;
    detached_ = true;
    end_all();
    if (!processing_) release_input();
  }
  engine_->close(number_, address_);
}

void Connection::pump() {
  Lock lock(mutex_);
  if (processing_ || !channel_) return;
  try {
    process(lock, {});
  } catch (const std::exception& error) {
    give_up(lock, error.what());
  }
}

void Connection::give_up(Lock& lock, const char* reason) {
  if (!lock.owns_lock()) lock.lock();
  processing_ = false;
  observe::log(observe::Level::error, std::string("connection given up: ") + reason);
  if (phase_ != Phase::dead) broken();
}

// Runs requests until input, patience or the service's synchronous answers run out. Only one thread
// at a time is in here (processing_); the others leave their bytes in input_.
void Connection::process(Lock& lock, std::string_view fresh) {
  processing_ = true;
  while (phase_ == Phase::reading && pending_ < engine_->limits().output_backlog) {
    if (!step(lock, fresh)) break;
  }
  if (!fresh.empty() &&
      (phase_ == Phase::reading || phase_ == Phase::serving || phase_ == Phase::streaming)) {
    input_.append(fresh);
  }
  processing_ = false;
  release_input();
}

// One event of the codec. False: wait for more input.
bool Connection::step(Lock& lock, std::string_view& fresh) {
  const bool from_buffer = buffered() > 0;
  if (from_buffer && !fresh.empty()) {
    input_.append(fresh);
    fresh = {};
  }
  auto input = from_buffer ? std::string_view(input_).substr(input_used_) : fresh;
  const auto event = codec_.next(input);
  // Written down before the lock can be let go: others may append to input_ meanwhile.
  if (from_buffer) {
    input_used_ = input_.size() - input.size();
  } else {
    fresh = input;
  }
  switch (event) {
    case Codec::Event::need_more:
      on_starved();
      if (overrun_ && phase_ == Phase::reading) {
        answer_error(lock, 503, "pipeline_too_long", "More was sent ahead than this server keeps.",
                     true);
      }
      return false;
    case Codec::Event::head:
      on_head(lock);
      return true;
    case Codec::Event::body:
      if (!discarding_) keep_body(codec_.body());
      return true;
    case Codec::Event::complete:
      on_complete(lock);
      return true;
    case Codec::Event::error:
      on_fault(lock, codec_.fault());
      return false;
  }
  return false;
}

// All that came has been read. Sets the deadline for what must come next.
void Connection::on_starved() {
  if (pending_ > 0) return;  // the write deadline stands; settle() comes back here
  if (input_ended_) return broken();
  const auto& limits = engine_->limits();
  if (codec_.at_rest()) {
    if (engine_->draining()) return broken();  // drain() passed by while this thread was in here
    set_deadline(Timeout::idle, limits.idle_time);
  } else if (admitted_ || discarding_) {
    set_deadline(Timeout::body, limits.body_time);
  } else if (deadline_kind_ != Timeout::header) {
    set_deadline(Timeout::header, limits.header_time);
  }
}

void Connection::on_head(Lock& lock) {
  auto& head = codec_.request();
  head.peer_address = address_;
  head.secure = secure_;
  ++request_;
  admitted_ = true;
  ++open_requests_;
  engine_->request_began();
  engine_->count().requests.add();
  keep_alive_ = codec_.keep_alive();
  head_only_ = head.method == "HEAD";
  version_minor_ = head.version_minor;
  if (pending_ == 0) set_deadline(Timeout::handler, engine_->limits().handler_time);

  const auto request = request_;
  Admission admission;
  std::unique_ptr<Response> refusal;
  lock.unlock();
  try {
    admission = engine_->service().admit(head);
  } catch (const Problem& problem) {
    refusal = std::make_unique<Response>(
        engine_->service().error(problem.status(), problem.code(), problem.detail()));
    if (problem.retry_after() > 0) {
      refusal->headers.set("Retry-After", std::to_string(problem.retry_after()));
    }
  } catch (const std::exception& error) {
    observe::log(observe::Level::error, std::string("admit failed: ") + error.what());
    refusal = std::make_unique<Response>(
        engine_->service().error(500, "internal_error", "The server met an unexpected condition."));
  }
  lock.lock();
  if (phase_ != Phase::reading || request_ != request) return;
  if (refusal) return on_refused(lock, std::move(*refusal));

  const auto body_limit = admission.body_limit > 0 ? admission.body_limit : engine_->limits().body;
  handler_time_ =
      admission.handler_time.count() > 0 ? admission.handler_time : engine_->limits().handler_time;
  codec_.limit_body(body_limit);
  const auto length = codec_.content_length().value_or(0);
  if (codec_.expects_continue() && codec_.has_body() && length <= body_limit && buffered() == 0) {
    send_pieces("HTTP/1.1 100 Continue\r\n\r\n", {}, nullptr);
  }
  if (length > 0 && length <= body_limit && length <= engine_->limits().body_in_memory) {
    codec_.request().body.reserve(length);
  }
}

// Refused by admit(): the answer goes now; the body is let pass if it is small, else the connection
// ends with it. A client that waits for 100-continue may or may not send its body: it must
// reconnect.
void Connection::on_refused(Lock&, Response response) {
  const bool unread = codec_.has_body();
  const bool small = codec_.content_length().value_or(kDiscardLimit + 1) <= kDiscardLimit;
  const bool close = unread && (!small || codec_.expects_continue());
  codec_.limit_body(kDiscardLimit);
  phase_ = Phase::serving;
  admitted_ = false;
  if (!valid_head(response)) response = Response{500, {}, {}, {}};
  send_answer(response, close);
  discarding_ = phase_ == Phase::reading;
}

void Connection::keep_body(std::string_view bytes) {
  auto& request = codec_.request();
  if (!request.spooled && request.body.size() + bytes.size() > engine_->limits().body_in_memory) {
    request.spooled = std::make_shared<SpooledFile>();
    request.spooled->append(request.body);
    std::string().swap(request.body);
  }
  if (request.spooled) {
    request.spooled->append(bytes);
  } else {
    request.body.append(bytes);
  }
}

void Connection::on_complete(Lock& lock) {
  if (discarding_) {
    discarding_ = false;
    codec_.reset();
    return;
  }
  auto request = std::move(codec_.request());
  codec_.reset();
  phase_ = Phase::serving;
  admitted_ = false;
  const auto number = request_;
  current_ = number;
  if (pending_ == 0) set_deadline(Timeout::handler, handler_time_);
  lock.unlock();
  try {
    engine_->service().handle(std::move(request), Reply(shared_from_this(), number));
  } catch (const std::exception& error) {  // the reply, destroyed on the way, has answered 500
    observe::log(observe::Level::error, std::string("handler failed: ") + error.what());
  } catch (...) {
    observe::log(observe::Level::error, "handler failed with an exception of no known type");
  }
  lock.lock();
}

void Connection::on_fault(Lock& lock, const Fault& fault) {
  engine_->count_malformed(fault.code);
  if (discarding_) {  // already answered
    phase_ = Phase::closing;
    return settle();
  }
  answer_error(lock, fault.status, fault.code, fault.detail, true);
}

// Answers in the service's stead; whoever holds the reply of this request comes too late.
void Connection::answer_error(Lock& lock, int status, std::string_view code,
                              std::string_view detail, bool close) {
  const bool counted = admitted_ || phase_ == Phase::serving;
  if (phase_ == Phase::reading && !admitted_) head_only_ = false;
  const auto request = ++request_;
  current_ = 0;
  phase_ = Phase::serving;
  admitted_ = false;
  clear_deadline();
  if (!counted) {
    ++open_requests_;
    engine_->request_began();
  }
  lock.unlock();
  auto response = engine_->service().error(status, code, detail);
  lock.lock();
  if (phase_ != Phase::serving || request_ != request) return;
  if (!valid_head(response)) response = Response{status, {}, {}, {}};
  send_answer(response, close);
}

void Connection::on_deadline(Clock::time_point now) {
  Lock lock(mutex_);
  if (!overdue(now) || phase_ == Phase::dead || !channel_) return;
  const auto kind = deadline_kind_;
  clear_deadline();
  engine_->count_timeout(kind);
  switch (kind) {
    case Timeout::header:
    case Timeout::body:
      if (phase_ != Phase::reading || processing_) return;
      if (discarding_) return broken();
      answer_error(lock, 408, kind == Timeout::header ? "header_timeout" : "body_timeout",
                   "The request did not arrive in time.", true);
      return;
    case Timeout::handler:
      if (phase_ != Phase::serving) return;
      answer_error(lock, 504, "handler_timeout", "The request took too long to handle.", false);
      return;
    case Timeout::idle:
    case Timeout::write:
    case Timeout::linger:
      return broken();
  }
}

void Connection::drain() {
  Lock lock(mutex_);
  if (phase_ == Phase::reading && !processing_ && codec_.at_rest() && buffered() == 0 &&
      pending_ == 0) {
    broken();
  }
}

void Connection::shut_down() {
  Lock lock(mutex_);
  if (phase_ != Phase::dead) broken();
}

// Gives back what read-ahead has used, and lets a paused listener read again.
void Connection::release_input() {
  if (buffered() == 0 || phase_ == Phase::closing || phase_ == Phase::lingering ||
      phase_ == Phase::dead) {
    input_used_ = 0;
    if (input_.capacity() > kKeptCapacity) {
      std::string().swap(input_);
    } else {
      input_.clear();
    }
  } else if (input_used_ > engine_->limits().pipelined_bytes) {
    input_.erase(0, input_used_);
    input_used_ = 0;
  }
  if (paused_ && channel_ && phase_ != Phase::dead &&
      buffered() < engine_->limits().pipelined_bytes) {
    paused_ = false;
    channel_->resume_reading();
  }
}

}  // namespace host::http
