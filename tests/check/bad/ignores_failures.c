/* Follows the rows of a query that failed. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct bad* bad = (struct bad*)self;
  serai_rows rows;
  memset(&rows, 0, sizeof rows);
  bad->sql->query(call, view("SELECT title FROM bad_things"), NULL, 0, 0, &rows);
  if (rows.names[0].size == 4711) return SERAI_E_INTERNAL;
  bad->sql->release(call, rows.handle);
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
