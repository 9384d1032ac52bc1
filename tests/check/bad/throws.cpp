// Lets an exception out to the host.
#include <stdexcept>

#include "base.h"

static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (given->body.size > 0 && given->body.data[0] != '{') throw std::runtime_error("not an object");
  return base_request(self, call, given);
}
// The promise not to throw is cast away, as by a plugin in another language.
#define BAD_REQUEST \
  reinterpret_cast<serai_status (*)(void*, serai_call, const serai_request*) noexcept>(request)
#include "plugin.h"
