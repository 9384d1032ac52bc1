#include "readiness.hpp"

#include <algorithm>

namespace inbound {
namespace {

class Judge {
 public:
  explicit Judge(double threshold) : threshold_(threshold) {}

  void need(const char* field, bool there, double confidence) {
    confidence = there ? confidence : 0;
    readiness_.confidence = std::min(readiness_.confidence, confidence);
    if (!there) {
      readiness_.doubts.push_back({field, "missing", 0});
    } else if (confidence < threshold_) {
      readiness_.doubts.push_back({field, "unsure", confidence});
    }
  }
  template <typename T>
  void need(const char* field, const Field<T>& value) {
    need(field, value.has_value(), value ? value->confidence : 0);
  }
  // Not wrong, but a person has to choose.
  void choose(const char* field, double confidence) {
    readiness_.confidence = 0;
    readiness_.doubts.push_back({field, "several", confidence});
  }
  Readiness take() { return std::move(readiness_); }

 private:
  double threshold_;
  Readiness readiness_{1, {}};
};

}  // namespace

Readiness readiness_of(const Enquiry& enquiry, double threshold) {
  Judge judge(threshold);
  judge.need("is_travel_inquiry", true, enquiry.confidence);
  const auto& places = enquiry.destinations;
  const auto& hotels = enquiry.hotels;
  if (places.size() > 1) {
    judge.choose("destination", places.front().confidence);
  } else if (!places.empty() || hotels.empty()) {
    judge.need("destination", !places.empty(), places.empty() ? 0 : places.front().confidence);
  } else {
    judge.need("requested_hotel", true, hotels.front().confidence);
  }
  judge.need("check_in", enquiry.check_in);
  judge.need("nights", enquiry.nights);
  judge.need("adults", enquiry.adults);
  const auto children = enquiry.children ? enquiry.children->value : 0;
  if (children > 0) {
    judge.need("children", enquiry.children);
    const auto& ages = enquiry.children_ages;
    double least = 1;
    for (const auto& age : ages) least = std::min(least, age.confidence);
    judge.need("children_ages", ages.size() == static_cast<std::size_t>(children), least);
  }
  return judge.take();
}

serai::Json to_json(const std::vector<Doubt>& doubts) {
  serai::Json list = serai::Json::array();
  for (const auto& doubt : doubts) {
    list.push_back({{"field", doubt.field}, {"why", doubt.why}, {"confidence", doubt.confidence}});
  }
  return list;
}

}  // namespace inbound
