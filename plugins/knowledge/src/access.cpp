// See access.hpp.
#include "access.hpp"

namespace knowledge {

Access Access::of(const serai::Call& call) {
  const std::string user(call.caller().user);
  return {!user.empty() && call.allows("knowledge.admin"), user};
}

std::string Access::sql(std::vector<std::string>& bound) const {
  if (everything_) return "(TRUE)";
  if (user_.empty()) return "(visibility = 'public')";
  bound.push_back(user_);
  return "(visibility = 'public' OR owner = $" + std::to_string(bound.size()) + ")";
}

void Access::restrict(serai::retrieval::Filter& filter, std::string_view visibility,
                      const std::vector<std::string>& owners) const {
  if (everything_ && visibility.empty()) return;
  auto& labels = filter.visibilities.emplace();
  if (visibility != kPrivate) labels.emplace_back(kPublic);
  if (visibility == kPublic) return;
  if (everything_) {
    for (const std::string& owner : owners) labels.push_back(visibility_label(kPrivate, owner));
  } else if (!user_.empty()) {
    labels.push_back(visibility_label(kPrivate, user_));
  }
}

std::string visibility_label(std::string_view visibility, std::string_view owner) {
  if (visibility == kPublic) return std::string(kPublic);
  return "private:" + std::string(owner);
}

}  // namespace knowledge
