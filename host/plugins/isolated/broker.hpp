// What a plugin's process asks of the host, done through the same interface tables that a plugin in
// this process calls: same checks, same grants, same call context, on the thread of the call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "isolation/protocol.hpp"
#include "isolation/wire.hpp"
#include "serai/abi/base.h"

namespace host::plugins {

class Generation;

// One host call: which, for which call, from and to where. `result` begins after the status.
struct BrokeredCall {
  isolation::Function function;
  serai_call call;
  bool no_result;  // the plugin gave no pointer for what comes back
  isolation::Decoder& from;
  isolation::Encoder& to;
};

// Answers a message of the child. False: it was a posted one, there is nothing to send. Throws
// BadMessage if it is none.
bool broker(std::uint32_t function, std::string_view message, std::string& answer);

// By group; nullopt-like `false`: the function is not of that group.
bool broker_messaging(const BrokeredCall& call, serai_status& status);
bool broker_storage(const BrokeredCall& call, serai_status& status);
bool broker_outside(const BrokeredCall& call, serai_status& status);

}  // namespace host::plugins
