/* Dies of a body larger than any it has seen. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (given->body.size > 65536) abort();
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
