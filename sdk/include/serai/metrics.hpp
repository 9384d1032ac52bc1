// serai.metrics/1: figures for Prometheus, declared in the manifest, and the tenant's usage ledger.
#pragma once

#include <cstdint>
#include <string_view>

#include "serai/detail/context.hpp"

namespace serai {

class Metrics {
 public:
  explicit Metrics(const detail::Context& context)
      : context_(context), api_(detail::granted(context.interfaces->metrics, "metrics")) {}

  // One of the manifest's metrics, by its name there.
  void add(std::string_view counter, double amount = 1) const {
    detail::check(context_, api_->add(context_.call, detail::to_str(counter), amount));
  }
  void set(std::string_view gauge, double value) const {
    detail::check(context_, api_->set(context_.call, detail::to_str(gauge), value));
  }
  void observe(std::string_view histogram, double value) const {
    detail::check(context_, api_->observe(context_.call, detail::to_str(histogram), value));
  }
  // Writes to the tenant's usage ledger: `quantity` of `unit` ("ai.tokens").
  void meter(std::string_view unit, std::int64_t quantity) const {
    detail::check(context_, api_->meter(context_.call, detail::to_str(unit), quantity));
  }

 private:
  detail::Context context_;
  const serai_metrics_api* api_;
};

}  // namespace serai
