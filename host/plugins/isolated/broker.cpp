// From a message to a function and back; see the header.
#include "plugins/isolated/broker.hpp"

#include "plugins/call_context.hpp"

namespace host::plugins {

using isolation::BadMessage;
using isolation::Decoder;
using isolation::Encoder;
using isolation::Function;

bool broker(std::uint32_t function, std::string_view message, std::string& answer) {
  Decoder from(message);
  Encoder to(answer);
  to.number(serai_status{SERAI_OK});
  const auto call = from.number<serai_call>();
  const bool no_result = from.number<std::uint8_t>() != 0;
  const BrokeredCall brokered{static_cast<Function>(function), call, no_result, from, to};
  serai_status status = SERAI_OK;
  if (!broker_messaging(brokered, status) && !broker_storage(brokered, status) &&
      !broker_outside(brokered, status))
    throw BadMessage("an unknown function");
  from.end();
  if (isolation::posted(brokered.function)) return false;
  if (status < 0) {
    const CallContext* context = innermost_call();
    Encoder failure(answer);
    failure.number(status);
    failure.text(context ? std::string_view(context->host_code()) : std::string_view());
    failure.text(context ? std::string_view(context->host_detail()) : std::string_view());
  }
  return true;
}

}  // namespace host::plugins
