// How a process learns what others have changed in the database they share, so that what it keeps
// in memory is right within a second. A process that can no longer hear knows it: it then remembers
// nothing, and forgets everything once it hears again. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace host::storage {

class Changes {
 public:
  virtual ~Changes() = default;

  // `hear(what)` for each Session::announce() of `topic`, by whichever process; with "" (anything
  // may have changed) when the channel was lost and when it is back. On the channel's own thread:
  // quick, and without a database. Before start().
  virtual void on(std::string topic, std::function<void(std::string_view what)> hear) = 0;

  // Returns when it hears, or after two seconds without.
  virtual void start() = 0;
  // Nothing is called any more when it returns.
  virtual void stop() = 0;

  // False: changes are missed. True again before hear("") is called, so that whoever reads first
  // and remembers then, remembers nothing that is older.
  virtual bool hearing() const = 0;
};

}  // namespace host::storage
