// Objects that may be garbage, in the platform's database: each object from before its first byte
// is sent until it was looked at an hour later, and each that loses its row from before that
// happens until it is deleted. So no crash leaves an object that nobody will look at. A row here
// says nothing by itself: the tenant's database decides. Private to this folder. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "storage/store.hpp"

namespace host::storage::s3_store {

struct Candidate {
  std::string object, tenant;
};

class Candidates {
 public:
  // Registers its table.
  explicit Candidates(Store& store);

  // Durable when it returns; a second time moves `due`.
  void add(const std::string& object, const std::string& tenant, Timestamp due);
  void drop(const std::string& object);
  // The oldest that are due, by tenant.
  std::vector<Candidate> due(Timestamp now, std::size_t most);
  std::uint64_t count_due(Timestamp now);

 private:
  Store& store_;
};

}  // namespace host::storage::s3_store
