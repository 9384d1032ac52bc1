// When the journey is: arrival, departure, nights, or only a month.
#pragma once

#include "evidence.hpp"

namespace inbound {

void read_stay(const Reading& mail, Enquiry& enquiry);

// Only "seven nights", "two weeks", "10 days"; several are added up when the mail lists them as
// parts of one journey ("5 nights in X followed by 3 in Y").
Field<int> read_nights(const Reading& mail);

}  // namespace inbound
