// A connection's writing half: answers to bytes, at once from the answering thread where the socket
// takes them, the rest by the engine's writer.
#include <array>
#include <charconv>
#include <limits>

#include <sys/uio.h>
#include <time.h>

#include "http/connection.hpp"
#include "http/response_head.hpp"
#include "http/spooled_file.hpp"

namespace host::http {
namespace {

constexpr std::chrono::milliseconds kLingerTime{2000};
// How much one connection may send in one turn of the writer before the others have theirs.
constexpr std::uint64_t kTurn = 1 << 20;

// Up to a tick of the kernel late, never early: deadlines are set several times in each request,
// and this clock costs a fifth of the exact one.
std::chrono::steady_clock::time_point about_now() {
  using std::chrono::nanoseconds, std::chrono::seconds;
  const auto read = [](auto function) {
    timespec time{};
    function(CLOCK_MONOTONIC_COARSE, &time);
    return seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
  };
  static const auto tick = read(::clock_getres);
  return std::chrono::steady_clock::time_point(read(::clock_gettime) + tick);
}

}  // namespace

// A streamed answer under way; see Reply::Stream.
class ConnectionStream final : public Reply::Stream {
 public:
  ConnectionStream(std::shared_ptr<Connection> connection, std::uint64_t request)
      : connection_(std::move(connection)), request_(request) {}
  ~ConnectionStream() override {
    if (!finished_) connection_->finish_stream(request_, false);
  }
  bool write(std::string_view piece) override {
    return !finished_ && connection_->write_piece(request_, piece);
  }
  void stay_open() override {
    if (!finished_) connection_->stay_open(request_);
  }
  bool offer(std::string_view piece, std::size_t most) override {
    return !finished_ && connection_->offer_piece(request_, piece, most);
  }
  void finish() override {
    if (finished_) return;
    finished_ = true;
    connection_->finish_stream(request_, true);
  }

