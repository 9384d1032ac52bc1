#include "observe/access_log.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "base/time.hpp"
#include "observe/log.hpp"

namespace host::observe {
namespace {

constexpr auto kLongestWait = std::chrono::milliseconds(100);
constexpr std::size_t kFull = 64 * 1024;

bool stands_as_it_is(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20) & (byte <= 0x7e) & (c != '"') & (c != '\\');
}

// Without an early end, so that the compiler takes many characters at once.
bool all_stand_as_they_are(std::string_view text) {
  unsigned others = 0;
  for (const char c : text) others |= static_cast<unsigned>(!stands_as_it_is(c));
  return others == 0;
}

// JSON string content. Bytes above 0x7f pass: paths are percent-decoded and may hold anything, so
// what is not ASCII is written as \u00XX, which is valid whatever the encoding was.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  if (all_stand_as_they_are(text)) {
    out.append(text);
    return;
  }
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), stands_as_it_is) - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    const auto byte = static_cast<unsigned char>(text[plain]);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[plain];
    } else {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
    text.remove_prefix(plain + 1);
  }
}

void append_field(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  out.append(",\"").append(key).append("\":\"");
  append_escaped(out, value);
  out += '"';
}

class Writer {
 public:
  Writer() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

  void add(std::string_view line) {
    const std::lock_guard lock(mutex_);
    const bool was_empty = waiting_.empty();
    waiting_ += line;
    if (was_empty || waiting_.size() >= kFull) wake_.notify_one();
  }

  void flush() {
    std::string lines;
    {
      const std::lock_guard lock(mutex_);
      lines.swap(waiting_);
    }
    write_all(lines);
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      wake_.wait(lock, stop, [this] { return !waiting_.empty(); });
      wake_.wait_for(lock, stop, kLongestWait, [this] { return waiting_.size() >= kFull; });
      std::string lines;
      lines.swap(waiting_);
      lock.unlock();
      write_all(lines);
      lock.lock();
    }
  }

  // A log that cannot be written is no reason to fail a request.
  static void write_all(std::string_view text) {
    while (!text.empty()) {
      const auto written = ::write(STDERR_FILENO, text.data(), text.size());
      if (written <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::string waiting_;
  std::jthread thread_;
};

Writer& writer() {
  static Writer instance;
  return instance;
}

}  // namespace

void log_access(const AccessLine& line) {
  if (!enabled(Level::info)) return;
  std::string out;
  out.reserve(512);
  out.append("{\"time\":\"")
      .append(to_text(now()))
      .append("\",\"level\":\"info\",\"message\":\"request\"");
  append_field(out, "request_id", line.request_id);
  append_field(out, "method", line.method);
  append_field(out, "path", line.path);
  append_field(out, "route", line.operation);
  append_field(out, "plugin", line.plugin);
  append_field(out, "tenant", line.tenant);
  append_field(out, "user", line.user);
  append_field(out, "address", line.address);
  append_field(out, "traceparent", line.traceparent);
  out.append(",\"status\":").append(std::to_string(line.status));
  out.append(",\"bytes\":").append(std::to_string(line.bytes));
  out.append(",\"duration_us\":").append(std::to_string(line.duration.count())).append("}\n");
  writer().add(out);
}

void flush_access() { writer().flush(); }

}  // namespace host::observe
