// Why mail does not arrive at the host, for the platform's administrator.
#pragma once

#include <memory>
#include <vector>

#include "api/route.hpp"
#include "audit/audit.hpp"
#include "mail_in/diagnosis.hpp"

namespace host::api {

// `audit` must outlive the routes.
std::vector<Route> mail_diagnosis_routes(std::shared_ptr<const mail_in::Diagnosis> diagnosis,
                                         mail_in::MailIn& mail, audit::Audit& audit);

}  // namespace host::api
