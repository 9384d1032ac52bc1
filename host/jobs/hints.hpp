// The platform's list of tenants with work due. Only a hint: it says whom to serve first after a
// restart, and the sweep finds everybody anyway. Failures are logged, never thrown. One thread.
#pragma once

#include <map>
#include <string>

#include "storage/store.hpp"

namespace host::jobs {

class Hints {
 public:
  using Due = std::map<std::string, Timestamp>;

  explicit Hints(storage::Store& store) : store_(store) {}

  Due load();
  // Writes what differs from the last time, by more than a minute.
  void save(const Due& due);

 private:
  storage::Store& store_;
  Due written_;
};

}  // namespace host::jobs
