// Lists of clients: what they are narrowed to, and pages of them.
#pragma once

#include <string>
#include <vector>

#include <serai/plugin.hpp>

#include "client.hpp"

namespace crm {

// The condition of a list on crm_clients AS c, and the values it binds.
struct Filter {
  std::string condition;  // " WHERE ..." or empty
  std::vector<std::string> values;
  std::string name;  // the same for the same question

  std::vector<serai::Value> bound() const { return {values.begin(), values.end()}; }
  std::string next(std::size_t behind) const {  // "$n" of the `behind`th value after these
    return "$" + std::to_string(values.size() + behind);
  }
};
// From the query parameters query, stage and consultant_id.
Filter filter_of(const serai::Request& request);

// Route.
serai::Json list_clients(serai::Request& request);

}  // namespace crm
