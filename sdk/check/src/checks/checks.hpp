// The functions behind the catalogue's names.
#pragma once

#include "../catalogue.hpp"

namespace serai::check {

// static.cpp
void one_export(const Task& task);
void no_unique_symbols(const Task& task);
void full_relro(const Task& task);
void no_executable_stack(const Task& task);
void no_run_path(const Task& task);
void allowed_libraries(const Task& task);
void no_text_relocations(const Task& task);
void no_initial_exec_tls(const Task& task);
void manifest_equals_entry(const Task& task);
void manifest_valid(const Task& task);

// lifecycle.cpp
void loads_and_unloads(const Task& task);
void handlers_resolve(const Task& task);
void lifecycle_orders(const Task& task);
void leaves_no_thread(const Task& task);

// requests.cpp
void valid_requests(const Task& task);
void empty_input(const Task& task);
void huge_input(const Task& task);
void deeply_nested_input(const Task& task);
void invalid_requests(const Task& task);
void invalid_messages(const Task& task);
// Valid and invalid calls through a whole life: several checks look at what it finds.
void watched(const Task& task);
void fuzz(const Task& task);

// failures.cpp
void interfaces_withheld(const Task& task);
void failing_host_calls(const Task& task);
void gives_up_after_deadline(const Task& task);
void failing_allocations(const Task& task);
void exceptions_stay_inside(const Task& task);

// threads.cpp
void concurrent_calls(const Task& task);
void drains_in_flight_calls(const Task& task);

// tenants.cpp
void tenants_apart(const Task& task);
void forgets_tenant(const Task& task);
void answers_repeat(const Task& task);

// placements.cpp
void both_placements_byte_equal(const Task& task);

}  // namespace serai::check
