// What every kind of outside request has in common: which hosts, which addresses, how it is
// counted. Private to the outbound*.cpp files.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "plugins/outbound.hpp"

namespace host::plugins {

bool same_text(std::string_view a, std::string_view b);  // ASCII, whatever the case

// Throws Problem(403 host_not_allowed) unless "host:port" is allowed for the scheme and not denied.
void require_listed(const std::string& plugin, const std::string& host, std::string_view scheme,
                    const OutboundHosts& hosts);

// Watches the addresses libcurl is about to connect to.
struct AddressGuard {
  bool allow_private = false;
  bool refused = false;
};
// Sets what no outside request goes without: the guard, no proxy, no signals, time-outs. `guard`
// outlives the transfer.
void guard(CURL* handle, AddressGuard& guard, const OutboundPolicy& policy,
           std::chrono::milliseconds total);

std::int64_t transferred(CURL* handle);  // bytes, both ways
void count_request(const std::string& plugin, const char* outcome);

}  // namespace host::plugins
