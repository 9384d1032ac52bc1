#include "api/event_streams.hpp"

#include <algorithm>
#include <atomic>

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "http/ascii.hpp"
#include "observe/log.hpp"

namespace host::api {
namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::seconds kLook{1};  // has the client left?
constexpr int kVisitsInARow = 32;         // then requests that wait for the worker come first
constexpr std::string_view kComment = ":\n\n";

// It may be otherwise the next time.
bool passes(const Problem& problem) { return problem.status() == 429 || problem.status() >= 500; }

}  // namespace

class EventStreams::Stream {
 public:
  Stream(std::string of_tenant, std::string of_user, std::string of_plugin)
      : tenant(std::move(of_tenant)), user(std::move(of_user)), plugin(std::move(of_plugin)) {}

  const std::string tenant, user, plugin;
  std::atomic<bool> dirty{false};

  // Of EventStreams::mutex_:
  bool begun = false, queued = false;
  Clock::time_point not_before, next_check, next_look;

  // Of the visitor; set before the stream has begun.
  std::unique_ptr<EventSource> source;
  std::string event, last;
  bool failing = false;

  std::mutex out_mutex;
  // Of out_mutex:
  std::unique_ptr<http::Reply::Stream> out;  // null: it is over
  Clock::time_point next_beat;
  std::uint64_t sent = 0;
};

// One task of the pool, or the right to be one.
class EventStreams::Runner : public std::enable_shared_from_this<Runner> {
 public:
  explicit Runner(EventStreams& streams) : streams_(streams) {}  // counted by its maker
  ~Runner() {
    const std::lock_guard lock(streams_.mutex_);
    --streams_.runners_;
    streams_.wakes_.notify_all();
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void work() {
    std::shared_ptr<Stream> due;
    for (int visits = 0; visits < kVisitsInARow; ++visits) {
      if (!streams_.next(due)) return;
      streams_.visit(*due);
    }
    due.reset();
    (void)streams_.submit_([self = shared_from_this()] { self->work(); });  // else a tick does
  }

 private:
  EventStreams& streams_;
};

EventStreams::Place::Place(EventStreams& streams, std::shared_ptr<Stream> stream)
    : streams_(streams), stream_(std::move(stream)) {}

EventStreams::Place::~Place() {
  if (stream_) streams_.forget(*stream_);
}

void EventStreams::Place::begin(std::unique_ptr<http::Reply::Stream> out,
                                std::unique_ptr<EventSource> source, std::string event,
                                std::string state) {
  const auto stream = std::move(stream_);
  const auto now = Clock::now();
  out->stay_open();
  stream->event = std::move(event);
  stream->last = std::move(state);
  stream->source = std::move(source);
  {
    const std::lock_guard lock(stream->out_mutex);
    stream->out = std::move(out);
  }
  streams_.open_.add(1);
  streams_.send(*stream, event_text(stream->event, stream->last));
  bool stopped;
  {
    const std::lock_guard lock(streams_.mutex_);
    stream->begun = true;
    stream->not_before = now + streams_.options_.pause;
    stream->next_check = now + streams_.options_.check;
    stream->next_look = now + kLook;
    stopped = streams_.stopping_;
    streams_.wakes_.notify_all();
  }
  if (stopped)
    streams_.end(*stream, "stopping");  // stop() came by before there was anything to end
}

EventStreams::EventStreams(EventStreamOptions options, Submit submit)
    : options_(options),
      submit_(std::move(submit)),
      open_(observe::metrics().gauge("serai_event_streams", "Event streams open.")),
      keeper_([this](const std::stop_token& stop) { run(stop); }) {}

EventStreams::~EventStreams() {
  stop();
  keeper_ = {};
  std::unique_lock lock(mutex_);
  wakes_.wait(lock, [this] { return runners_ == 0; });
}

std::shared_ptr<EventStreams::Place> EventStreams::reserve(const CallToken& token,
                                                           const std::string& plugin) {
  auto stream = std::make_shared<Stream>(token.tenant(), token.user(), plugin);
  const std::lock_guard lock(mutex_);
  if (stopping_) throw unavailable("stopping", "This server is about to stop.", 1);
  auto& others = by_tenant_[stream->tenant];
  const auto own =
      static_cast<std::size_t>(std::count_if(others.begin(), others.end(), [&](const auto& other) {
        return other->user == stream->user;
      }));
  if (others.size() >= options_.per_tenant || own >= options_.per_user) {
    if (others.empty()) by_tenant_.erase(stream->tenant);
    throw Problem(429, "too_many_streams", "Too many event streams are open; close some.")
        .retry_after(5);
  }
  others.push_back(stream);
  return std::make_shared<Place>(*this, std::move(stream));
}

void EventStreams::forget(const Stream& stream) {
  const std::lock_guard lock(mutex_);
  const auto found = by_tenant_.find(stream.tenant);
  if (found == by_tenant_.end()) return;
  std::erase_if(found->second, [&](const auto& other) { return other.get() == &stream; });
  if (found->second.empty()) by_tenant_.erase(found);
}

void EventStreams::changed(std::string_view tenant, std::string_view plugin) {
  const std::lock_guard lock(mutex_);
  const auto mark = [&](const Streams& streams) {
    for (const auto& stream : streams)
      if (tenant.empty() || stream->plugin == plugin) stream->dirty = true;
  };
  if (tenant.empty()) {
    for (const auto& [id, streams] : by_tenant_) mark(streams);
  } else if (const auto found = by_tenant_.find(tenant); found != by_tenant_.end()) {
    mark(found->second);
  }
}

void EventStreams::stop() {
  std::map<std::string, Streams, std::less<>> all;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    all = by_tenant_;
    due_.clear();
  }
  for (const auto& [tenant, streams] : all)
    for (const auto& stream : streams) end(*stream, "stopping");
}

