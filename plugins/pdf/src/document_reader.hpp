// From JSON to a Document: README.md has the format. Everything that is wrong is a serai::Problem
// 422 with the JSON pointer of the first fault.
#pragma once

#include <functional>
#include <string>

#include <serai/json.hpp>

#include "document.hpp"

namespace pdf {

// Gives the bytes of a blob of the caller's tenant; throws if there is none or it has more than
// kMaxPictureBytes.
using BlobSource = std::function<std::string(const std::string& reference)>;

// `defaults`: what the document's brand leaves out.
Document read_document(const serai::Json& json, const Brand& defaults, const BlobSource& blobs);

// "#RRGGBB"; a fault at `pointer` otherwise.
Color read_color(const std::string& text, const std::string& pointer);

}  // namespace pdf
