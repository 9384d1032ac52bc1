// serai.http_client/1: requests to declared hosts.
#include <algorithm>

#include "plugins/boundary.hpp"
#include "plugins/outbound_call.hpp"
#include "serai/abi/http_client.h"

namespace host::plugins {
namespace {

constexpr std::uint32_t kMaxHeaders = 100;
constexpr std::uint64_t kDefaultBody = 8 << 20, kMaxBody = 64 << 20;

bool named(const OutboundRequest& request, std::string_view lower_name) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
    return header.first.size() == lower_name.size() &&
           std::equal(lower_name.begin(), lower_name.end(), header.first.begin(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  });
}

OutboundRequest convert(CallContext& context, const serai_http_request& raw) {
  if (raw.struct_size < sizeof(serai_http_request)) throw bad_request("The request is too small.");
  if (raw.header_count > kMaxHeaders || (raw.header_count && !raw.headers))
    throw bad_request("That many headers are not possible.");
  const CallToken& token = context.token();
  OutboundRequest request;
  request.plugin = token.plugin();
  request.method = view(raw.method);
  if (request.method.empty()) request.method = "GET";
  request.url = view(raw.url);
  for (std::uint32_t i = 0; i < raw.header_count; ++i)
    request.headers.emplace_back(view(raw.headers[i].name), view(raw.headers[i].value));
  if (!token.request_id().empty() && !named(request, "x-request-id"))
    request.headers.emplace_back("X-Request-ID", token.request_id());
  if (!token.traceparent().empty() && !named(request, "traceparent"))
    request.headers.emplace_back("traceparent", token.traceparent());
  request.body = view(raw.body);
  if (raw.timeout_ms) request.timeout = std::chrono::milliseconds(raw.timeout_ms);
  request.deadline = token.deadline();
  request.retries = raw.retries;
  request.max_body = raw.max_body ? std::min(raw.max_body, kMaxBody) : kDefaultBody;
  request.hosts = outbound_hosts(context);
  return request;
}

serai_status fetch(serai_call call, const serai_http_request* request,
                   serai_http_response* out) noexcept {
  return boundary(
      call, Interface::http_client, Need::token, "http_client.fetch", [&](CallContext& context) {
        serai_http_response& answer = require(out);
        if (answer.struct_size < sizeof(serai_http_response))
          throw bad_request("The response is too small.");
        const OutboundRequest wanted = convert(context, require(request));
        // Seconds may pass: no database connection waits for somebody else's server.
        context.release_session();
        bool plain = false;
        const OutboundReply reply = counted(
            context, [&] { return host_and_port(wanted.url, plain); },
            [&](OutboundTally& tally) { return inside_of(context).outbound.fetch(wanted, tally); });
        auto* headers = context.array<serai_pair>(reply.headers.size());
        for (std::size_t i = 0; i < reply.headers.size(); ++i)
          headers[i] = {context.give(reply.headers[i].first),
                        context.give(reply.headers[i].second)};
        answer.status = reply.status;
        answer.headers = headers;
        answer.header_count = static_cast<std::uint32_t>(reply.headers.size());
        answer.attempts = reply.attempts;
        answer.body = context.give(reply.body);
      });
}

constexpr serai_http_client_api kTable{sizeof(serai_http_client_api), 0, fetch};

}  // namespace

const void* http_client_table() noexcept { return &kTable; }

}  // namespace host::plugins
