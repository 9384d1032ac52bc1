// A change of clients: a transaction that, once it has lasted, makes kept totals old.
#pragma once

#include <serai/plugin.hpp>
#include <serai/total.hpp>

namespace crm {

class Writing {
 public:
  explicit Writing(const serai::Call& call) : call_(call), transaction_(call.sql().transaction()) {}

  void commit() {
    transaction_.commit();
    serai::Total(call_, "clients").changed();
  }

 private:
  const serai::Call& call_;
  serai::Transaction transaction_;
};

}  // namespace crm
