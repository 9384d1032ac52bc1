// Requests and messages of the ABI as bytes: written by the host, read by the child.
#pragma once

#include <string>
#include <vector>

#include "isolation/wire.hpp"
#include "serai/abi/request.h"

namespace host::isolation {

void encode(Encoder& to, serai_call call, const serai_request& request);
void encode(Encoder& to, serai_call call, const serai_message& message);

// Views into the decoder's bytes, and the arrays they need. Not copyable: `request` points inside.
struct ReceivedRequest {
  explicit ReceivedRequest(Decoder& from);
  ReceivedRequest(const ReceivedRequest&) = delete;
  ReceivedRequest& operator=(const ReceivedRequest&) = delete;

  serai_call call;
  serai_request request{};
  std::vector<serai_pair> path_parameters, query_parameters, headers;
  std::vector<serai_part> parts;
};

struct ReceivedMessage {
  explicit ReceivedMessage(Decoder& from);

  serai_call call;
  serai_message message{};
};

// Lists of pairs, in either direction. `pairs` null with a count is kept as such.
void encode_pairs(Encoder& to, const serai_pair* pairs, std::uint32_t count);
struct ReceivedPairs {
  std::vector<serai_pair> list;
  std::uint32_t claimed = 0;  // differs from the list only if there was no array
  const serai_pair* data() const { return list.size() == claimed ? list.data() : nullptr; }
};
ReceivedPairs decode_pairs(Decoder& from);

}  // namespace host::isolation
