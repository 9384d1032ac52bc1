/* Reads a result's names after it has released them. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct bad* bad = (struct bad*)self;
  serai_rows rows;
  if (bad->sql->query(call, view("SELECT title FROM bad_things"), NULL, 0, 0, &rows) == SERAI_OK) {
    bad->sql->release(call, rows.handle);
    if (rows.names[0].size == 4711) return SERAI_E_INTERNAL;
  }
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
