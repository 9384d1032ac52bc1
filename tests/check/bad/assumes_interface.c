/* Calls an interface without looking whether it was granted. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  ((struct bad*)self)->kv->put(call, view("k"), view("v"), 0);
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
