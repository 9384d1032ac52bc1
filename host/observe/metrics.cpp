#include "observe/metrics.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace host::observe {
namespace {

std::string escape(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '"')
      out += "\\\"";
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string render(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name + "=\"" + escape(value) + '"';
  }
  return out;
}

std::string number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string sample(std::string_view name, std::string_view labels, std::string_view value) {
  std::string line{name};
  if (!labels.empty()) line.append("{").append(labels).append("}");
  return line.append(" ").append(value).append("\n");
}

std::string head(std::string_view name, std::string_view help, std::string_view type) {
  std::string out = "# HELP ";
  out.append(name)
      .append(" ")
      .append(help)
      .append("\n# TYPE ")
      .append(name)
      .append(" ")
      .append(type);
  return out.append("\n");
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds)
    : bounds_(std::move(upper_bounds)),
      buckets_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {}

void Histogram::observe(double value) noexcept {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

template <class Series, class Make>
Series& Metrics::find(Families<Series>& families, std::string_view name, std::string_view help,
                      const Labels& labels, Make make) {
  const std::lock_guard lock(mutex_);
  auto& family = families[std::string(name)];
  if (family.help.empty()) family.help = help;
  std::string key = render(labels);
  if (!family.series.contains(key) && family.series.size() >= kMaxSeries) {
    Labels other = labels;
    for (auto& label : other) label.second = "other";
    key = render(other);
  }
  auto& series = family.series[key];
  if (!series) series = make(family);
  return *series;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  return find(counters_, name, help, labels, [](auto&) { return std::make_unique<Counter>(); });
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  return find(gauges_, name, help, labels, [](auto&) { return std::make_unique<Gauge>(); });
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels,
                              const std::vector<double>& upper_bounds) {
  return find(histograms_, name, help, labels, [&](auto& family) {
    if (family.bounds.empty()) family.bounds = upper_bounds;
    return std::make_unique<Histogram>(family.bounds);
  });
}

std::string Metrics::exposition() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : counters_) {
    out += head(name, family.help, "counter");
    for (const auto& [labels, series] : family.series)
      out += sample(name, labels, std::to_string(series->value()));
  }
  for (const auto& [name, family] : gauges_) {
    out += head(name, family.help, "gauge");
    for (const auto& [labels, series] : family.series)
      out += sample(name, labels, number(series->value()));
  }
  for (const auto& [name, family] : histograms_) {
    out += head(name, family.help, "histogram");
    for (const auto& [labels, series] : family.series) {
      const std::string prefix = labels.empty() ? "" : labels + ",";
      std::uint64_t below = 0;
      for (std::size_t i = 0; i < series->bounds().size(); ++i) {
        below += series->bucket(i);
        out += sample(name + "_bucket", prefix + "le=\"" + number(series->bounds()[i]) + '"',
                      std::to_string(below));
      }
      out += sample(name + "_bucket", prefix + "le=\"+Inf\"", std::to_string(series->count()));
      out += sample(name + "_sum", labels, number(series->sum()));
      out += sample(name + "_count", labels, std::to_string(series->count()));
    }
  }
  return out;
}

Metrics& metrics() {
  static Metrics registry;
  return registry;
}

}  // namespace host::observe
