/* Goes on in a thread when the call has long returned. */
#include <pthread.h>

#include "base.h"

static volatile int go_on;
static pthread_t thread;

static void* work(void* self) {
  while (go_on) ((struct bad*)self)->kv->put(1, view("k"), view("v"), 0);
  return NULL;
}
static serai_status start(void* self) {
  go_on = 1;
  return pthread_create(&thread, NULL, work, self) == 0 ? SERAI_OK : SERAI_E_INTERNAL;
}
static void stop(void* self) {
  (void)self;
  go_on = 0;
  pthread_join(thread, NULL);
}
#define BAD_START start
#define BAD_STOP stop
#include "plugin.h"
