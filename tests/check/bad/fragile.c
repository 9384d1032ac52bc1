/* Dies of a quote in a body or a path. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  for (uint64_t i = 0; i < given->body.size; ++i)
    if (given->body.data[i] == '\\') abort();
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
