/* Looks at a parameter that need not be there. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (given->handler == GET && given->path_parameters[0].name.data[0] == 'x')
    return SERAI_E_INTERNAL;
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
