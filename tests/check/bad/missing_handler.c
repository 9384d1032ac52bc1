#include "base.h"

static int32_t resolve(void* self, uint32_t kind, serai_str name) {
  return kind == SERAI_HANDLER_JOB ? -1 : base_resolve(self, kind, name);
}
#define BAD_RESOLVE resolve
#include "plugin.h"
