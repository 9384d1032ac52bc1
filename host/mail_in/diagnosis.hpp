// Why mail does not arrive: what is set, which ways lead to a tenant, and what stands in them. For
// the administrator; changes nothing. Thread-safe; every function waits for the database.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mail_in/mail_in.hpp"

namespace host::mail_in {

// What is around: how mail comes to the host and who takes it.
struct Surroundings {
  std::string listening;  // "lmtp unix:/run/serai/mail.sock"; empty: nobody listens
  bool webhook = false, secret = false, key = false;  // posted mail; whether they are set
  std::function<std::string()> receiver;  // id of the plugin that takes mail; empty: none runs
  std::function<bool(const std::string& tenant)> takes_mail;  // whether it is on there
};

class Diagnosis {
 public:
  // Of a tenant's addresses so many are told; the number tells of the others.
  static constexpr std::size_t kShownAddresses = 20;

  // Both must outlive it.
  Diagnosis(MailIn& mail, tenancy::Tenants& tenants, Surroundings surroundings)
      : mail_(mail), tenants_(tenants), around_(std::move(surroundings)) {}

  const Surroundings& surroundings() const { return around_; }
  std::size_t tenant_count() const { return tenants_.list().size(); }

  // Sentences: what keeps mail from everybody.
  std::vector<std::string> faults() const;

  struct Reached {
    std::string tenant, name, status;
    std::vector<std::string> addresses;  // given by the administrator
    std::size_t address_count = 0;
    std::vector<std::string> local_part, plus;  // at each domain, as far as the strategy is on
    bool takes_mail = false;                    // the plugin is on there
    std::vector<std::string> faults;            // sentences: what keeps mail from it
  };
  struct Page {
    std::vector<Reached> tenants;
    std::size_t total = 0;
    bool more = false;
  };
  // Tenants by id, behind `after`.
  Page tenants(std::string_view after, std::size_t limit) const;

  // What would become of a mail that is posted, for each of its recipients.
  struct Fate {
    std::string recipient;
    std::optional<Found> found;
    std::string fate;  // tenant, later, inbox
    std::string why;   // one sentence
  };
  std::vector<Fate> foresee(const Mail& mail) const;

 private:
  Reached reach(const tenancy::Tenant& tenant, const std::string& receiver) const;

  MailIn& mail_;
  tenancy::Tenants& tenants_;
  const Surroundings around_;
};

}  // namespace host::mail_in
