// Pages onto a PDF.
#pragma once

#include <string>
#include <vector>

#include "flow.hpp"
#include "page.hpp"

namespace pdf {

// The bytes of the file: the same for the same pages. Throws serai::Problem 422 for a picture that
// cannot be decoded.
std::string paint(const Document& document, const std::vector<Page>& pages,
                  const Checkpoint& checkpoint);

}  // namespace pdf
