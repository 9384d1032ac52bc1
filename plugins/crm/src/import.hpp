// Clients from a CSV file. The file is read twice: while the client waits, to find every fault; and
// in a job, to write all of it in one transaction. So a file with a fault changes nothing.
#pragma once

#include <serai/plugin.hpp>

namespace crm {

// Route: the file (part `file`; part `update` true: known clients get what the file says).
serai::Response start_import(serai::Request& request);
serai::Json show_import(serai::Request& request);
// Job `import`.
void run_import(serai::Job& job);

}  // namespace crm
