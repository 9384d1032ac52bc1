// Connection: one client from accept to close, whatever the listener. It drives the codec, calls
// the service one request at a time (pipelined ones wait in order), writes answers from whichever
// thread gives them, and knows its deadlines. A listener attaches a channel, feeds bytes, and calls
// detach() BEFORE it closes the descriptor: from then on nothing is written, so an answer can never
// reach the client that got the same descriptor next. Answers find their way by connection and
// request number.
//
// Threads: every public call locks; the service is called without the lock.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/channel.hpp"
#include "http/codec.hpp"
#include "http/engine.hpp"
#include "http/server.hpp"

namespace host::http {

class Connection final : public Reply::Target, public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(std::shared_ptr<Engine> engine, std::uint64_t number, std::string address,
             bool secure);
  ~Connection() override;

  // The listener's side, called on its I/O thread.
  void attach(std::unique_ptr<Channel> channel);
  void on_input(std::string_view bytes);
  // False: enough has been read ahead; stop reading until Channel::resume_reading().
  bool wants_input();
  // The client sends no more. True: answers are still to be sent, wait for Channel::shut_down().
  bool on_end_of_input();
  void detach();

  // The engine's side.
  std::uint64_t number() const { return number_; }
  void on_writable();
  void pump();
  bool overdue(Clock::time_point now) const {
    return now.time_since_epoch().count() >= deadline_.load(std::memory_order_relaxed);
  }
  void on_deadline(Clock::time_point now);
  void drain();
  void shut_down();

  // Reply::Target. A response of status 0 means that the reply was let go unanswered.
  void respond(std::uint64_t request, Response response) override;
  std::unique_ptr<Reply::Stream> stream(std::uint64_t request, Response head) override;
  bool gone(std::uint64_t request) const override { return current_.load() != request; }

 private:
  friend class ConnectionStream;
  using Lock = std::unique_lock<std::mutex>;
  using Timeout = Engine::Timeout;

  enum class Phase : std::uint8_t {
    reading,    // a request, or between requests
    serving,    // the service has it
    streaming,  // the answer has begun and its pieces come
    closing,    // the last answer is on its way out
    lingering,  // all is sent; what still comes in is thrown away until the client closes
    dead,       // the client is gone: touch the channel no more
  };
  struct Segment {
    std::string bytes;
    std::shared_ptr<SpooledFile> file;  // instead of bytes
    std::uint64_t offset = 0;
    std::uint64_t end = 0;
  };

  // connection.cpp: from bytes to requests
  void process(Lock& lock, std::string_view fresh);
  bool step(Lock& lock, std::string_view& fresh);
  void give_up(Lock& lock, const char* reason);
  void on_refused(Lock& lock, Response response);
  void on_head(Lock& lock);
  void on_complete(Lock& lock);
  void on_fault(Lock& lock, const Fault& fault);
  void on_starved();
  void keep_body(std::string_view bytes);
  void answer_error(Lock& lock, int status, std::string_view code, std::string_view detail,
                    bool close);
  std::size_t buffered() const { return input_.size() - input_used_; }
  void release_input();

  // connection_output.cpp: from answers to bytes
  void send_answer(Response& response, bool close);
  void send_pieces(std::string_view first, std::string_view second, std::string* owner_of_second);
  void send_queue();
  void settle();
  void broken();
  void end_all();
  void end_answered();
  void set_deadline(Timeout kind, std::chrono::milliseconds time);
  void clear_deadline();
  bool write_piece(std::uint64_t request, std::string_view piece);
  bool offer_piece(std::uint64_t request, std::string_view piece, std::size_t most);
  void send_framed(std::string_view piece);
  void stay_open(std::uint64_t request);
  void finish_stream(std::uint64_t request, bool whole);

  const std::shared_ptr<Engine> engine_;
  const std::uint64_t number_;
  const std::string address_;
  const bool secure_;

  mutable std::mutex mutex_;
  std::condition_variable drained_;  // a stream's writer waits here for a slow reader
  std::unique_ptr<Channel> channel_;
  Codec codec_;
  Phase phase_ = Phase::reading;
  bool processing_ = false;   // some thread is in process()
  bool admitted_ = false;     // the request being read has been counted as in flight
  bool discarding_ = false;   // the request being read has been answered already
  bool close_after_ = false;  // with discarding_: close when its body has passed
  bool overrun_ = false;      // read-ahead was dropped: what is buffered ends in the middle
  bool input_ended_ = false;
  bool paused_ = false;
  bool detached_ = false;
  bool keep_alive_ = true;  // of the request being served
  bool head_only_ = false;
  bool chunked_stream_ = false;
  bool endless_ = false;  // the stream under way ends when the client leaves
  int version_minor_ = 1;
  std::uint64_t request_ = 0;
  std::atomic<std::uint64_t> current_{0};  // the request that may be answered, 0: none
  std::size_t open_requests_ = 0;          // begun and not yet out of the door
  std::chrono::milliseconds handler_time_{0};

  std::string plain_;  // decrypted input
  std::string input_;  // read ahead
  std::size_t input_used_ = 0;
  std::string head_;  // scratch for heads
  std::deque<Segment> output_;
  std::uint64_t pending_ = 0;  // bytes in output_

  std::atomic<Clock::rep> deadline_;
  Timeout deadline_kind_ = Timeout::idle;
};

}  // namespace host::http
