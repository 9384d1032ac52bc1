/* Reads a setting's text after the call it was lent for. */
#include "base.h"

static serai_str kept;

static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct bad* bad = (struct bad*)self;
  if (kept.size > 0 && kept.data[0] == 'x') return SERAI_E_INTERNAL;
  if (bad->config->get(call, view("greeting"), &kept) < 0) kept.size = 0;
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
