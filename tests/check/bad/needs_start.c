/* Ends what only start() begins. */
#include "base.h"

static int* begun;

static serai_status start(void* self) {
  (void)self;
  begun = (int*)calloc(1, sizeof *begun);
  return begun ? SERAI_OK : SERAI_E_UNAVAILABLE;
}
static void destroy(void* self) {
  *begun = 0;
  free(begun);
  begun = NULL;
  free(self);
}
#define BAD_START start
#define BAD_DESTROY destroy
#include "plugin.h"
