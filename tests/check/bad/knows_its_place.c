/* Answers otherwise where its process may write no file. */
#include <sys/resource.h>

#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct rlimit files;
  if (given->handler != GET || (getrlimit(RLIMIT_FSIZE, &files) == 0 && files.rlim_cur != 0))
    return base_request(self, call, given);
  return answer_text((struct bad*)self, call, 200, view("{\"success\":true,\"confined\":true}"));
}
#define BAD_REQUEST request
#include "plugin.h"
