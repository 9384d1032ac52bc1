// The world outside of the test's house, which lets nothing out: what plugins would have sent is
// kept for the judge, and answered 503. Only a provider of embeddings and a mail server are there,
// so that what is made of their answers runs, too: each tenant has a key of its own to the
// provider, and of the mails some are put off, come back or are refused. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "config/profile.hpp"
#include "plugins/stand_ins.hpp"

namespace host::cli::isolation_test {

// A request or a mail on its way out; `text` is all of it, credentials too.
struct Sent {
  std::string plugin, text;
  int status = 503;
};

class Outside {
 public:
  static constexpr const char* kGateway = "ai";      // asks the provider ...
  static constexpr const char* kKey = "api_key";     // ... with this secret of the tenant's ...
  static constexpr const char* kUser = "knowledge";  // ... on behalf of this plugin
  static constexpr const char* kMailer = "mail";     // hands mails to the mail server

  // Lets the profile's plugins use the provider and the mail server, for all tenants.
  void settle(config::Profile& profile);
  // Whether those are there that ask it.
  bool is_asked() const { return is_asked_; }

  // They must not outlive it.
  plugins::StandIns stand_ins();

  // What was sent since the last call.
  std::vector<Sent> read_new();
  // How often the provider answered to that key.
  std::uint64_t answered(const std::string& key) const;

 private:
  plugins::OutboundReply fetch(const plugins::OutboundRequest& request);
  plugins::OutboundReply embed(const plugins::OutboundRequest& request);
  plugins::SubmissionReply submit(const plugins::Submission& mail);

  void settle_provider(config::Profile& profile);

  bool is_asked_ = false;
  mutable std::mutex mutex_;
  std::vector<Sent> sent_;
  std::uint64_t asked_ = 0, mails_ = 0;
  std::map<std::string, std::uint64_t> answered_;  // by key
};

}  // namespace host::cli::isolation_test
