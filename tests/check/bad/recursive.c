/* Reads nested brackets by recursion. */
#include "base.h"

__attribute__((noinline)) static uint64_t depth(const char* at, const char* end) {
  volatile char frame[128];
  frame[0] = *at;
  if (at + 1 >= end || (frame[0] != '[' && frame[0] != '{')) return 0;
  return depth(at + 1, end) + 1 + (uint64_t)(frame[0] == 'x');
}
static serai_status request(void* self, serai_call call, const serai_request* given) {
  if (given->body.size > 0 &&
      depth(given->body.data, given->body.data + given->body.size) > 10000000)
    return SERAI_E_INVALID;
  return base_request(self, call, given);
}
#define BAD_REQUEST request
#include "plugin.h"
