// http_client, program, smtp and links.
#include <vector>

#include "isolation/call_codec.hpp"
#include "plugins/interface.hpp"
#include "plugins/isolated/broker.hpp"
#include "serai/abi/all.h"

namespace host::plugins {
namespace {

using isolation::Function;

serai_status fetch(const BrokeredCall& b) {
  const bool given = b.from.number<std::uint8_t>() != 0;
  serai_http_response response{};
  response.struct_size = b.from.number<std::uint32_t>();
  serai_http_request request{};
  isolation::ReceivedPairs headers;
  if (given) {
    request.struct_size = b.from.number<std::uint32_t>();
    request.timeout_ms = b.from.number<std::uint32_t>();
    request.method = b.from.str();
    request.url = b.from.str();
    headers = isolation::decode_pairs(b.from);
    request.headers = headers.data();
    request.header_count = headers.claimed;
    request.retries = b.from.number<std::uint32_t>();
    request.body = b.from.str();
    request.max_body = b.from.number<std::uint64_t>();
  }
  const auto& api = *static_cast<const serai_http_client_api*>(http_client_table());
  const auto status =
      api.fetch(b.call, given ? &request : nullptr, b.no_result ? nullptr : &response);
  if (status < 0) return status;
  b.to.number(response.status);
  b.to.number(response.attempts);
  isolation::encode_pairs(b.to, response.headers, response.header_count);
  b.to.text(response.body);
  return status;
}

serai_status run(const BrokeredCall& b) {
  const bool given = b.from.number<std::uint8_t>() != 0;
  serai_program_result result{};
  result.struct_size = b.from.number<std::uint32_t>();
  serai_program_spec spec{};
  std::vector<serai_str> arguments;
  if (given) {
    spec.struct_size = b.from.number<std::uint32_t>();
    spec.timeout_ms = b.from.number<std::uint32_t>();
    spec.name = b.from.str();
    spec.argument_count = b.from.number<std::uint32_t>();
    if (b.from.number<std::uint8_t>() != 0) {
      for (std::uint32_t i = 0; i < spec.argument_count; ++i) arguments.push_back(b.from.str());
      spec.arguments = arguments.data();
    }
    spec.cpu_seconds = b.from.number<std::uint32_t>();
    spec.input = b.from.str();
    spec.memory = b.from.number<std::uint64_t>();
    spec.max_output = b.from.number<std::uint64_t>();
  }
  const auto& api = *static_cast<const serai_program_api*>(program_table());
  const auto status = api.run(b.call, given ? &spec : nullptr, b.no_result ? nullptr : &result);
  if (status < 0) return status;
  b.to.number(result.end);
  b.to.number(result.status);
  b.to.text(result.output);
  b.to.text(result.complaints);
  return status;
}

serai_status submit(const BrokeredCall& b) {
  const bool given = b.from.number<std::uint8_t>() != 0;
  serai_smtp_result result{};
  result.struct_size = b.from.number<std::uint32_t>();
  serai_smtp_message message{};
  std::vector<serai_str> recipients;
  if (given) {
    message.struct_size = b.from.number<std::uint32_t>();
    message.timeout_ms = b.from.number<std::uint32_t>();
    for (serai_str* text : {&message.url, &message.user, &message.password, &message.sender})
      *text = b.from.str();
    message.recipient_count = b.from.number<std::uint32_t>();
    if (b.from.number<std::uint8_t>() != 0) {
      for (std::uint32_t i = 0; i < message.recipient_count; ++i)
        recipients.push_back(b.from.str());
      message.recipients = recipients.data();
    }
    message.tls = b.from.number<std::uint32_t>();
    message.content = b.from.str();
  }
  const auto& api = *static_cast<const serai_smtp_api*>(smtp_table());
  const auto status =
      api.submit(b.call, given ? &message : nullptr, b.no_result ? nullptr : &result);
  if (status < 0) return status;
  b.to.number(result.outcome);
  b.to.number(result.code);
  b.to.number(result.stage);
  b.to.text(result.reply);
  return status;
}

serai_status read_mailbox(const BrokeredCall& b) {
  const bool given = b.from.number<std::uint8_t>() != 0;
  serai_imap_result result{};
  result.struct_size = b.from.number<std::uint32_t>();
  serai_imap_request request{};
  if (given) {
    request.struct_size = b.from.number<std::uint32_t>();
    request.timeout_ms = b.from.number<std::uint32_t>();
    for (serai_str* text : {&request.url, &request.user, &request.password, &request.mailbox})
      *text = b.from.str();
    for (std::uint32_t* number :
         {&request.tls, &request.uid_validity, &request.after_uid, &request.max_messages})
      *number = b.from.number<std::uint32_t>();
    request.max_bytes = b.from.number<std::uint64_t>();
  }
  const auto& api = *static_cast<const serai_imap_api*>(imap_table());
  const auto status =
      api.fetch(b.call, given ? &request : nullptr, b.no_result ? nullptr : &result);
  if (status < 0) return status;
  b.to.number(result.outcome);
  for (const std::uint32_t number :
       {result.uid_validity, result.uid_next, result.up_to_uid, result.more, result.message_count})
    b.to.number(number);
  for (std::uint32_t i = 0; i < result.message_count; ++i) {
    b.to.number(result.messages[i].uid);
    b.to.number(result.messages[i].state);
    b.to.number(result.messages[i].size);
    b.to.text(result.messages[i].content);
  }
  b.to.text(result.reply);
  return status;
}

serai_status make_link(const BrokeredCall& b) {
  const auto handler = b.from.str(), subject = b.from.str();
  const auto expires_us = b.from.number<std::int64_t>();
  serai_str url{};
  const auto& api = *static_cast<const serai_links_api*>(links_table());
  const auto status = api.make(b.call, handler, subject, expires_us, b.no_result ? nullptr : &url);
  if (status >= 0) b.to.text(url);
  return status;
}

}  // namespace

bool broker_outside(const BrokeredCall& b, serai_status& status) {
  if (b.function == Function::http_fetch)
    status = fetch(b);
  else if (b.function == Function::program_run)
    status = run(b);
  else if (b.function == Function::smtp_submit)
    status = submit(b);
  else if (b.function == Function::imap_fetch)
    status = read_mailbox(b);
  else if (b.function == Function::links_make)
    status = make_link(b);
  else
    return false;
  return true;
}

}  // namespace host::plugins
