// Hosts, addresses and accounts of outside requests; see the header.
#include "plugins/outbound_rules.hpp"

#include <algorithm>
#include <cctype>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/problem.hpp"
#include "observe/metrics.hpp"

namespace host::plugins {
namespace {

constexpr std::chrono::milliseconds kConnect{5000};

std::string without_port(const std::string& host) { return host.substr(0, host.rfind(':')); }

bool standard_port(std::string_view host, std::string_view scheme) {
  const auto port = host.substr(host.rfind(':') + 1);
  if (scheme == "https") return port == "443";
  if (scheme == "http") return port == "80";
  if (scheme == "imap") return port == "143" || port == "993";
  return port == "25" || port == "465" || port == "587";  // relay, submission with TLS, submission
}

// An entry without a port means the scheme's own; an empty scheme every port.
bool listed(const std::vector<std::string>& list, const std::string& host,
            std::string_view scheme) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
    if (same_text(entry, host)) return true;
    return same_text(entry, without_port(host)) && (scheme.empty() || standard_port(host, scheme));
  });
}

// After the name was resolved, before anything is sent: the only place where a name that leads
// inside can be caught.
curl_socket_t on_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& guard = *static_cast<AddressGuard*>(user);
  if (!guard.allow_private && is_private_address(address->addr)) {
    guard.refused = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

void require_listed(const std::string& plugin, const std::string& host, std::string_view scheme,
                    const OutboundHosts& hosts) {
  if (listed(hosts.allowed, host, scheme) && !listed(hosts.denied, host, "")) return;
  count_request(plugin, "denied");
  throw forbidden("host_not_allowed", "The plugin may not ask " + host + ".");
}

void guard(CURL* handle, AddressGuard& guard, const OutboundPolicy& policy,
           std::chrono::milliseconds total) {
  guard.allow_private = policy.allow_private_addresses;
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // A proxy would be asked instead of the host, and the check of its address would mean nothing.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(total.count()));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(total, kConnect).count()));
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, on_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &guard);
  if (!policy.authorities.empty())
    curl_easy_setopt(handle, CURLOPT_CAINFO, policy.authorities.c_str());
}

std::int64_t transferred(CURL* handle) {
  curl_off_t up = 0, down = 0;
  long request_head = 0, answer_head = 0;
  curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(handle, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &request_head);
  curl_easy_getinfo(handle, CURLINFO_HEADER_SIZE, &answer_head);
  return up + down + request_head + answer_head;
}

void count_request(const std::string& plugin, const char* outcome) {
  observe::metrics()
      .counter("serai_plugin_outbound_requests_total",
               "Requests of plugins to the outside, by outcome.",
               {{"plugin", plugin}, {"outcome", outcome}})
      .add();
}

}  // namespace host::plugins
