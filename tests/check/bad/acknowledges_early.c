/* Says that a thing was made although its transaction was not committed. */
#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  struct bad* bad = (struct bad*)self;
  if (given->handler != MAKE) return base_request(self, call, given);
  if (bad->sql->begin(call) >= 0) bad->sql->commit(call);
  return answer_text(bad, call, 200, view("{\"success\":true}"));
}
#define BAD_REQUEST request
#include "plugin.h"
