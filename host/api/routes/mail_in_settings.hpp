// What is set of mail that arrives at the host, as the administrator reads it on several routes.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "mail_in/diagnosis.hpp"

namespace host::api {

// domains, strategies, unknown, listening, webhook; without secrets. Thread-safe.
nlohmann::json mail_in_settings(const mail_in::Options& options,
                                const mail_in::Surroundings& around);

}  // namespace host::api
