// Hands a mail to a tenant: to the plugin that provides inbound.receive/1, in a call of that
// tenant, as bytes in its blob store. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call_token.hpp"
#include "mail_in/mail.hpp"
#include "plugins/blob_keeper.hpp"
#include "storage/blobs.hpp"

namespace host::mail_in {

// What the plugin is asked, JSON: {"blob", "content_type", "size", "sender", "recipients", "via"};
// a provider's form has instead of the blob "form": [{"name", "file_name", "content_type", "size",
// and "data" or "blob"}]. Blobs go after the call unless the plugin keeps them. What it answers:
// {"result": "stored"}, which says that the mail is durable, or "duplicate", or "refused" with a
// "reason": it will never take it.
inline constexpr std::string_view kReceive = "inbound.receive/1";

class Delivery {
 public:
  using CallService = std::function<std::string(const CallToken&, std::string_view service,
                                                std::string_view payload)>;

  // All must outlive it.
  Delivery(storage::Blobs& blobs, plugins::BlobKeeper& keeper, CallService call)
      : blobs_(blobs), keeper_(keeper), call_(std::move(call)) {}

  struct Result {
    Outcome outcome = Outcome::later;
    bool duplicate = false;
    std::string reason;  // of anything but stored; for the operator, never for the sender
  };
  // `token`: of the tenant; `recipients`: those of the mail's that are its. Never throws because of
  // the tenant or the plugin: that is Outcome::later.
  Result deliver(const CallToken& token, const Mail& mail,
                 const std::vector<Address>& recipients) const;

 private:
  storage::Blobs& blobs_;
  plugins::BlobKeeper& keeper_;
  const CallService call_;
};

}  // namespace host::mail_in