void EventStreams::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (by_tenant_.empty())
      wakes_.wait(lock, stop, [this] { return !by_tenant_.empty(); });
    else
      wakes_.wait_for(lock, stop, kTick, [] { return false; });
    if (stop.stop_requested()) return;
    lock.unlock();
    tick();
    lock.lock();
  }
}

void EventStreams::tick() {
  const auto now = Clock::now();
  Streams look;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [tenant, streams] : by_tenant_) {
      for (const auto& stream : streams) {
        if (!stream->begun || stopping_) continue;
        if (now >= stream->next_look) {
          stream->next_look = now + kLook;
          look.push_back(stream);
        }
        if (stream->queued || now < stream->not_before ||
            (now < stream->next_check && !stream->dirty))
          continue;
        stream->queued = true;
        due_.push_back(stream);
      }
    }
  }
  for (const auto& stream : look) send(*stream, {});
  launch();
}

void EventStreams::launch() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (due_.empty() || runners_ >= options_.visits) return;
      ++runners_;
    }
    const auto runner = std::make_shared<Runner>(*this);
    if (!submit_([runner] { runner->work(); })) return;
  }
}

bool EventStreams::next(std::shared_ptr<Stream>& due) {
  const std::lock_guard lock(mutex_);
  if (due_.empty()) return false;
  due = std::move(due_.front());
  due_.pop_front();
  return true;
}

void EventStreams::visit(Stream& stream) {
  {
    const std::lock_guard lock(stream.out_mutex);
    if (!stream.out) return;
  }
  const bool dirty = stream.dirty.exchange(false);
  std::string trouble;
  try {
    stream.source->check();
    if (dirty) {
      auto state = stream.source->read();
      if (state != stream.last) {
        stream.last = std::move(state);
        send(stream, event_text(stream.event, stream.last));
      }
    }
  } catch (const Problem& problem) {
    if (!passes(problem)) return end(stream, "refused");
    trouble = problem.code();
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  const bool fails = !trouble.empty();
  if (fails && dirty) stream.dirty = true;
  if (fails && !stream.failing)
    observe::log(observe::Level::warning, "an event stream cannot be kept up to date for now",
                 {{"plugin", stream.plugin}, {"tenant", stream.tenant}, {"error", trouble}});
  stream.failing = fails;
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  stream.queued = false;
  stream.not_before = now + (fails ? options_.check : options_.pause);
  stream.next_check = now + options_.check;
}

// Empty: looks whether the client is there, and says something if nothing was said for long.
void EventStreams::send(Stream& stream, std::string_view text) {
  const char* fault = nullptr;
  {
    const std::lock_guard lock(stream.out_mutex);
    if (!stream.out) return;
    const auto now = Clock::now();
    if (text.empty() && now >= stream.next_beat) text = kComment;
    if (!stream.out->offer(text, options_.backlog)) {
      fault = stream.out->offer({}, options_.backlog) ? "slow_reader" : "client_left";
    } else if (!text.empty()) {
      stream.sent += text.size();
      stream.next_beat = now + options_.heart_beat;
    }
  }
  if (fault) end(stream, fault);
}

void EventStreams::end(Stream& stream, const char* reason) {
  std::unique_ptr<http::Reply::Stream> out;
  std::uint64_t sent;
  {
    const std::lock_guard lock(stream.out_mutex);
    out = std::move(stream.out);
    sent = stream.sent;
  }
  if (!out) return;
  // Whoever is not there or does not read cannot be told of an end.
  if (std::string_view(reason) == "refused" || std::string_view(reason) == "stopping")
    out->finish();
  out.reset();
  forget(stream);
  open_.add(-1);
  observe::metrics()
      .counter("serai_event_streams_ended_total", "Event streams that ended, by reason.",
               {{"reason", reason}})
      .add();
  stream.source->ended(sent);
}

std::string event_text(std::string_view event, std::string_view state) {
  std::string text = "event: ";
  text.append(event).append("\ndata: ").append(state).append("\n\n");
  return text;
}

std::string stream_state(const std::string& body) {
  auto state = nlohmann::json::parse(body, nullptr, false);
  if (!state.is_object())
    throw Problem(500, "invalid_answer", "The route's answer cannot be an event: no JSON object.");
  state.erase("success");
  return state.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool accepts_event_stream(std::string_view accept) {
  bool named = false;
  http::for_each_element(accept, [&](std::string_view element) {
    const auto type = http::trimmed(element.substr(0, element.find(';')));
    if (http::equals_ignoring_case(type, "text/event-stream")) named = true;
  });
  return named;
}

}  // namespace host::api
