#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  (void)self;
  (void)call;
  (void)given;
  return SERAI_OK;
}
#define BAD_REQUEST request
#include "plugin.h"
