// Answers that stay open: server-sent events (text/event-stream) that tell the state of a route's
// answer anew whenever it may have changed. A stream holds no thread. One thread looks after all of
// them ten times a second; what costs more (is the caller still let in, what does the handler say
// now) is done by a few tasks of the worker pool, one visit after the other. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/call_token.hpp"
#include "http/server.hpp"
#include "observe/metrics.hpp"

namespace host::api {

struct EventStreamOptions {
  std::size_t per_user = 8, per_tenant = 500;    // of this process; more: 429
  std::size_t visits = 1;                        // at once
  std::size_t backlog = 64 << 10;                // bytes a reader may be behind before it is let go
  std::chrono::milliseconds heart_beat{20'000};  // a comment after so much silence
  std::chrono::milliseconds check{3'000};        // is the caller still let in?
  std::chrono::milliseconds pause{250};          // between two visits of one stream
};

// What a stream asks of the layer that knows requests and routes. One thread at a time.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Throws the Problem for which a new request would be refused now: the stream ends. One that will
  // pass (429, 5xx) does not end it.
  virtual void check() = 0;
  // The state now: JSON on one line. Throws Problem as check() does.
  virtual std::string read() = 0;
  // It is over; `sent`: bytes of the body. May come while another thread is in check() or read().
  virtual void ended(std::uint64_t sent) noexcept = 0;
};

class EventStreams {
 public:
  class Stream;
  // A place among the open streams, given back when it goes unless the stream has begun. From here
  // on changes are noted.
  class Place {
   public:
    Place(EventStreams& streams, std::shared_ptr<Stream> stream);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    // Sends the head's body that comes first: `state`, as an event named `event`.
    void begin(std::unique_ptr<http::Reply::Stream> out, std::unique_ptr<EventSource> source,
               std::string event, std::string state);

   private:
    EventStreams& streams_;
    std::shared_ptr<Stream> stream_;
  };
  // Hands a task to a pool; false: it is full.
  using Submit = std::function<bool(std::function<void()>)>;

  EventStreams(EventStreamOptions options, Submit submit);
  ~EventStreams();  // stop(), and waits for visits
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;

  // Throws Problem(429 too_many_streams), Problem(503 stopping).
  std::shared_ptr<Place> reserve(const CallToken& token, const std::string& plugin);
  // What that plugin says to that tenant may have changed; tenant "": anything may. Quick.
  void changed(std::string_view tenant, std::string_view plugin);
  // Ends all streams and refuses new ones.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  using Streams = std::vector<std::shared_ptr<Stream>>;
  class Runner;
  void run(const std::stop_token& stop);
  void tick();
  void launch();
  bool next(std::shared_ptr<Stream>& due);
  void visit(Stream& stream);
  void send(Stream& stream, std::string_view text);
  void end(Stream& stream, const char* reason);
  void forget(const Stream& stream);

  const EventStreamOptions options_;
  const Submit submit_;
  observe::Gauge& open_;
  std::mutex mutex_;
  std::condition_variable_any wakes_;
  std::map<std::string, Streams, std::less<>> by_tenant_;
  std::deque<std::shared_ptr<Stream>> due_;
  std::size_t runners_ = 0;
  bool stopping_ = false;
  std::jthread keeper_;
};

// `state` of an event: "event: NAME\ndata: STATE\n\n".
std::string event_text(std::string_view event, std::string_view state);
// The body of a handler's answer as the state of a stream: its JSON without `success`. Throws
// Problem(500) if it is no JSON object.
std::string stream_state(const std::string& body);
// Whether an Accept header names text/event-stream.
bool accepts_event_stream(std::string_view accept);

}  // namespace host::api
