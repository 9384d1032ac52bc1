/* Answers differently every other time. */
#include "base.h"

static int calls;

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (given->handler == GET && ++calls % 2 == 0)
    return refuse((struct bad*)self, call, SERAI_E_CONFLICT, "every_other_time");
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
