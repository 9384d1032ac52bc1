// Where a plugin's call may go; see the header.
#include "plugins/outbound_call.hpp"

#include <nlohmann/json.hpp>

#include "plugins/tenant_choice.hpp"

namespace host::plugins {
namespace {

// Host of a setting's value: a URL, "host" or "host:port".
std::string host_in(const std::string& value) {
  if (value.find("://") == std::string::npos) return value;
  bool plain = false;
  return value.starts_with("smtp") ? mail_host_and_port(value, plain) : host_and_port(value, plain);
}

}  // namespace

OutboundHosts outbound_hosts(CallContext& context) {
  constexpr std::string_view marker = "setting:";
  const Generation& generation = context.generation();
  OutboundHosts hosts;
  for (const auto& entry : generation.manifest().outbound) {
    if (!entry.starts_with(marker)) {
      hosts.allowed.push_back(entry);
      continue;
    }
    const auto* tenant = context.tenant();
    const auto text =
        generation.settings().get(std::string_view(entry).substr(marker.size()),
                                  tenant ? own_settings(*tenant, generation.id()) : nullptr);
    const auto value = nlohmann::json::parse(text.value_or("null"));
    if (value.is_string() && !value.get_ref<const std::string&>().empty())
      hosts.allowed.push_back(host_in(value.get<std::string>()));
  }
  hosts.denied = generation.grant().denied_hosts;
  for (auto& host : TenantChoice(context.tenant(), generation.id()).denied_hosts())
    hosts.denied.push_back(std::move(host));
  return hosts;
}

}  // namespace host::plugins
