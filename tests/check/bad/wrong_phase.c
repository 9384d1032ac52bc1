/* Asks for a setting in start(), where there is no call and no tenant. */
#include "base.h"

static serai_status start(void* self) {
  serai_str value;
  ((struct bad*)self)->config->get(0, view("greeting"), &value);
  return SERAI_OK;
}
#define BAD_START start
#include "plugin.h"
