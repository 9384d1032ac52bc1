// The program an isolated plugin lives in. Takes what main() takes; ends with the process.
#pragma once

namespace plugin_host {

int run(int argc, char** argv);

}  // namespace plugin_host
