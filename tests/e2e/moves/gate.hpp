// Stands between a command and a house, on a Unix socket, and passes on what both say until a
// certain request comes by.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "e2e/running_host.hpp"

namespace serai_test {

class Gate {
 public:
  // What becomes of that request: nothing more passes in either direction; it passes, but nothing
  // comes back any more; it passes, and whoever sent it gets SIGINT.
  enum class Then { silence, lost_answer, interrupt };

  // At the `count`th request whose first line has `text` in it.
  Gate(const RunningHost& house, std::string text, int count, Then then);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  std::string address() const { return "unix:" + path_; }
  // That request has come.
  bool reached() const { return reached_; }

 private:
  struct Line {
    int outside, inside;
  };
  void pass();
  void open_line();
  // False: the line is closed.
  bool forward(const Line& line, bool inwards);
  void close(const Line& line);

  const std::string path_, text_;
  const Then then_;
  int left_, port_ = 0, door_ = -1, wake_ = -1;
  std::vector<Line> lines_;
  std::atomic<bool> reached_{false};
  std::thread thread_;  // the last: it uses the others
};

}  // namespace serai_test
