/* Builds its answer in a buffer that all threads share. */
#include <sched.h>
#include <stdio.h>

#include "base.h"

static char buffer[500];

static serai_status request(void* self, serai_call call, const serai_request* given) {
  (void)snprintf(buffer, sizeof buffer, "{\"success\":true,\"for\":\"%.*s\"}",
                 (int)(given->caller.name.size % 200), given->caller.name.data);
  for (int i = 0; i < 20; ++i) sched_yield();
  return answer_text((struct bad*)self, call, 200, view(buffer));
}
#define BAD_REQUEST request
#include "plugin.h"
