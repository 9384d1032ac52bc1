// Mistakes in the host itself, planted at link time: the linker replaces the makers of rooms (and a
// few functions) by those of host_faults.cpp in this test program alone (--wrap). The program that
// ships has none of it.
#pragma once

#include <string>

namespace leaks {

// One of the names below, or "" for none; forgets what an earlier fault kept. Not while a house
// runs.
//   cache_without_tenant     keys of the cache lack the tenant
//   vectors_without_filter   one index for all tenants, searched as a whole
//   blob_of_anybody          a reference opens whoever's file it is
//   session_of_another       a plugin is lent the database session of the tenant before, now and
//   then job_token_kept           jobs of a kind run with the token of the first
//   idempotency_for_all      the key of a request is not the tenant's
//   client_id_believed       X-Client-ID chooses the tenant
//   audit_to_the_last        records go to the chain of the tenant before
//   user_unchecked           a user is found by id alone
//   session_unchecked        a session is ended by id alone
//   mail_to_the_last         mails lie in the outbox of the tenant before
//   path_as_label            a metric is labelled with the request's path
void plant(const std::string& fault);

}  // namespace leaks
