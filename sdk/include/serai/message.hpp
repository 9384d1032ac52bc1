// Jobs, events and service calls as handlers receive them. Jobs and events come at least once: a
// handler must be idempotent; throwing means "try again later".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "serai/call.hpp"
#include "serai/fields.hpp"

namespace serai {

class Message : public Call, public Fields<Message> {
 public:
  Message(const detail::Context& context, const serai_message& abi) noexcept
      : Call(context, abi.caller), abi_(&abi) {}

  // As it was queued, published or sent.
  std::string_view payload() const noexcept { return detail::to_view(abi_->payload); }
  // The payload, parsed once; Problem 400 if it is not JSON. Its members: field() of Fields.
  const Json& json() const {
    if (!json_) json_ = parse_json(payload(), "The payload");
    return *json_;
  }

 protected:
  ~Message() = default;
  // As the host passed it.
  const serai_message& abi() const noexcept { return *abi_; }

 private:
  const serai_message* abi_;
  mutable std::optional<Json> json_;
};

class Job : public Message {
 public:
  using Message::Message;
  // Id, kind of the manifest, and which attempt this is.
  std::string_view id() const noexcept { return detail::to_view(abi().id); }
  std::string_view kind() const noexcept { return detail::to_view(abi().kind); }
  std::uint32_t attempt() const noexcept { return abi().attempt; }  // from 1
};

class Event : public Message {
 public:
  using Message::Message;
  // Id of this delivery, and which attempt it is.
  std::string_view id() const noexcept { return detail::to_view(abi().id); }
  std::uint32_t attempt() const noexcept { return abi().attempt; }  // from 1
  // "tenant.created"
  std::string_view type() const noexcept {
    std::string_view kind = detail::to_view(abi().kind);
    if (kind.starts_with("event:")) kind.remove_prefix(6);
    return kind;
  }
};

class ServiceCall : public Message {
 public:
  using Message::Message;
  // The service as the caller named it ("knowledge.search/1").
  std::string_view service() const noexcept { return detail::to_view(abi().kind); }
};

}  // namespace serai
