/* Asks for a setting that its manifest does not have. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  serai_str value;
  ((struct bad*)self)->config->get(call, view("undeclared"), &value);
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
