#pragma once

#include <string>

#include <serai/json.hpp>

#include "message/message.hpp"
#include "understanding/enquiry.hpp"

namespace inbound {

// What the triage page shows as `metadata.parsed_details`; what the mail does not say is null.
// `evidence` and `confidence` tell for each field where it stands and how sure it is.
serai::Json details_of(const Enquiry& enquiry, const Message& message);

// "2026-07-12"
std::string text_of(Day day);

}  // namespace inbound
