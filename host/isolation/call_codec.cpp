// Field by field, in the order of the ABI's structs.
#include "isolation/call_codec.hpp"

#include <algorithm>

namespace host::isolation {
namespace {

void encode_caller(Encoder& to, const serai_caller& caller) {
  for (const auto& text :
       {caller.tenant, caller.user, caller.email, caller.name, caller.role, caller.request_id})
    to.text(text);
  to.number(caller.deadline_us);
}

void decode_caller(Decoder& from, serai_caller& caller) {
  for (auto* text : {&caller.tenant, &caller.user, &caller.email, &caller.name, &caller.role,
                     &caller.request_id})
    *text = from.str();
  caller.deadline_us = from.number<std::int64_t>();
}

}  // namespace

void encode_pairs(Encoder& to, const serai_pair* pairs, std::uint32_t count) {
  to.number(count);
  to.number(static_cast<std::uint8_t>(pairs != nullptr || count == 0));
  if (!pairs) return;
  for (std::uint32_t i = 0; i < count; ++i) {
    to.text(pairs[i].name);
    to.text(pairs[i].value);
  }
}

ReceivedPairs decode_pairs(Decoder& from) {
  ReceivedPairs pairs;
  pairs.claimed = from.number<std::uint32_t>();
  if (from.number<std::uint8_t>() == 0) return pairs;
  // Two sizes at least for each: what is only claimed gets no memory.
  pairs.list.reserve(std::min<std::size_t>(pairs.claimed, from.left() / 16));
  for (std::uint32_t i = 0; i < pairs.claimed; ++i) {
    const auto name = from.str();
    pairs.list.push_back({name, from.str()});
  }
  return pairs;
}

void encode(Encoder& to, serai_call call, const serai_request& request) {
  to.number(call);
  to.number(request.handler);
  to.text(request.method);
  to.text(request.path);
  to.text(request.query);
  encode_pairs(to, request.path_parameters, request.path_parameter_count);
  encode_pairs(to, request.query_parameters, request.query_parameter_count);
  encode_pairs(to, request.headers, request.header_count);
  to.number(request.part_count);
  for (std::uint32_t i = 0; i < request.part_count; ++i) {
    const auto& part = request.parts[i];
    for (const auto& text : {part.name, part.file_name, part.content_type, part.data, part.blob})
      to.text(text);
    to.number(part.size);
  }
  to.text(request.body);
  encode_caller(to, request.caller);
}

ReceivedRequest::ReceivedRequest(Decoder& from) : call(from.number<serai_call>()) {
  request.struct_size = sizeof request;
  request.handler = from.number<std::uint32_t>();
  request.method = from.str();
  request.path = from.str();
  request.query = from.str();
  path_parameters = decode_pairs(from).list;
  query_parameters = decode_pairs(from).list;
  headers = decode_pairs(from).list;
  parts.resize(from.number<std::uint32_t>());
  for (auto& part : parts) {
    for (auto* text : {&part.name, &part.file_name, &part.content_type, &part.data, &part.blob})
      *text = from.str();
    part.size = from.number<std::uint64_t>();
  }
  request.body = from.str();
  decode_caller(from, request.caller);
  from.end();
  request.path_parameters = path_parameters.data();
  request.query_parameters = query_parameters.data();
  request.headers = headers.data();
  request.parts = parts.data();
  request.path_parameter_count = static_cast<std::uint32_t>(path_parameters.size());
  request.query_parameter_count = static_cast<std::uint32_t>(query_parameters.size());
  request.header_count = static_cast<std::uint32_t>(headers.size());
  request.part_count = static_cast<std::uint32_t>(parts.size());
}

void encode(Encoder& to, serai_call call, const serai_message& message) {
  to.number(call);
  to.number(message.handler);
  to.text(message.id);
  to.text(message.kind);
  to.text(message.payload);
  to.number(message.attempt);
  encode_caller(to, message.caller);
}

ReceivedMessage::ReceivedMessage(Decoder& from) : call(from.number<serai_call>()) {
  message.struct_size = sizeof message;
  message.handler = from.number<std::uint32_t>();
  message.id = from.str();
  message.kind = from.str();
  message.payload = from.str();
  message.attempt = from.number<std::uint32_t>();
  decode_caller(from, message.caller);
  from.end();
}

}  // namespace host::isolation
