// serai-plugin-host: started by serai for each isolated plugin.
#include "plugin_host/run.hpp"

int main(int argc, char** argv) { return plugin_host::run(argc, argv); }
