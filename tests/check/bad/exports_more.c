#include "base.h"
#include "plugin.h"

__attribute__((visibility("default"))) int bad_helper(void) { return 1; }
