// The version this binary says it is; kept in step with the project's by a test.
#pragma once

namespace host::cli {
inline constexpr auto kVersion = "0.1.0";
}
