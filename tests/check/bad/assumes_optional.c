/* Does not start without what its manifest calls optional. */
#include "base.h"

static serai_status start(void* self) {
  const serai_host* host = ((struct bad*)self)->host;
  return host->get_interface(host, view(SERAI_BLOB_ID), sizeof(serai_blob_api))
             ? SERAI_OK
             : SERAI_E_UNSUPPORTED;
}
#define BAD_START start
#include "plugin.h"
