// What a person wants to see of a build's output and of the host's log while writing a plugin.
#pragma once

#include <string>
#include <string_view>

namespace host::cli {

// One line of the host's log (JSON) as people read it; empty: of no interest to the author of
// `plugin` (another plugin's or the host's, and no warning).
std::string log_line(std::string_view json, std::string_view plugin);

// The compiler's words without the build tool's: no progress, no command lines, no stack of
// makes. CMake's own errors stay.
std::string compiler_words(std::string_view build_output);

}  // namespace host::cli
