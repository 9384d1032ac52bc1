// What Cairo 1.16 cannot say in a PDF: its language, that viewers show its title, and what a figure
// shows in words. Appended as an update (ISO 32000-1, 7.5.6), which leaves Cairo's bytes alone.
#pragma once

#include <string>
#include <vector>

namespace pdf {

// `pdf`: a file that Cairo wrote. `alternatives`: of its figures in their order; empty: none.
// Throws std::runtime_error if the file is not as Cairo writes it.
std::string amend(std::string pdf, const std::string& language,
                  const std::vector<std::string>& alternatives);

}  // namespace pdf
