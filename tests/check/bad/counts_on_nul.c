/* Takes the path for a C string. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (strlen(given->path.data) > 100000) return SERAI_E_INVALID;
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
