/* Puts what the client sends into its SQL. */
#include <stdio.h>

#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct bad* bad = (struct bad*)self;
  char statement[400];
  serai_rows rows;
  if (given->path_parameter_count == 1) {
    (void)snprintf(statement, sizeof statement, "SELECT title FROM bad_things WHERE id = '%.*s'",
                   (int)(given->path_parameters[0].value.size % 200),
                   given->path_parameters[0].value.data);
    if (bad->sql->query(call, view(statement), NULL, 0, 0, &rows) < 0)
      return refuse(bad, call, SERAI_E_INVALID, "");
  }
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
