// The languages there are, each in the file of its code. A new one: its table, its name here, a
// place in languages() and in the manifest's two lists of codes.
#pragma once

#include "words.hpp"

namespace quotes {

extern const Language kEnglish, kAfrikaans, kGerman, kFrench, kSpanish, kPortuguese, kItalian,
    kDutch;

}  // namespace quotes
