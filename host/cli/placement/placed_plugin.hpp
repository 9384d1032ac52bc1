// A plugin alone in the real rooms below, in this process or in an isolated child: what
// `serai plugin check` compares the placements with.
#pragma once

#include <filesystem>
#include <memory>

#include <serai/check/check.hpp>

namespace host::cli {

// Throws std::exception with why it does not come up. One at a time in a process: the plugins'
// clock is held as long as it lives.
std::unique_ptr<serai::check::PlacedPlugin> place(const std::filesystem::path& plugin,
                                                  serai::check::Placement placement,
                                                  const serai::check::Surroundings& around);

}  // namespace host::cli
