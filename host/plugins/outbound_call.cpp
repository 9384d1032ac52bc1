// Where a plugin's call may go; see the header.
#include "plugins/outbound_call.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "plugins/tenant_choice.hpp"

namespace host::plugins {
namespace {

// Host of a URL, "host" or "host:port".
std::string host_in(const std::string& value) {
  if (value.find("://") == std::string::npos) return value;
  bool plain = false;
  if (value.starts_with("smtp")) return mail_host_and_port(value, plain);
  if (value.starts_with("imap")) return imap_host_and_port(value, plain);
  return host_and_port(value, plain);
}

// A setting names one host, or several with commas.
void add_hosts_in(std::string_view value, std::vector<std::string>& hosts) {
  constexpr std::string_view blank = " \t\r\n";
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    auto one = value.substr(0, comma);
    value.remove_prefix(std::min(comma + 1, value.size()));
    one.remove_prefix(std::min(one.find_first_not_of(blank), one.size()));
    one = one.substr(0, one.find_last_not_of(blank) + 1);
    if (!one.empty()) hosts.push_back(host_in(std::string(one)));
  }
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
    if (value.is_string()) add_hosts_in(value.get_ref<const std::string&>(), hosts.allowed);
  }
  hosts.denied = generation.grant().denied_hosts;
  for (auto& host : TenantChoice(context.tenant(), generation.id()).denied_hosts())
    hosts.denied.push_back(std::move(host));
  return hosts;
}

}  // namespace host::plugins
