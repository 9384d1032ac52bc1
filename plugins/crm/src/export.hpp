// All clients as a CSV file.
#pragma once

#include <serai/plugin.hpp>

namespace crm {

serai::Response export_clients(serai::Request& request);
// Job `discard`: the file goes some time after it was sent.
void discard_export(serai::Job& job);

}  // namespace crm
