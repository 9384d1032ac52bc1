#include "mail_in/diagnosis.hpp"

#include <algorithm>

namespace host::mail_in {
namespace {

using tenancy::Tenant;
using tenancy::TenantStatus;

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::vector<std::string> Diagnosis::faults() const {
  std::vector<std::string> faults;
  const auto& rules = mail_.options().rules;
  if (rules.strategies.empty()) faults.emplace_back("No strategy is on: no mail finds a tenant.");
  if (rules.domains.empty() && mail_.addresses().count() == 0)
    faults.emplace_back(
        "There is no domain, and no tenant was given an address: no mail finds a tenant.");
  const auto receiver = around_.receiver();
  const auto takes_mail = [&](const Tenant& tenant) {
    return tenant.status == TenantStatus::active && around_.takes_mail(tenant.id);
  };
  const auto all = tenants_.list();
  if (receiver.empty())
    faults.push_back("No plugin that takes mail (" + std::string(kReceive) +
                     ") is running: mail for tenants waits at its senders.");
  else if (std::none_of(all.begin(), all.end(), takes_mail))
    faults.push_back("No tenant can take mail: none is active and has the plugin " + receiver +
                     " on.");
  if (around_.webhook && !around_.secret && !around_.key)
    faults.emplace_back("The webhook has neither password nor key: nothing can be posted.");
  if (!mail_.inbox().has_room(1))
    faults.emplace_back("The inbox is full: mail that is nobody's waits at its senders.");
  return faults;
}

Diagnosis::Page Diagnosis::tenants(std::string_view after, std::size_t limit) const {
  auto all = tenants_.list();
  std::sort(all.begin(), all.end(), [](const Tenant& a, const Tenant& b) { return a.id < b.id; });
  const auto receiver = around_.receiver();
  Page page;
  page.total = all.size();
  auto next = std::upper_bound(all.begin(), all.end(), after,
                               [](std::string_view id, const Tenant& one) { return id < one.id; });
  for (; next != all.end() && page.tenants.size() < limit; ++next)
    page.tenants.push_back(reach(*next, receiver));
  page.more = next != all.end();
  return page;
}

Diagnosis::Reached Diagnosis::reach(const Tenant& tenant, const std::string& receiver) const {
  const auto& rules = mail_.options().rules;
  Reached out;
  out.tenant = tenant.id;
  out.name = tenant.name;
  out.status = status_text(tenant.status);
  out.addresses = mail_.addresses().of_tenant(tenant.id, kShownAddresses);
  out.address_count = mail_.addresses().count_of(tenant.id);
  out.takes_mail = !receiver.empty() && around_.takes_mail(tenant.id);
  const bool reserved = is_reserved(tenant.id);
  const bool named =
      rules.strategies.contains(Strategy::local_part) || rules.strategies.contains(Strategy::plus);
  for (const auto& domain : rules.domains) {
    if (reserved) break;
    if (rules.strategies.contains(Strategy::local_part))
      out.local_part.push_back(tenant.id + "@" + domain);
    if (rules.strategies.contains(Strategy::plus))
      out.plus.push_back("anything+" + tenant.id + "@" + domain);
  }
  auto& faults = out.faults;
  const bool by_address = rules.strategies.contains(Strategy::address);
  if (reserved && named)
    faults.push_back("The id " + tenant.id +
                     " means a function of the platform in an address: as local part or behind a "
                     "plus it names nobody.");
  if (out.address_count > 0 && !by_address)
    faults.push_back("The strategy address is off: what it was given counts for nothing.");
  const bool given = by_address && out.address_count > 0;
  if (!given && out.local_part.empty() && out.plus.empty())
    faults.push_back("No address leads to " + tenant.id + ": give it one.");
  if (tenant.status != TenantStatus::active)
    faults.push_back(tenant.id + " is " + out.status + ": its mail" +
                     (given ? " (" + listed(out.addresses) +
                                  (out.address_count > out.addresses.size() ? " and more)" : ")")
                            : "") +
                     " waits at its senders.");
  if (!receiver.empty() && !out.takes_mail)
    faults.push_back("The plugin " + receiver + " is off for " + tenant.id +
                     ": its mail waits at its senders.");
  return out;
}

std::vector<Diagnosis::Fate> Diagnosis::foresee(const Mail& mail) const {
  const bool full = !mail_.inbox().has_room(mail.bytes.size());
  const auto for_nobody = [&](std::string recipient) {
    return Fate{std::move(recipient), std::nullopt, full ? "later" : "inbox",
                full ? "It is nobody's, and the inbox is full."
                     : "It is nobody's: it is kept for the administrator."};
  };
  std::vector<Fate> fates;
  const auto receiver = around_.receiver();
  for (const auto& recipient : mail.recipients) {
    auto found = mail_.whose(mail, recipient);
    if (!found) {
      fates.push_back(for_nobody(recipient.text()));
      continue;
    }
    Fate fate{recipient.text(), found, "later", ""};
    if (tenants_.status(found->tenant) != TenantStatus::active)
      fate.why = "The tenant is not active.";
    else if (receiver.empty())
      fate.why = "No plugin that takes mail is running.";
    else if (!around_.takes_mail(found->tenant))
      fate.why = "The plugin " + receiver + " is off for the tenant.";
    else
      fate = {recipient.text(), found, "tenant", "The plugin " + receiver + " is handed it."};
    fates.push_back(std::move(fate));
  }
  if (fates.empty()) fates.push_back(for_nobody(""));
  return fates;
}

}  // namespace host::mail_in
