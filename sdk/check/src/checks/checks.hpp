// Every check, by the name the catalogue gives it with '-' for '_'.
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

}  // namespace serai::check
