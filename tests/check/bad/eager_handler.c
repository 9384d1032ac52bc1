/* Knows every handler, also what nobody declared. */
#include "base.h"

static int32_t resolve(void* self, uint32_t kind, serai_str name) {
  const int32_t number = base_resolve(self, kind, name);
  return number < 0 ? 0 : number;
}
#define BAD_RESOLVE resolve
#include "plugin.h"
