// What runs without a request: jobs, schedules, events and services of every plugin; the stores
// behind them; and what lies about when all is done: metrics, audit records, exports, every file.
#pragma once

#include "cli/isolation_test/attacks.hpp"

namespace host::cli::isolation_test {

// Each kind of job, schedule, event and service once as the attacker, with its own payloads and
// with those of the victim. Blames rows of the report.
void run_background(TestHouse& house, Side& attacker, Side& victim, Attacks& attacks,
                    Report& report);

// Blobs, cache and vector indexes as each plugin would ask for them in a call of the attacker.
void look_into_stores(TestHouse& house, const Side& attacker, const Side& victim, Report& report);

// Labels of metrics, the audit chain and its export, the attacker's rows, and files by whose they
// are: nothing of `victim` in what is `attacker`'s or nobody's.
void look_at_rest(TestHouse& house, const Side& attacker, const Side& victim, Report& report);

}  // namespace host::cli::isolation_test
