// The rooms a tenant's data lies in. Each outlives whoever gets this.
#pragma once

#include "audit/audit.hpp"
#include "auth/auth.hpp"
#include "storage/blobs.hpp"
#include "storage/secrets.hpp"
#include "storage/store.hpp"
#include "tenancy/tenants.hpp"
#include "usage/ledger.hpp"

namespace host::moves {

struct House {
  storage::Store& store;
  storage::Blobs& blobs;
  storage::Secrets& secrets;
  audit::Audit& audit;
  tenancy::Tenants& tenants;
  auth::Auth& auth;
  usage::Ledger& usage;
};

}  // namespace host::moves
