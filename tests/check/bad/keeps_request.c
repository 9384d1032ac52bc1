/* Keeps a view of the request and reads it at the next call. */
#include "base.h"

static serai_str kept;

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (kept.size > 0 && kept.data[0] == 'x') return SERAI_E_INTERNAL;
  kept = given->path;
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
