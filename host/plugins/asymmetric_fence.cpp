#include "plugins/asymmetric_fence.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace host::plugins {
namespace {

bool membarrier(int command) noexcept { return ::syscall(SYS_membarrier, command, 0, 0) == 0; }

// The thread sanitizer does not know what membarrier does.
bool usable() noexcept {
#if defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return false;
#endif
#endif
  return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

}  // namespace

const bool kHeavyFenceReachesAll = usable();

void heavy_fence() noexcept {
  if (kHeavyFenceReachesAll) membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

}  // namespace host::plugins
