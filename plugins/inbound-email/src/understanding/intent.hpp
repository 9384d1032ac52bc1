#pragma once

#include "evidence.hpp"

namespace inbound {

// Whether the mail asks for a journey: by what was found in it, and by the words of those who ask
// and of those who write for other reasons. Sets is_enquiry and confidence.
void judge_intent(const Reading& mail, Enquiry& enquiry);

}  // namespace inbound
