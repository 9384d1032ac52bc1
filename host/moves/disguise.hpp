// What a row must look like outside of its house. Secrets are sealed under keys that never leave
// it: they are opened when a row is read and sealed anew when it is written. A job's lease is of
// this house: outside, a running job is one that was cut off.
#pragma once

#include "base/call_token.hpp"
#include "moves/house.hpp"
#include "moves/tables.hpp"

namespace host::moves {

class Disguise {
 public:
  // `token`: of the tenant, in this house.
  Disguise(House& house, const CallToken& token, const Table& table);

  void take_off(Row& row) const;  // as read here -> for elsewhere
  void put_on(Row& row) const;    // from elsewhere -> as it is written here

 private:
  House& house_;
  const CallToken token_;
  enum class Kind : std::uint8_t { plain, secrets, users, jobs } kind_ = Kind::plain;
  const Table& table_;
};

}  // namespace host::moves
