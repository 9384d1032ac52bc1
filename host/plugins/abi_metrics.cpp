// serai.metrics/1: declared figures, and the tenant's usage ledger.
#include "plugins/boundary.hpp"
#include "plugins/ledger.hpp"
#include "serai/abi/metrics.h"

namespace host::plugins {
namespace {

template <class Change>
serai_status change(serai_call call, const char* function, Change change_metric) noexcept {
  if (CallContext* context = innermost_call(); call == 0 && context && !context->has_token())
    call = context->handle();
  return boundary(call, Interface::metrics, Need::memory, function, [&](CallContext& context) {
    if (!change_metric(context.generation().metrics()))
      throw bad_request("The manifest declares no such metric, or the value is not one.");
  });
}

serai_status add(serai_call call, serai_str counter, double amount) noexcept {
  return change(call, "metrics.add",
                [&](PluginMetrics& metrics) { return metrics.add(view(counter), amount); });
}
serai_status set(serai_call call, serai_str gauge, double value) noexcept {
  return change(call, "metrics.set",
                [&](PluginMetrics& metrics) { return metrics.set(view(gauge), value); });
}
serai_status observe(serai_call call, serai_str histogram, double value) noexcept {
  return change(call, "metrics.observe",
                [&](PluginMetrics& metrics) { return metrics.record(view(histogram), value); });
}

serai_status meter(serai_call call, serai_str unit, std::int64_t quantity) noexcept {
  return boundary(call, Interface::metrics, Need::token, "metrics.meter",
                  [&](CallContext& context) {
                    const auto name = view(unit);
                    if (name.empty() || name.size() > 100)
                      throw bad_request("A unit is 1 to 100 bytes long.");
                    record_usage(context.host_session(), context.token(), name, quantity);
                    context.used.meter(usage::metered_name(name), quantity);
                  });
}

constexpr serai_metrics_api kTable{sizeof(serai_metrics_api), 0, add, set, observe, meter};

}  // namespace

const void* metrics_table() noexcept { return &kTable; }

}  // namespace host::plugins
