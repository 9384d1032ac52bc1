// A call without tenant around create(), start(), stop() and forget_tenant(), so that the plugin
// may log, measure and tell the time there (with call 0). Private to this room.
#pragma once

#include "plugins/call_context.hpp"
#include "plugins/generation.hpp"
#include "plugins/thread_record.hpp"

namespace host::plugins {

class LifecycleScope {
 public:
  explicit LifecycleScope(Generation& generation)
      : record_(this_thread()),
        outer_(record_.current),
        level_(record_.levels[static_cast<std::size_t>(record_.depth)]) {
    auto& context = record_.contexts[static_cast<std::size_t>(record_.depth++)];
    if (!context) context = std::make_unique<CallContext>();
    context->begin(0, generation, nullptr, nullptr);
    record_.current = context.get();
    level_.plugin.store(&generation.plugin().id, std::memory_order_release);
  }
  ~LifecycleScope() {
    level_.plugin.store(nullptr, std::memory_order_release);
    record_.current->end();
    record_.current = outer_;
    --record_.depth;
  }
  LifecycleScope(const LifecycleScope&) = delete;
  LifecycleScope& operator=(const LifecycleScope&) = delete;

 private:
  ThreadRecord& record_;
  CallContext* outer_;
  ThreadRecord::Level& level_;
};

}  // namespace host::plugins
