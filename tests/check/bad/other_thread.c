/* Hands its call to a thread of its own. */
#include <pthread.h>

#include "base.h"

struct work {
  struct bad* bad;
  serai_call call;
};
static void* put(void* argument) {
  const struct work* work = (const struct work*)argument;
  work->bad->kv->put(work->call, view("k"), view("v"), 0);
  return NULL;
}
static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct work work = {(struct bad*)self, call};
  pthread_t thread;
  if (pthread_create(&thread, NULL, put, &work) == 0) pthread_join(thread, NULL);
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
