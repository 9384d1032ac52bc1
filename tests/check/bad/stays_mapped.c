/* A handle of its own to its own file that nobody closes. */
/* NOLINTNEXTLINE(bugprone-reserved-identifier): the C library asks for this name */
#define _GNU_SOURCE
#include <dlfcn.h>

#include "base.h"

static serai_status start(void* self) {
  Dl_info info;
  (void)self;
  return dladdr(&base_resolve, &info) && dlopen(info.dli_fname, RTLD_NOW) ? SERAI_OK
                                                                          : SERAI_E_INTERNAL;
}
#define BAD_START start
#include "plugin.h"
