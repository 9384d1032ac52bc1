#include "type.hpp"

#include <string>

#include <cairo.h>
#include <dlfcn.h>
#include <fontconfig/fontconfig.h>
#include <hb.h>
#include <pango/pango.h>

namespace pdf {

GType register_type(GType parent, const char* stem, gsize class_size, GClassInitFunc class_init,
                    gsize instance_size) {
  std::string name;
  for (unsigned number = 1;; ++number) {
    name = stem + std::to_string(number);
    if (g_type_from_name(name.c_str()) == 0) break;
  }
  return g_type_register_static_simple(parent, name.c_str(), static_cast<guint>(class_size),
                                       class_init, static_cast<guint>(instance_size), nullptr,
                                       GTypeFlags{});
}

void keep_libraries() {
  // GLib and GObject say so themselves; these do not, and keep what they need.
  for (void* const inside :
       {reinterpret_cast<void*>(&pango_version), reinterpret_cast<void*>(&cairo_version),
        reinterpret_cast<void*>(&hb_version_string), reinterpret_cast<void*>(&FcGetVersion)}) {
    Dl_info library{};
    if (dladdr(inside, &library) != 0 && library.dli_fname)
      (void)dlopen(library.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

}  // namespace pdf
