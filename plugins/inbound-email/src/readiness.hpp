// Whether an enquiry says enough for a quote, and what in it is unclear. Pure.
#pragma once

#include <string>
#include <vector>

#include <serai/json.hpp>

#include "understanding/enquiry.hpp"

namespace inbound {

struct Doubt {
  std::string field;
  std::string why;        // missing, unsure or several
  double confidence = 0;  // of what was read; 0 if nothing was
};

struct Readiness {
  double confidence = 0;  // of the least sure thing that a price depends on; 0 if one is missing
  std::vector<Doubt> doubts;
};

// `threshold`: below it a reading is unsure.
Readiness readiness_of(const Enquiry& enquiry, double threshold);

serai::Json to_json(const std::vector<Doubt>& doubts);

}  // namespace inbound
