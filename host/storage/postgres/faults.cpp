#include "storage/postgres/faults.hpp"

#include <algorithm>
#include <array>

#include "storage/postgres/capture.hpp"

namespace host::storage::postgres {
namespace {

struct Meaning {
  std::string_view state;  // a code of five, or a class of two
  SqlFault fault;
};

// The first that fits; whole codes stand before their classes.
constexpr std::array kMeanings = std::to_array<Meaning>({
    {"23505", SqlFault::unique},
    {"23P01", SqlFault::unique},
    {"23503", SqlFault::foreign_key},
    {"23502", SqlFault::not_null},
    {"23", SqlFault::check},
    {"22", SqlFault::check},      // a value that its column's type does not take
    {"42804", SqlFault::check},   // an expression of another type than its column
    {"54", SqlFault::check},      // too large
    {"42501", SqlFault::denied},  // also: another tenant's row
    {"25006", SqlFault::denied},
    {"57014", SqlFault::timeout},
    {"40", SqlFault::busy},
    {"55P03", SqlFault::busy},
    {"53100", SqlFault::full},
    {"53", SqlFault::busy},
    {"42", SqlFault::syntax},
    {"26", SqlFault::syntax},
    {"0A", SqlFault::syntax},
});

}  // namespace

SqlFault fault_of(std::string_view state) {
  const auto found = std::find_if(kMeanings.begin(), kMeanings.end(),
                                  [&](const Meaning& m) { return state.starts_with(m.state); });
  return found == kMeanings.end() ? SqlFault::io : found->fault;
}

bool worth_repeating(std::string_view state) { return state == "40001" || state == "40P01"; }

bool connection_lost(std::string_view state) {
  return state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" ||
         state == "57P05" || state == "25P03";
}

void fail(const Failure& failure) {
  if (failure.state == kMovingState) refuse_moving();
  throw SqlError(fault_of(failure.state), failure.message + " (" + failure.state + ")");
}

}  // namespace host::storage::postgres
