// serai.response/1: how handlers answer.
#include <algorithm>

#include "plugins/boundary.hpp"
#include "serai/abi/request.h"

namespace host::plugins {
namespace {

constexpr std::size_t kMaxHeaders = 100;
constexpr std::size_t kMaxAnswer = 64 << 20;
constexpr std::size_t kMaxReply = 16 << 20;  // of a service

bool framing(std::string_view name) {
  static constexpr std::string_view names[] = {"content-length", "connection", "transfer-encoding",
                                               "keep-alive",     "upgrade",    "trailer",
                                               "date",           "te"};
  return std::any_of(std::begin(names), std::end(names), [&](std::string_view other) {
    return name.size() == other.size() &&
           std::equal(name.begin(), name.end(), other.begin(), [](char a, char b) {
             return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b;
           });
  });
}

// A header that could split the answer never gets out of here.
bool good_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}
bool good_value(std::string_view value) {
  return value.size() <= 8000 && std::all_of(value.begin(), value.end(), [](unsigned char c) {
           return (c >= 0x20 && c != 0x7f) || c == '\t';
         });
}

RouteReply& open_reply(CallContext& context, std::int32_t http_status, const serai_pair* headers,
                       std::uint32_t header_count) {
  if (!context.reply)
    throw conflict("no_request", "This call is not a request: it has no HTTP answer.");
  if (context.answered) throw conflict("already_answered", "This call was answered before.");
  if (http_status < 200 || http_status > 599)
    throw bad_request("An HTTP status lies between 200 and 599.");
  if (header_count > kMaxHeaders || (header_count && !headers))
    throw bad_request("That many headers are not possible.");
  RouteReply& reply = *context.reply;
  reply.headers.clear();
  for (std::uint32_t i = 0; i < header_count; ++i) {
    const auto name = view(headers[i].name), value = view(headers[i].value);
    if (!good_name(name) || !good_value(value))
      throw bad_request("A header has characters that are not allowed.");
    if (framing(name)) throw bad_request("Framing headers are the host's.");
    reply.headers.emplace_back(name, value);
  }
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
        auto reader = blobs.open(context.token(), std::string(view(blob)));
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
