// Citations in worded answers: "[2]" or "[1, 3]", numbers of the passages that were given. A model
// may invent one, and a document may contain something that looks like one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace helpdesk {

// `text` with citations of 1 to `given` only; whatever else looks like one is taken out, with the
// blank before it. `given` 0 takes out all.
std::string with_honest_citations(std::string_view text, std::size_t given);

}  // namespace helpdesk
