// serai.services/1: calls to other plugins of the same tenant.
#include <algorithm>

#include "plugins/boundary.hpp"
#include "serai/abi/services.h"

namespace host::plugins {
namespace {

constexpr std::size_t kMaxPayload = 16 << 20;

std::string_view declared_service(CallContext& context, serai_str service) {
  const auto name = view(service);
  const auto& manifest = context.generation().manifest();
  for (const auto* list : {&manifest.required_services, &manifest.optional_services})
    if (std::find(list->begin(), list->end(), name) != list->end()) return name;
  throw forbidden("service_not_declared",
                  "The manifest neither requires nor wants " + std::string(name) + ".");
}

serai_status call_service(serai_call call, serai_str service, serai_str payload,
                          serai_str* reply) noexcept {
  return boundary(call, Interface::services, Need::token, "services.call",
                  [&](CallContext& context) {
                    auto& out = require(reply);
                    const auto name = declared_service(context, service);
                    const auto text = view(payload);
                    if (text.size() > kMaxPayload)
                      throw Problem(413, "too_large", "A payload is at most 16 MiB long.");
                    // Inside a transaction a failed service leaves no half of its work behind.
                    const bool joins = context.chain().transactions > 0;
                    if (joins) context.begin_transaction();
                    std::string answer;
                    try {
                      answer = inside_of(context).call_service(context, name, text);
                    } catch (...) {
                      if (joins) context.rollback_transaction();
                      throw;
                    }
                    if (joins) context.commit_transaction();
                    out = context.give(answer);
                  });
}

std::int32_t available(serai_call call, serai_str service) noexcept {
  bool found = false;
  boundary(call, Interface::services, Need::token, "services.available", [&](CallContext& context) {
    const auto name = declared_service(context, service);
    found = inside_of(context).service_available(context, name);
  });
  return found ? 1 : 0;
}

constexpr serai_services_api kTable{sizeof(serai_services_api), 0, call_service, available};

}  // namespace

const void* services_table() noexcept { return &kTable; }

}  // namespace host::plugins
