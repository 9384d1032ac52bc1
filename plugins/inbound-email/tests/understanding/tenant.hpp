// What the tenant of the labelled mails sells.
#pragma once

#include "understanding/enquiry.hpp"

namespace inbound_test {

inline const inbound::Offer& offer() {
  static const inbound::Offer all{{{"Zanzibar", {"Stone Town", "Unguja"}},
                                   {"Maldives", {"Male"}},
                                   {"Mauritius", {}},
                                   {"Seychelles", {"Mahe", "Praslin"}},
                                   {"Cape Town", {}},
                                   {"Kruger", {"Kruger National Park"}},
                                   {"Victoria Falls", {}}},
                                  {{"Coral Bay Resort", {}},
                                   {"Baobab Lodge", {}},
                                   {"The Palms Zanzibar", {}},
                                   {"Villa Frangipani", {}},
                                   {"Hotel Le Grand Bleu", {}},
                                   {"Ocean Pearl", {"Ocean Pearl Maldives"}},
                                   {"Table View Hotel", {}},
                                   {"Royal Savanna Camp", {}}}};
  return all;
}

}  // namespace inbound_test
