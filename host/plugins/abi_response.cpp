// serai.response/1: how handlers answer.
#include "isolation/answer_rules.hpp"
#include "plugins/boundary.hpp"
#include "serai/abi/request.h"

namespace host::plugins {
namespace {

using isolation::kMaxAnswer;
using isolation::kMaxReply;

RouteReply& open_reply(CallContext& context, std::int32_t http_status, const serai_pair* headers,
                       std::uint32_t header_count) {
  if (!context.reply)
    throw conflict("no_request", "This call is not a request: it has no HTTP answer.");
  if (context.answered) throw conflict("already_answered", "This call was answered before.");
  if (const char* fault = isolation::fault_of_answer(http_status, headers, header_count))
    throw bad_request(fault);
  RouteReply& reply = *context.reply;
  reply.headers.clear();
  for (std::uint32_t i = 0; i < header_count; ++i)
    reply.headers.emplace_back(view(headers[i].name), view(headers[i].value));
  reply.status = http_status;
  return reply;
}

serai_status respond(serai_call call, std::int32_t http_status, const serai_pair* headers,
                     std::uint32_t header_count, serai_str body) noexcept {
  return boundary(call, Interface::response, Need::memory, "response.respond",
                  [&](CallContext& context) {
                    const auto text = view(body);
                    if (text.size() > kMaxAnswer)
                      throw Problem(413, "too_large",
                                    "An answer is at most 64 MiB long; larger ones are blobs.");
                    open_reply(context, http_status, headers, header_count).body.assign(text);
                    context.answered = true;
                  });
}

serai_status respond_blob(serai_call call, std::int32_t http_status, const serai_pair* headers,
                          std::uint32_t header_count, serai_str blob) noexcept {
  return boundary(
      call, Interface::response, Need::token, "response.respond_blob", [&](CallContext& context) {
        auto& blobs = need_room(inside_of(context).rooms.blobs, "blob store");
        auto reader = blobs.open(context.token(), std::string(view(blob)),
                                 blobs.shared() ? &context.host_session() : nullptr);
        open_reply(context, http_status, headers, header_count).blob = std::move(reader);
        context.answered = true;
      });
}

serai_status reply(serai_call call, serai_str payload) noexcept {
  return boundary(call, Interface::response, Need::memory, "response.reply",
                  [&](CallContext& context) {
                    if (!context.service_reply)
                      throw conflict("no_service_call", "This call is not a service call.");
                    if (context.answered)
                      throw conflict("already_answered", "This call was answered before.");
                    const auto text = view(payload);
                    if (text.size() > kMaxReply)
                      throw Problem(413, "too_large", "A reply is at most 16 MiB long.");
                    context.service_reply->assign(text);
                    context.answered = true;
                  });
}

constexpr serai_response_api kTable{sizeof(serai_response_api), 0, respond, respond_blob, reply};

}  // namespace

const void* response_table() noexcept { return &kTable; }

}  // namespace host::plugins
