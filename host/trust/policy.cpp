#include "trust/policy.hpp"

#include <algorithm>

#include "trust/moment.hpp"
#include "trust/signature.hpp"

namespace host::trust {

// A signature that is wrong, out of its time or revoked is refused everywhere; one by a key that is
// not in the store is worth as much as none, because whoever sends it could as well have cut it
// off.
std::string Policy::judge_signature(const TrustStore& store, std::string_view text,
                                    const Hash& package, Verdict& verdict) const {
  Signature signature;
  if (auto fault = parse_signature(text, signature); !fault.empty()) return fault;
  verdict.key = signature.key;
  if (store.revoked_keys.contains(signature.key))
    return "it is signed with the revoked key " + signature.key + "; get one signed with another";
  const auto found = store.keys.find(signature.key);
  if (found == store.keys.end()) return {};
  const TrustedKey& key = found->second;
  if (!verify(signature, key.key, package))
    return "its signature is not that of the key " + signature.key +
           "; it was changed after it was signed, get it again";
  const Timestamp time = options_.clock();
  const Timestamp from = std::max(signature.not_before, key.not_before);
  const Timestamp until = std::min(signature.not_after, key.not_after);
  if (time < from)
    return "its signature is valid only from " + to_seconds_text(from) +
           " on; wait, or correct the clock";
  if (time >= until)
    return "its signature has expired (" + to_seconds_text(until) + "); get one signed anew";
  verdict.level = key.level;
  verdict.tenants = key.tenants;
  verdict.valid_until = until;
  return {};
}

std::string Policy::judge(const Hash& package, std::string_view signature, bool isolated,
                          Verdict& verdict) const {
  verdict = {};
  verdict.package = to_hex(package);
  const auto loaded = load_store(options_.store);
  if (!loaded.faults.empty())
    return "the trust store has a fault, so nobody is trusted: " + loaded.faults.front() +
           " `serai check` lists them all";
  if (loaded.store.revoked_packages.contains(verdict.package))
    return "this package is revoked (" + verdict.package + "); get another version";
  if (!signature.empty())
    if (auto fault = judge_signature(loaded.store, signature, package, verdict); !fault.empty())
      return fault;
  if (isolated || may_run_in_process(verdict)) return {};
  if (signature.empty())
    return "it is not signed; sign it, run it with placement: isolated, or, on a developer's "
           "machine, set developer_mode: true";
  return "it is signed with the key " + verdict.key +
         ", which the trust store does not know; add the key's file to plugins.trust, or run it "
         "with placement: isolated";
}

}  // namespace host::trust
