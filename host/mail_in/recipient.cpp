#include "mail_in/recipient.hpp"

#include <algorithm>
#include <array>

#include "http/ascii.hpp"

namespace host::mail_in {
namespace {

constexpr std::size_t kLongestHead = 64 << 10;
constexpr std::size_t kLongestTenant = 50;

constexpr std::array<std::string_view, 5> kNames{"address", "local_part", "plus", "header",
                                                 "subject"};

// Local parts that mean a function of the platform, whatever tenants are called.
constexpr std::array<std::string_view, 10> kReserved{"quotes",  "sales",     "info",  "support",
                                                     "inbound", "mail",      "admin", "noreply",
                                                     "abuse",   "postmaster"};

// A name that an untrusted text gives: looked up only if it can be a tenant's.
std::optional<Found> named(std::string_view text, Strategy by, const Lookups& lookups) {
  if (text.empty() || text.size() > kLongestTenant) return std::nullopt;
  auto name = lower(text);
  if (is_reserved(name)) return std::nullopt;
  if (!lookups.exists(name)) return std::nullopt;
  return Found{std::move(name), by};
}

// What stands in [TENANT:...].
std::string_view tag_of(std::string_view subject) {
  static constexpr std::string_view kTag = "[tenant:";
  const auto folded = lower(subject);
  const auto begin = folded.find(kTag);
  if (begin == folded.npos) return {};
  const auto end = subject.find(']', begin);
  if (end == subject.npos) return {};
  return http::trimmed(subject.substr(begin + kTag.size(), end - begin - kTag.size()));
}

}  // namespace

std::string_view name_of(Strategy strategy) { return kNames[static_cast<std::size_t>(strategy)]; }

std::optional<Strategy> strategy_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Strategy>(found - kNames.begin());
}

bool is_reserved(std::string_view local_part) {
  return std::find(kReserved.begin(), kReserved.end(), lower(local_part)) != kReserved.end();
}

bool is_ours(const Address& recipient, const RecipientRules& rules) {
  if (recipient.domain.empty()) return true;
  return std::find(rules.domains.begin(), rules.domains.end(), recipient.domain) !=
         rules.domains.end();
}

std::optional<Found> tenant_of(const Address& recipient, const RecipientRules& rules,
                               const Lookups& lookups) {
  if (recipient.domain.empty()) return std::nullopt;
  if (rules.strategies.contains(Strategy::address)) {
    auto tenant = lookups.assigned(lower(recipient.text()));
    if (tenant && lookups.exists(*tenant)) return Found{std::move(*tenant), Strategy::address};
  }
  if (!is_ours(recipient, rules)) return std::nullopt;
  if (rules.strategies.contains(Strategy::local_part))
    if (auto found = named(recipient.local, Strategy::local_part, lookups)) return found;
  const auto plus = recipient.local.rfind('+');
  if (rules.strategies.contains(Strategy::plus) && plus != std::string::npos && plus > 0)
    return named(std::string_view(recipient.local).substr(plus + 1), Strategy::plus, lookups);
  return std::nullopt;
}

std::optional<Found> tenant_claimed(std::string_view mail, const RecipientRules& rules,
                                    const Lookups& lookups) {
  if (rules.strategies.contains(Strategy::header))
    if (auto found = named(header_of(mail, "x-tenant-id"), Strategy::header, lookups)) return found;
  if (rules.strategies.contains(Strategy::subject))
    return named(tag_of(header_of(mail, "subject")), Strategy::subject, lookups);
  return std::nullopt;
}

std::string header_of(std::string_view mail, std::string_view name) {
  mail = mail.substr(0, kLongestHead);
  std::string value;
  bool inside = false;
  while (!mail.empty()) {
    const auto end = std::min(mail.find('\n'), mail.size());
    auto line = mail.substr(0, end);
    mail.remove_prefix(std::min(end + 1, mail.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    const bool folded = line.front() == ' ' || line.front() == '\t';
    if (inside && !folded) break;
    if (inside) {
      if (!value.empty()) value += ' ';
      value += http::trimmed(line);
      continue;
    }
    const auto colon = line.find(':');
    if (folded || colon == line.npos || lower(http::trimmed(line.substr(0, colon))) != name)
      continue;
    inside = true;
    value = http::trimmed(line.substr(colon + 1));
  }
  return value;
}

}  // namespace host::mail_in
