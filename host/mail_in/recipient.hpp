// Whose mail it is. The envelope's recipient names a tenant, and only as far as the platform
// vouches for it: by addresses that its administrator gave out, or at domains that are the
// platform's own. What the mail says of itself (a header, its subject) anybody can write: asked
// only where the profile allows it. Pure; what it has to look up is handed in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mail_in/address.hpp"

namespace host::mail_in {

// In the order in which they are asked.
enum class Strategy : std::uint8_t { address, local_part, plus, header, subject };
std::string_view name_of(Strategy strategy);
std::optional<Strategy> strategy_named(std::string_view name);

struct RecipientRules {
  std::vector<std::string> domains;  // the platform's own, lower case
  std::set<Strategy> strategies;
};

struct Lookups {
  // The tenant that was given this address ("anna@example.com", lower case).
  std::function<std::optional<std::string>(const std::string& address)> assigned;
  std::function<bool(const std::string& tenant)> exists;
};

struct Found {
  std::string tenant;
  Strategy by = Strategy::address;
};

// Whether that local part means a function of the platform, so that no tenant is found by it.
bool is_reserved(std::string_view local_part);

// Whether mail for everybody at that domain ends here; also <postmaster> alone.
bool is_ours(const Address& recipient, const RecipientRules& rules);

// By address, local part or plus addressing.
std::optional<Found> tenant_of(const Address& recipient, const RecipientRules& rules,
                               const Lookups& lookups);

// By what the mail claims: X-Tenant-ID, or [TENANT:id] in its subject. For mail at the platform's
// own domains whose recipient names nobody.
std::optional<Found> tenant_claimed(std::string_view mail, const RecipientRules& rules,
                                    const Lookups& lookups);

// The first field of that name (lower case) in the head of a mail, unfolded; empty: there is none.
// Looks at 64 KiB at most.
std::string header_of(std::string_view mail, std::string_view name);

}  // namespace host::mail_in
