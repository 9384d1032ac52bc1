// See stage.hpp.
#include "stage.hpp"

#include <algorithm>

namespace crm {

bool is_stage(std::string_view text) {
  return std::find(kStages.begin(), kStages.end(), text) != kStages.end();
}

bool is_active(std::string_view stage) { return stage != "TRAVELLED" && stage != "LOST"; }

std::string_view stage_after_quote(std::string_view stage, std::int64_t count) {
  if (stage == "BOOKED" || stage == "PAID") return stage;
  if (count > 1) return "NEGOTIATING";
  return is_active(stage) ? stage : kQuoted;
}

}  // namespace crm
