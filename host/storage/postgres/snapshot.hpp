// What taking a tenant elsewhere reads: one state of the tenant's rows, or of the platform's, in a
// transaction of its own, and the shape of the tables.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/session.hpp"
#include "storage/transfer.hpp"

namespace host::storage::postgres {

// `tenant` is empty for the platform's schema. Throws Problem(404) for one that is not there.
std::unique_ptr<Session> make_snapshot(Access& access, const std::string& tenant,
                                       Deadline deadline);

std::vector<TableShape> table_shapes(Session& session);

}  // namespace host::storage::postgres
