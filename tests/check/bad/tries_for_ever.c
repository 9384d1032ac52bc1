/* Asks again until the host has time. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  serai_str value;
  while (((struct bad*)self)->kv->get(call, view("k"), &value) == SERAI_E_DEADLINE) {
  }
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
