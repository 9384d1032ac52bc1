// Owners of what the C libraries below count references of.
#pragma once

#include <memory>

#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <glib-object.h>
#include <hb.h>
#include <pango/pango.h>

namespace pdf {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

template <class T>
using Object = std::unique_ptr<T, Release<g_object_unref>>;
using Attributes = std::unique_ptr<PangoAttrList, Release<pango_attr_list_unref>>;
using FontDescription = std::unique_ptr<PangoFontDescription, Release<pango_font_description_free>>;
using LineIterator = std::unique_ptr<PangoLayoutIter, Release<pango_layout_iter_free>>;

using Surface = std::unique_ptr<cairo_surface_t, Release<cairo_surface_destroy>>;
using Canvas = std::unique_ptr<cairo_t, Release<cairo_destroy>>;
using CairoFace = std::unique_ptr<cairo_font_face_t, Release<cairo_font_face_destroy>>;

using Pattern = std::unique_ptr<FcPattern, Release<FcPatternDestroy>>;
using FontConfig = std::unique_ptr<FcConfig, Release<FcConfigDestroy>>;
using FontSet = std::unique_ptr<FcFontSet, Release<FcFontSetDestroy>>;

using ShapingFace = std::unique_ptr<hb_face_t, Release<hb_face_destroy>>;
using ShapingFont = std::unique_ptr<hb_font_t, Release<hb_font_destroy>>;

}  // namespace pdf
