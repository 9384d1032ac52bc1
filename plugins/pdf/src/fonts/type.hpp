// GObject types of a library that may be unloaded and loaded again. GLib never forgets a type, and
// would call an old one's functions where they no longer are: so each load registers its own,
// under a name that is still free, and what it leaves behind is never used again.
#pragma once

#include <glib-object.h>

namespace pdf {

// `stem`: what the name begins with.
GType register_type(GType parent, const char* stem, gsize class_size, GClassInitFunc class_init,
                    gsize instance_size);

// Keeps Pango, Cairo and what they stand on mapped for ever: their own types and thread-specific
// keys outlive any plugin that brought them. Called before any type is made.
void keep_libraries();

}  // namespace pdf
