// Counters, gauges and histograms in the Prometheus text format. Label sets are bounded: a family
// that would pass its limit of series counts into one with every label "other" instead. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace host::observe {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(double amount) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  explicit Histogram(std::vector<double> upper_bounds);
  void observe(double value) noexcept;
  const std::vector<double>& bounds() const noexcept { return bounds_; }
  std::uint64_t bucket(std::size_t index) const noexcept { return buckets_[index].load(); }
  std::uint64_t count() const noexcept { return count_.load(); }
  double sum() const noexcept { return sum_.load(); }

 private:
  std::vector<double> bounds_;  // ascending, +Inf implied
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;
  std::atomic<std::uint64_t> count_{0};
  std::atomic<double> sum_{0};
};

class Metrics {
 public:
  // The same name and labels give the same series; references stay valid for the object's life.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  // Bounds in the metric's unit; seconds by convention. Only the first call of a name sets them.
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {},
                       const std::vector<double>& upper_bounds = {.001, .0025, .005, .01, .025, .05,
                                                                  .1, .25, .5, 1, 2.5, 5, 10});
  // Prometheus text exposition format 0.0.4.
  std::string exposition() const;

  static constexpr std::size_t kMaxSeries = 2000;  // per family

 private:
  template <class Series>
  struct Family {
    std::string help;
    std::vector<double> bounds;
    std::map<std::string, std::unique_ptr<Series>> series;  // by rendered labels
  };
  template <class Series>
  using Families = std::map<std::string, Family<Series>, std::less<>>;
  template <class Series, class Make>
  Series& find(Families<Series>& families, std::string_view name, std::string_view help,
               const Labels& labels, Make make);

  mutable std::mutex mutex_;
  Families<Counter> counters_;
  Families<Gauge> gauges_;
  Families<Histogram> histograms_;
};

// The process's own registry.
Metrics& metrics();

}  // namespace host::observe
