#include <pthread.h>
#include <unistd.h>

#include "base.h"

static void* for_ever(void* nothing) {
  for (;;) pause();
  return nothing;
}
static serai_status start(void* self) {
  pthread_t thread;
  (void)self;
  return pthread_create(&thread, NULL, for_ever, NULL) == 0 ? SERAI_OK : SERAI_E_INTERNAL;
}
#define BAD_START start
#include "plugin.h"
