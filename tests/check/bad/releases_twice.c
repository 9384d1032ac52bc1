#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct bad* bad = (struct bad*)self;
  serai_rows rows;
  if (bad->sql->query(call, view("SELECT title FROM bad_things"), NULL, 0, 0, &rows) == SERAI_OK) {
    bad->sql->release(call, rows.handle);
    bad->sql->release(call, rows.handle);
  }
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
