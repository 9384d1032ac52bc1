// The end of a graceful stop: when its time is over, the process leaves, whatever still waits for a
// thread that does not come back. Says before which plugin that thread is in, and where.
#pragma once

#include <chrono>
#include <thread>

namespace host::cli {

class StopDeadline {
 public:
  // From now on; leaves with exit status 1 unless it is destroyed in time.
  void begin(std::chrono::milliseconds patience);

 private:
  std::jthread thread_;
};

}  // namespace host::cli
