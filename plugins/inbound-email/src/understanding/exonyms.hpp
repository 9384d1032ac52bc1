// What the eight languages call the places people fly to.
#pragma once

#include <span>
#include <string_view>

namespace inbound {

// All names of the place that has this folded name, itself included; empty for an unknown one.
std::span<const std::string_view> other_names(std::string_view folded);

}  // namespace inbound
