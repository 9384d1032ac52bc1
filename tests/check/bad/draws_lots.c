/* Answers with what it draws itself: no two answers are alike, wherever it runs. */
#include <stdio.h>
#include <sys/time.h>

#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (given->handler != GET) return base_request(self, call, given);
  struct timeval now;
  char text[80];
  gettimeofday(&now, NULL);
  (void)snprintf(text, sizeof text, "{\"success\":true,\"lot\":%lld%06ld}", (long long)now.tv_sec,
                 (long)now.tv_usec);
  return answer_text((struct bad*)self, call, 200, view(text));
}
#define BAD_REQUEST request
#include "plugin.h"
