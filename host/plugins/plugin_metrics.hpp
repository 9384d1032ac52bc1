// The metrics a plugin declared, found by name, and those the host keeps about the plugin. Private
// to this room.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "observe/metrics.hpp"
#include "plugins/manifest.hpp"

namespace host::plugins {

class PluginMetrics {
 public:
  explicit PluginMetrics(const Manifest& manifest);

  // False: no such metric of that type is declared, or the amount is negative or not a number. The
  // house's counters are whole numbers: amounts are rounded.
  bool add(std::string_view counter, double amount);
  bool set(std::string_view gauge, double value);
  bool record(std::string_view histogram, double value);

  observe::Counter& failed_calls;      // ended with a negative status
  observe::Counter& overdue_calls;     // returned after, or still running at, their deadline
  observe::Counter& refused_calls;     // over the concurrency limit
  observe::Counter& stale_handles;     // host functions called with a handle that was not theirs
  observe::Counter& dropped_lines;     // log lines over the rate
  observe::Counter& process_failures;  // of isolated plugins: crashes, overdue calls, lies

 private:
  std::map<std::string, observe::Counter*, std::less<>> counters_;
  std::map<std::string, observe::Gauge*, std::less<>> gauges_;
  std::map<std::string, observe::Histogram*, std::less<>> histograms_;
};

}  // namespace host::plugins
