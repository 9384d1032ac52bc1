/* An absolute address in the code, as without -fPIC. */
#include "base.h"
#include "plugin.h"

__asm__(
    ".text\n"
    ".quad serai_plugin_create\n");
