/* Uses the handle of the call before. */
#include "base.h"

static serai_call before;

static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct bad* bad = (struct bad*)self;
  if (before != 0) bad->kv->put(before, view("k"), view("v"), 0);
  before = call;
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
