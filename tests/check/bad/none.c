/* Breaks nothing: what makes the others bad is not in here. */
#include "base.h"
#include "plugin.h"
