// `serai plugin check`: the SDK's conformance checker with what only the host can say.
#pragma once

#include <string>

#include <serai/check/check.hpp>

namespace host::cli {

int plugin_check(const serai::check::Options& options);
// The hidden command a check's own process is started with.
int plugin_check_child(const std::string& operation);

}  // namespace host::cli
