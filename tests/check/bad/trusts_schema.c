/* Believes that a body is an object because its schema says so. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (given->body.size > 0 && given->body.data[0] != '{') abort();
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
