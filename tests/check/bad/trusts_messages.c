/* Fails with 500 when a service's payload is not what it wants. */
#include "base.h"

static serai_status service(void* self, serai_call call, const serai_message* message) {
  if (message->payload.size == 0 || message->payload.data[0] != '{') return SERAI_E_INTERNAL;
  return base_service(self, call, message);
}
#define BAD_SERVICE service
#include "plugin.h"