 private:
  const std::shared_ptr<Connection> connection_;
  const std::uint64_t request_;
  bool finished_ = false;
};

void Connection::respond(std::uint64_t request, Response response) {
  if (gone(request)) {
    Lock lock(mutex_);
    (phase_ == Phase::dead ? engine_->count().dropped_departed : engine_->count().dropped_late)
        .add();
    return;
  }
  if (response.status == 0) {
    engine_->count().unanswered.add();
    response = engine_->service().error(500, "no_answer", "The request was not answered.");
  } else if (!valid_head(response)) {
    response =
        engine_->service().error(500, "invalid_answer", "The answer to the request was malformed.");
  }
  Lock lock(mutex_);
  if (phase_ != Phase::serving || current_ != request) {
    (phase_ == Phase::dead ? engine_->count().dropped_departed : engine_->count().dropped_late)
        .add();
    return;
  }
  send_answer(response, false);
}

std::unique_ptr<Reply::Stream> Connection::stream(std::uint64_t request, Response head) {
  auto stream = std::make_unique<ConnectionStream>(shared_from_this(), request);
  const bool valid = gone(request) || valid_head(head);
  if (!valid) {
    respond(request, engine_->service().error(500, "invalid_answer",
                                              "The answer to the request was malformed."));
    return stream;
  }
  Lock lock(mutex_);
  if (phase_ != Phase::serving || current_ != request) {
    (phase_ == Phase::dead ? engine_->count().dropped_departed : engine_->count().dropped_late)
        .add();
    return stream;
  }
  phase_ = Phase::streaming;
  endless_ = false;
  clear_deadline();
  chunked_stream_ = version_minor_ == 1;
  keep_alive_ =
      keep_alive_ && chunked_stream_ && !asks_close(head) && !engine_->last_answers() && !overrun_;
  head_.clear();
  append_head(
      head_, head,
      {chunked_stream_ ? Framing::chunked : Framing::until_close, 0, keep_alive_, version_minor_});
  if (!status_has_body(head.status)) head_only_ = true;
  send_pieces(head_, {}, nullptr);
  return stream;
}

bool Connection::write_piece(std::uint64_t request, std::string_view piece) {
  Lock lock(mutex_);
  drained_.wait(lock, [&] {
    return phase_ != Phase::streaming || current_ != request ||
           pending_ <= engine_->limits().output_backlog;
  });
  if (phase_ != Phase::streaming || current_ != request) return false;
  if (piece.empty() || head_only_) return true;
  send_framed(piece);
  return phase_ == Phase::streaming;
}

void Connection::send_framed(std::string_view piece) {
  if (!chunked_stream_) return send_pieces(piece, {}, nullptr);
  std::array<char, 18> size;
  char* end = std::to_chars(size.data(), size.data() + 16, piece.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  head_.assign(size.data(), end).append(piece).append("\r\n");
  send_pieces(head_, {}, nullptr);
}

bool Connection::offer_piece(std::uint64_t request, std::string_view piece, std::size_t most) {
  Lock lock(mutex_);
  if (phase_ != Phase::streaming || current_ != request) return false;
  if (piece.empty() || head_only_) return true;
  if (pending_ + piece.size() > most) return false;
  const bool behind = pending_ > 0;
  const auto deadline = deadline_.load(std::memory_order_relaxed);
  send_framed(piece);
  // More to send is no progress: the reader's time goes on from where it was.
  if (behind && phase_ == Phase::streaming) deadline_.store(deadline, std::memory_order_relaxed);
  return phase_ == Phase::streaming;
}

void Connection::stay_open(std::uint64_t request) {
  Lock lock(mutex_);
  if (phase_ != Phase::streaming || current_ != request) return;
  endless_ = true;
  if (input_ended_) broken();
}

void Connection::finish_stream(std::uint64_t request, bool whole) {
  Lock lock(mutex_);
  if (phase_ != Phase::streaming || current_ != request) return;
  if (!whole) return broken();
  current_ = 0;
  phase_ = keep_alive_ ? Phase::reading : Phase::closing;
  if (chunked_stream_ && !head_only_) return send_pieces("0\r\n\r\n", {}, nullptr);
  settle();
}

// Sends the answer to the request being served. After it the phase is reading or closing (or
// later).
void Connection::send_answer(Response& response, bool close) {
  current_ = 0;
  const bool keep =
      keep_alive_ && !close && !asks_close(response) && !engine_->last_answers() && !overrun_;
  const bool has_body = status_has_body(response.status);
  const auto length = response.file ? response.file->size() : response.body.size();
  head_.clear();
  append_head(head_, response, {Framing::length, has_body ? length : 0, keep, version_minor_});
  phase_ = keep ? Phase::reading : Phase::closing;
  clear_deadline();
  const bool send_body = has_body && !head_only_;
  if (send_body && response.file && length > 0) {
    output_.push_back({head_, nullptr, 0, head_.size()});
    output_.push_back({{}, std::move(response.file), 0, length});
    pending_ += head_.size() + length;
    if (output_.size() == 2) send_queue();
    return settle();
  }
  if (send_body && !response.body.empty()) {
    send_pieces(head_, response.body, &response.body);
  } else {
    send_pieces(head_, {}, nullptr);
  }
}

// Sends both pieces, or queues what the socket does not take; `owner_of_second` is robbed of its
// bytes rather than copied.
void Connection::send_pieces(std::string_view first, std::string_view second,
                             std::string* owner_of_second) {
  std::size_t sent = 0;
  if (pending_ == 0) {
    const std::array<iovec, 2> pieces{iovec{const_cast<char*>(first.data()), first.size()},
                                      iovec{const_cast<char*>(second.data()), second.size()}};
    const auto taken = channel_->write(pieces.data(), second.empty() ? 1 : 2);
    if (taken < 0) return broken();
    sent = static_cast<std::size_t>(taken);
  }
  if (sent < first.size()) {
    output_.push_back({std::string(first.substr(sent)), nullptr, 0, first.size() - sent});
    pending_ += first.size() - sent;
    sent = first.size();
  }
  if (sent < first.size() + second.size()) {
    const auto offset = sent - first.size();
    pending_ += second.size() - offset;
    const auto end = second.size();
    output_.push_back({std::move(*owner_of_second), nullptr, offset, end});
  }
  settle();
}

// Sends from the queue until the socket takes no more or this turn is over.
void Connection::send_queue() {
  std::uint64_t turn = 0;
  while (!output_.empty() && turn < kTurn) {
    auto& segment = output_.front();
    const auto left = segment.end - segment.offset;
    ssize_t taken = Channel::kUnsupported;
    if (segment.file)
      taken = channel_->send_file(*segment.file, segment.offset, std::min(left, kTurn));
    if (taken == Channel::kUnsupported) {
      std::array<char, 16 * 1024> block;
      std::string_view bytes;
      if (segment.file) {
        bytes = {block.data(), segment.file->read(segment.offset, block.data(),
                                                  std::min<std::uint64_t>(left, block.size()))};
        if (bytes.empty()) return broken();
      } else {
        bytes = std::string_view(segment.bytes).substr(segment.offset, std::min(left, kTurn));
      }
      const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
      taken = channel_->write(&piece, 1);
    }
    if (taken < 0) return broken();
    if (taken == 0) return;
    turn += static_cast<std::uint64_t>(taken);
    pending_ -= static_cast<std::uint64_t>(taken);
    segment.offset += static_cast<std::uint64_t>(taken);
    if (segment.offset == segment.end) output_.pop_front();
  }
}

// After anything was sent: what is left to wait for, and what comes next.
void Connection::settle() {
  if (phase_ == Phase::dead || phase_ == Phase::lingering) return;
  if (pending_ > 0 || !channel_->flush()) {
    set_deadline(Timeout::write, engine_->limits().write_time);
    channel_->want_write();
    return;
  }
  end_answered();
  switch (phase_) {
    case Phase::closing:
      phase_ = Phase::lingering;
      channel_->finish_writing();
      release_input();
      set_deadline(Timeout::linger, kLingerTime);
      if (input_ended_) broken();
      return;
    case Phase::reading:
      if (processing_) return;
      if (buffered() > 0 || overrun_) {
        clear_deadline();
        engine_->post_pump(number_);
      } else {
        on_starved();
      }
      return;
    case Phase::serving:  // an earlier answer has left while the next request is being served
      if (deadline_kind_ == Timeout::write) set_deadline(Timeout::handler, handler_time_);
      return;
    case Phase::streaming:
      clear_deadline();
      return;
    default:
      return;
  }
}

void Connection::on_writable() {
  Lock lock(mutex_);
  if (phase_ == Phase::dead || !channel_) return;
  try {
    const auto before = pending_;
    if (channel_->flush()) send_queue();
    if (phase_ == Phase::dead) return;
    const bool read_on = phase_ == Phase::reading && !processing_ && buffered() > 0 &&
                         before >= engine_->limits().output_backlog &&
                         pending_ < engine_->limits().output_backlog;
    settle();
    if (read_on && pending_ > 0) engine_->post_pump(number_);
    if (pending_ <= engine_->limits().output_backlog) drained_.notify_all();
  } catch (const std::exception& error) {
    give_up(lock, error.what());
  }
}

// The client is gone or no longer wanted. The listener sees the end of input and detaches; until
// then nothing more is sent.
void Connection::broken() {
  if (phase_ == Phase::dead) return;
  end_all();
  if (channel_) channel_->shut_down();  // none yet: attach() will find the connection dead
}

void Connection::end_all() {
  phase_ = Phase::dead;
  current_ = 0;
  if (!engine_->draining()) engine_->count().cut.add(open_requests_);
  for (; open_requests_ > 0; --open_requests_) engine_->request_ended();
  output_.clear();
  pending_ = 0;
  clear_deadline();
  drained_.notify_all();
}

// Everything queued has left: all begun requests but the one still at work are done.
void Connection::end_answered() {
  const std::size_t at_work =
      phase_ == Phase::serving || phase_ == Phase::streaming || admitted_ ? 1 : 0;
  for (; open_requests_ > at_work; --open_requests_) engine_->request_ended();
}

void Connection::set_deadline(Timeout kind, std::chrono::milliseconds time) {
  deadline_kind_ = kind;
  deadline_.store((about_now() + time).time_since_epoch().count(), std::memory_order_relaxed);
}

void Connection::clear_deadline() {
  deadline_kind_ = Timeout::idle;
  deadline_.store(std::numeric_limits<Clock::rep>::max(), std::memory_order_relaxed);
}

}  // namespace host::http
