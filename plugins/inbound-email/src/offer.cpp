#include "offer.hpp"

#include "message/clean_text.hpp"

namespace inbound {
namespace {

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(mark), text.size());
    if (auto part = clean_line(text.substr(0, end), 200); !part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

std::vector<Place> places_of(std::string_view text) {
  std::vector<Place> places;
  for (const auto& entry : split(text, ';')) {
    const auto equals = std::min(entry.find('='), entry.size());
    Place place;
    place.name = clean_line(std::string_view(entry).substr(0, equals), 200);
    if (equals < entry.size())
      place.aliases = split(std::string_view(entry).substr(equals + 1), ',');
    if (!place.name.empty()) places.push_back(std::move(place));
  }
  return places;
}

Offer offer_of(const serai::Call& call) {
  return {places_of(call.config().text("destinations")), places_of(call.config().text("hotels"))};
}

}  // namespace inbound
