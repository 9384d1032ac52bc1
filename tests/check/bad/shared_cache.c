/* Remembers an answer by the thing's id and not by the tenant, and forgets no tenant. */
#include <stdio.h>

#include "base.h"

static char ids[64][128], answers[64][256];
static int used;

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (given->handler != GET || given->path_parameter_count != 1)
    return base_request(self, call, given);
  const serai_str id = given->path_parameters[0].value;
  char key[128];
  (void)snprintf(key, sizeof key, "%.*s", (int)(id.size % 120), id.data);
  for (int i = 0; i < used; ++i)
    if (strcmp(ids[i], key) == 0)
      return answer_text((struct bad*)self, call, 200, view(answers[i]));
  if (used == 64) used = 0;
  (void)snprintf(ids[used], sizeof ids[used], "%s", key);
  (void)snprintf(answers[used], sizeof answers[used], "{\"success\":true,\"made_for\":\"%.*s\"}",
                 (int)(given->caller.email.size % 120), given->caller.email.data);
  return answer_text((struct bad*)self, call, 200, view(answers[used++]));
}
#define BAD_REQUEST request
#include "plugin.h"
