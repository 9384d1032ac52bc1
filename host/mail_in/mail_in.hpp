// Mail that arrives at the host: whose is it, and where does it go. What the listener, the webhook
// and the administrator's routes ask. Thread-safe; every function may wait for the database.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "mail_in/addresses.hpp"
#include "mail_in/delivery.hpp"
#include "mail_in/inbox.hpp"
#include "mail_in/mail.hpp"
#include "mail_in/recipient.hpp"
#include "storage/store.hpp"
#include "tenancy/tenants.hpp"

namespace host::mail_in {

struct Options {
  RecipientRules rules;
  bool keep_unknown = true;  // else refused when it is announced
  InboxLimits inbox;
};

// "active", "suspended", "read_only"
const char* status_text(tenancy::TenantStatus status);

class MailIn {
 public:
  // Registers and makes its tables, and forgets addresses of tenants that go. All must outlive it.
  MailIn(storage::Store& store, tenancy::Tenants& tenants, Delivery delivery, Options options);

  // Before the message is there.
  Verdict judge(const Address& recipient) const;

  struct Received {
    std::string id;                    // in the logs: the calls' request id
    std::vector<Outcome> outcomes;     // one for each recipient; one where there are none
    std::vector<std::string> tenants;  // who has it, each once
    std::vector<Strategy> by;          // how each was found
  };
  // A message that is complete: each tenant gets it once, whatever many of its addresses are meant.
  Received receive(const Mail& mail, Deadline deadline);

  // Whose a mail is, of those it was sent to.
  std::optional<Found> whose(const Mail& mail, const Address& recipient) const;

  // What would become of mail to that address now.
  struct Answer {
    std::optional<Found> found;
    std::string status;  // of the tenant: active, suspended, read_only
    std::string fate;    // tenant, later, inbox, refused, not_ours
  };
  Answer look_up(const Address& recipient) const;

  // Gives a mail of the inbox to a tenant; it leaves the inbox when the tenant has it. Throws
  // Problem(404) for an unknown mail or tenant, Problem(409 mail_refused), Problem(503).
  Delivery::Result hand_over(std::string_view id, const std::string& tenant, Deadline deadline);

  Addresses& addresses() { return addresses_; }
  Inbox& inbox() { return inbox_; }
  const Options& options() const { return options_; }
  // Throws Problem(404 unknown_tenant).
  void require_tenant(const std::string& id) const;

 private:
  Lookups lookups() const;
  Verdict verdict_on(const Address& recipient) const;
  Delivery::Result deliver(const std::string& tenant, const Mail& mail,
                           const std::vector<Address>& recipients, const std::string& id,
                           Deadline deadline) const;

  tenancy::Tenants& tenants_;
  const Delivery delivery_;
  const Options options_;
  Addresses addresses_;
  Inbox inbox_;
};

}  // namespace host::mail_in
