/* Answers what its manifest's schema does not allow. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  (void)given;
  return answer_text((struct bad*)self, call, 200, view("{\"success\":\"yes\"}"));
}
#define BAD_REQUEST request
#include "plugin.h"
