#pragma once

#include <string_view>

#include <serai/plugin.hpp>

#include "understanding/enquiry.hpp"

namespace inbound {

// "Zanzibar = Stone Town, Unguja; Cape Town"
std::vector<Place> places_of(std::string_view text);

// What the tenant sells, as its settings say.
Offer offer_of(const serai::Call& call);

}  // namespace inbound
