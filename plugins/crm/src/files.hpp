// Files of clients in the blob store, of exports and imports: they go when they have served.
#pragma once

#include <chrono>
#include <string_view>

#include <serai/plugin.hpp>

namespace crm {

// Queues the job `discard` for the file; with an import's id also for what became of the import.
void discard_later(const serai::Call& call, std::string_view blob, std::chrono::hours after,
                   std::string_view import_id = {});
// Gives the file up now, unless an import that waits needs the same bytes.
void discard(const serai::Call& call, std::string_view blob);

// Job `discard`. An import that never ran well is marked as failed.
void run_discard(serai::Job& job);

}  // namespace crm
