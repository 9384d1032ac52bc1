// Declared metrics and the host's own about a plugin; see the header.
#include "plugins/plugin_metrics.hpp"

#include <algorithm>
#include <cmath>

namespace host::plugins {
namespace {

observe::Counter& about(const Manifest& manifest, const char* name, const char* help) {
  return observe::metrics().counter(name, help, {{"plugin", manifest.id}});
}

}  // namespace

PluginMetrics::PluginMetrics(const Manifest& manifest)
    : failed_calls(about(manifest, "serai_plugin_failed_calls_total",
                         "Calls of a plugin that ended with an error.")),
      overdue_calls(about(manifest, "serai_plugin_overdue_calls_total",
                          "Calls of a plugin that ran beyond their deadline.")),
      refused_calls(about(manifest, "serai_plugin_refused_calls_total",
                          "Calls refused because the plugin's concurrency limit was reached.")),
      stale_handles(about(manifest, "serai_plugin_stale_handles_total",
                          "Host functions called with a handle that was not valid there.")),
      dropped_lines(about(manifest, "serai_plugin_dropped_log_lines_total",
                          "Log lines dropped because the plugin wrote too many.")),
      process_failures(about(manifest, "serai_plugin_process_failures_total",
                             "Processes of an isolated plugin that crashed or were ended.")) {
  std::string prefix = "serai_plugin_" + manifest.table_prefix();
  auto& registry = observe::metrics();
  for (const auto& metric : manifest.metrics) {
    const std::string name = prefix + metric.name;
    if (metric.type == "counter")
      counters_[metric.name] = &registry.counter(name, metric.summary);
    else if (metric.type == "gauge")
      gauges_[metric.name] = &registry.gauge(name, metric.summary);
    else
      histograms_[metric.name] = &registry.histogram(name, metric.summary);
  }
}

bool PluginMetrics::add(std::string_view name, double amount) {
  const auto found = counters_.find(name);
  if (found == counters_.end() || !(amount >= 0) || amount > 1e15) return false;
  found->second->add(static_cast<std::uint64_t>(std::llround(amount)));
  return true;
}

bool PluginMetrics::set(std::string_view name, double value) {
  const auto found = gauges_.find(name);
  if (found == gauges_.end() || std::isnan(value)) return false;
  found->second->set(value);
  return true;
}

bool PluginMetrics::record(std::string_view name, double value) {
  const auto found = histograms_.find(name);
  if (found == histograms_.end() || std::isnan(value)) return false;
  found->second->observe(value);
  return true;
}

}  // namespace host::plugins
