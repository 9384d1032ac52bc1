#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  volatile char* copy = (volatile char*)malloc(100);
  copy[0] = 'x';
  free((void*)copy);
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
