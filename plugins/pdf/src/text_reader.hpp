// Texts of a document: a string, or an array of strings and spans.
#pragma once

#include <string>

#include <serai/json.hpp>

#include "document.hpp"

namespace pdf {

Text read_text(const serai::Json& json, const std::string& pointer);

}  // namespace pdf
