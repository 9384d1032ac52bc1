// A house with the whole sales desk: tenant "lagoon" sells two hotels on Zanzibar, answers
// enquiries with quotes by itself and mails them over a relay; tenant "savanna" is its neighbour.
// For suites that follow an enquiry from the mail to the quote.
#pragma once

#include "e2e/running_host.hpp"
#include "support/smtp_server.hpp"

namespace serai_test {

struct SalesDeskOptions {
  bool isolated = false;
  // Beside or instead of what the house sets, by plugin.
  std::map<std::string, nlohmann::json> settings;
  std::vector<std::string> more_plugins;
  std::map<std::string, std::string> environment;
};

class SalesDesk {
 public:
  using json = nlohmann::json;

  explicit SalesDesk(const SalesDeskOptions& options = {});

  RunningHost& host() { return host_; }
  SmtpServer& relay() { return relay_; }
  Person& lagoon() { return lagoon_; }
  const Person& savanna() const { return savanna_; }
  // The path below which the host says that it lives, taken from an address of its own.
  static std::string path_of(const std::string& url);

  // An enquiry that everything is clear in: a week on Zanzibar for two, by a customer of that name.
  static std::string enquiry(const std::string& name);
  static std::string address(const std::string& name) { return name + "@example.org"; }
  // Posts it as a provider does; the second, any mail.
  Answer deliver(const std::string& name);
  Answer deliver_mail(const std::string& mail);

  // `data` of what the tenant's owner is answered.
  json list(const Person& who, const std::string& path);
  json tickets_of(const std::string& name);
  json quotes_of(const std::string& name);
  json mails_to(const std::string& name);
  bool is_sent(const std::string& name);
  // All mails that the relay has taken over until one for that customer has come, those before with
  // it.
  const std::vector<json>& taken_until(const std::string& name);
  // What the relay took for that customer so far: source texts, decoded.
  std::vector<std::string> taken_of(const std::string& name);
  std::string decoded(const std::string& base64);

  // Starts the host again, on the same data.
  void come_back();
  // Makes the tenant "lagoon" anew after it was deleted.
  void found_again();

 private:
  static RunningHost::Options host_options(const SmtpServer& relay,
                                           const SalesDeskOptions& options);

  SmtpServer relay_;
  RunningHost host_;
  Person lagoon_, savanna_;
  std::string mime_;
  std::vector<json> taken_;
};

}  // namespace serai_test
