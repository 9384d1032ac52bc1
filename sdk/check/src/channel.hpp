// From the child to the parent: a shared page that outlives a crash of the child. Findings and what
// is going on are written as they happen. Thread-safe; one per child process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace serai::check {

// What a finding is about. A check counts the findings of its own laws only, so that one fault of a
// plugin does not fail every check.
enum class Law : std::uint32_t {
  general = 1u << 0,     // said by the check itself: always counts
  answer = 1u << 1,      // answers are well-formed and fit the manifest
  phase = 1u << 2,       // which host functions are allowed when
  handle = 1u << 3,      // handles end
  thread = 1u << 4,      // a call's functions belong to its thread
  argument = 1u << 5,    // what is passed to the host is well-formed
  declared = 1u << 6,    // what is used is in the manifest
  exception = 1u << 7,   // nothing thrown crosses
  tenant = 1u << 8,      // one tenant's data stays there
  durability = 1u << 9,  // nothing is acknowledged that is not committed
  internal = 1u << 10,   // 500 for input that can be expected
  shape = 1u << 11,      // answers fit the schema the manifest declares for them
};
using Laws = std::uint32_t;
constexpr Laws operator|(Law left, Law right) {
  return static_cast<Laws>(left) | static_cast<Laws>(right);
}
constexpr Laws operator|(Laws left, Law right) { return left | static_cast<Laws>(right); }

// What the parent reads when the child has ended.
struct Report {
  bool finished = false;
  std::string skipped;                // why; empty: it ran
  std::string activity;               // what was going on last
  std::string fault;                  // of a crash: what was touched
  std::vector<std::string> findings;  // of the wanted laws, each once
  std::vector<std::string> notes;
};

class Channel {
 public:
  static constexpr std::size_t kSize = 256 << 10;

  // In the parent: an unlinked file in memory, not closed on exec. Throws std::runtime_error.
  static int create();
  static Report read(int descriptor, Laws wanted);

  // In the child.
  explicit Channel(int descriptor);
  static Channel& instance();

  void activity(std::string_view text) noexcept;
  void find(Law law, std::string_view sentence) noexcept;
  void note(std::string_view sentence) noexcept;
  void skip(std::string_view reason) noexcept;
  void finish() noexcept;
  // Async-signal-safe. The first one stays.
  void fault(const char* text) noexcept;
  // Of a fork of this process: the fault it left, taken away, and what it was at.
  std::string take_fault();
  std::string last_activity() const;

 private:
  void append(char kind, Law law, std::string_view text) noexcept;
};

inline void find(Law law, const std::string& sentence) { Channel::instance().find(law, sentence); }
inline void fail(const std::string& sentence) { find(Law::general, sentence); }
inline void activity(std::string_view text) { Channel::instance().activity(text); }

// Thrown by a check that cannot be made on this plugin.
struct Skip {
  std::string reason;
};

}  // namespace serai::check
