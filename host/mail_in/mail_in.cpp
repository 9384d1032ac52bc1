#include "mail_in/mail_in.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "mail_in/tables.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "tenancy/token_mint.hpp"

namespace host::mail_in {
namespace {

using tenancy::TenantStatus;

// Makes the tables before those who use them are made.
storage::Store& with_tables(storage::Store& store) {
  store.register_platform(tables());
  store.migrate_platform();
  return store;
}

void count(const char* result) {
  observe::metrics()
      .counter("serai_mail_in_total",
               "Mails that came to the host, once for each who was to have it.",
               {{"result", result}})
      .add();
}

void count(Outcome outcome, bool duplicate) {
  switch (outcome) {
    case Outcome::stored:
      return count(duplicate ? "duplicate" : "stored");
    case Outcome::later:
      return count("later");
    case Outcome::full:
      return count("full");
    case Outcome::too_large:
      return count("too_large");
    case Outcome::refused:
      break;
  }
  count("refused");
}

}  // namespace

const char* status_text(TenantStatus status) {
  if (status == TenantStatus::active) return "active";
  return status == TenantStatus::suspended ? "suspended" : "read_only";
}

MailIn::MailIn(storage::Store& store, tenancy::Tenants& tenants, Delivery delivery, Options options)
    : tenants_(tenants),
      delivery_(std::move(delivery)),
      options_(std::move(options)),
      addresses_(with_tables(store)),
      inbox_(store, options_.inbox) {
  tenants_.on_destroy([this](const CallToken& token) { addresses_.forget_tenant(token.tenant()); });
}

Lookups MailIn::lookups() const {
  return {[this](const std::string& address) { return addresses_.tenant_of(address); },
          [this](const std::string& tenant) { return tenants_.status(tenant).has_value(); }};
}

Verdict MailIn::verdict_on(const Address& recipient) const {
  const auto found = tenant_of(recipient, options_.rules, lookups());
  if (found)
    return tenants_.status(found->tenant) == TenantStatus::active ? Verdict::accept
                                                                  : Verdict::later;
  if (!is_ours(recipient, options_.rules)) return Verdict::not_ours;
  // RFC 5321 section 4.5.1: a domain that takes mail has a postmaster.
  if (options_.keep_unknown || lower(recipient.local) == "postmaster") return Verdict::accept;
  return Verdict::unknown;
}

Verdict MailIn::judge(const Address& recipient) const {
  const auto verdict = verdict_on(recipient);
  if (verdict == Verdict::not_ours) count("not_ours");
  if (verdict == Verdict::unknown) count("unknown");
  return verdict;
}

Delivery::Result MailIn::deliver(const std::string& tenant, const Mail& mail,
                                 const std::vector<Address>& recipients, const std::string& id,
                                 Deadline deadline) const {
  const auto status = tenants_.status(tenant);
  if (status != TenantStatus::active)
    return {Outcome::later, false, status ? "the tenant is not active" : "the tenant is gone"};
  return delivery_.deliver(tenancy::TokenMint::for_public(tenant, {id, "", deadline}), mail,
                           recipients);
}

std::optional<Found> MailIn::whose(const Mail& mail, const Address& recipient) const {
  auto found = tenant_of(recipient, options_.rules, lookups());
  if (!found && is_ours(recipient, options_.rules))
    found = tenant_claimed(mail.bytes, options_.rules, lookups());
  return found;
}

MailIn::Received MailIn::receive(const Mail& mail, Deadline deadline) {
  Received received;
  received.id = uuid_v7();
  received.outcomes.assign(std::max<std::size_t>(mail.recipients.size(), 1), Outcome::later);
  // Whose it is, by the number of the recipient; what is left is for the inbox.
  struct Share {
    Found found;
    std::vector<std::size_t> recipients;
  };
  std::vector<Share> shares;
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < mail.recipients.size(); ++i) {
    auto found = whose(mail, mail.recipients[i]);
    if (!found) {
      unknown.push_back(i);
      continue;
    }
    const auto known = std::find_if(shares.begin(), shares.end(), [&](const Share& share) {
      return share.found.tenant == found->tenant;
    });
    if (known != shares.end())
      known->recipients.push_back(i);
    else
      shares.push_back({std::move(*found), {i}});
  }
  // Nobody reads of others who got the same mail.
  const auto part_for = [&](const std::vector<std::size_t>& recipients) {
    std::vector<Address> list;
    for (const auto i : recipients) list.push_back(mail.recipients[i]);
    return list;
  };
  for (const auto& share : shares) {
    const auto result =
        deliver(share.found.tenant, mail, part_for(share.recipients), received.id, deadline);
    count(result.outcome, result.duplicate);
    for (const auto i : share.recipients) received.outcomes[i] = result.outcome;
    if (result.outcome != Outcome::stored) continue;
    received.tenants.push_back(share.found.tenant);
    received.by.push_back(share.found.by);
  }
  if (!unknown.empty() || mail.recipients.empty()) {
    auto outcome = Outcome::later;
    try {
      outcome = inbox_.keep(mail, part_for(unknown)) ? Outcome::stored : Outcome::full;
    } catch (const std::exception& error) {
      observe::log(observe::Level::error, "A mail could not be put into the platform's inbox.",
                   {{"request_id", received.id}, {"error", error.what()}});
    }
    if (outcome == Outcome::full)
      observe::log(observe::Level::warning, "The platform's inbox is full; senders have to wait.",
                   {});
    if (outcome == Outcome::stored)
      count("inbox");
    else
      count(outcome, false);
    if (unknown.empty()) received.outcomes[0] = outcome;
    for (const auto i : unknown) received.outcomes[i] = outcome;
  }
  return received;
}

MailIn::Answer MailIn::look_up(const Address& recipient) const {
  Answer answer;
  answer.found = tenant_of(recipient, options_.rules, lookups());
  if (answer.found) {
    const auto status = tenants_.status(answer.found->tenant);
    if (status) answer.status = status_text(*status);
    answer.fate = status == TenantStatus::active ? "tenant" : "later";
    return answer;
  }
  switch (verdict_on(recipient)) {
    case Verdict::not_ours:
      answer.fate = "not_ours";
      break;
    case Verdict::unknown:
      answer.fate = "refused";
      break;
    default:
      answer.fate = "inbox";
  }
  return answer;
}

void MailIn::require_tenant(const std::string& id) const {
  if (!tenants_.status(id)) throw Problem(404, "unknown_tenant", "There is no tenant of this id.");
}

Delivery::Result MailIn::hand_over(std::string_view id, const std::string& tenant,
                                   Deadline deadline) {
  require_tenant(tenant);
  const auto mail = inbox_.open(id);
  if (!mail) throw not_found("There is no such mail in the inbox.");
  auto result = deliver(tenant, *mail, mail->recipients, uuid_v7(), deadline);
  if (result.outcome == Outcome::refused || result.outcome == Outcome::too_large)
    throw conflict("mail_refused", "The tenant's plugin refused it: " + result.reason);
  if (result.outcome != Outcome::stored)
    throw unavailable("mail_not_taken", "The tenant does not take it now: " + result.reason, 5);
  count(result.outcome, result.duplicate);
  inbox_.remove(id);
  return result;
}

}  // namespace host::mail_in
