#include "base.h"

static __thread int counter __attribute__((tls_model("initial-exec")));

static serai_status start(void* self) {
  (void)self;
  return ++counter > 0 ? SERAI_OK : SERAI_E_INTERNAL;
}
#define BAD_START start
#include "plugin.h"
