// Which addresses are nobody's business from the outside, and where a URL leads.
#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include "base/problem.hpp"
#include "plugins/outbound.hpp"

namespace host::plugins {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};
constexpr std::uint32_t net(int a, int b, int c, int d) {
  return static_cast<std::uint32_t>(a) << 24 | static_cast<std::uint32_t>(b) << 16 |
         static_cast<std::uint32_t>(c) << 8 | static_cast<std::uint32_t>(d);
}
constexpr Range4 kPrivate4[] = {
    {net(0, 0, 0, 0), 8},      {net(10, 0, 0, 0), 8},     {net(100, 64, 0, 0), 10},
    {net(127, 0, 0, 0), 8},    {net(169, 254, 0, 0), 16}, {net(172, 16, 0, 0), 12},
    {net(192, 0, 0, 0), 24},   {net(192, 0, 2, 0), 24},   {net(192, 88, 99, 0), 24},
    {net(192, 168, 0, 0), 16}, {net(198, 18, 0, 0), 15},  {net(198, 51, 100, 0), 24},
    {net(203, 0, 113, 0), 24}, {net(224, 0, 0, 0), 4},    {net(240, 0, 0, 0), 4}};

bool private4(std::uint32_t address) {
  return std::any_of(std::begin(kPrivate4), std::end(kPrivate4), [&](const Range4& range) {
    return (address ^ range.network) >> (32 - range.bits) == 0;
  });
}

std::uint32_t embedded(const unsigned char* bytes) {
  return net(bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool private6(const in6_addr& address) {
  const unsigned char* b = address.s6_addr;
  static constexpr unsigned char zeros[16] = {};
  static constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};
  if (std::memcmp(b, mapped, 12) == 0 || std::memcmp(b, nat64, 12) == 0)
    return private4(embedded(b + 12));
  if (std::memcmp(b, zeros, 12) == 0) return true;                     // ::, ::1, IPv4-compatible
  if (b[0] == 0x20 && b[1] == 0x02) return private4(embedded(b + 2));  // 6to4
  // IETF protocol assignments: Teredo, benchmarking, ORCHID ...
  if (b[0] == 0x20 && b[1] == 0x01 && (b[2] & 0xfe) == 0) return true;
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8) return true;  // documentation
  if (b[0] == 0x3f && b[1] == 0xff && (b[2] & 0xf0) == 0) return true;            // documentation
  if (b[0] == 0 && b[1] == 0x64) return true;                                     // local NAT64
  return (b[0] & 0xe0) != 0x20;  // everything outside of global unicast 2000::/3
}

}  // namespace

bool is_private_address(const sockaddr& address) {
  if (address.sa_family == AF_INET)
    return private4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr));
  if (address.sa_family == AF_INET6)
    return private6(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return true;
}

namespace {

struct Scheme {
  const char *plain, *secure;
  const char* name;  // for people
  bool mail;
};

std::string authority_of(const std::string& url, const Scheme& wanted, bool& plain) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parts(curl_url(), curl_url_cleanup);
  const auto part = [&](CURLUPart which, unsigned flags) {
    char* text = nullptr;
    std::string copy;
    if (curl_url_get(parts.get(), which, &text, flags) == CURLUE_OK && text) copy = text;
    curl_free(text);
    return copy;
  };
  if (!parts || url.size() > 8000 ||
      curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    throw bad_request("The address is not a URL.");
  const std::string scheme = part(CURLUPART_SCHEME, 0);
  if (scheme != wanted.secure && scheme != wanted.plain)
    throw bad_request("Only " + std::string(wanted.name) + " addresses can be asked.");
  if (wanted.mail && (part(CURLUPART_PATH, 0) != "/" || !part(CURLUPART_QUERY, 0).empty()))
    throw bad_request("The address of a mail server ends with its port.");
  if (!part(CURLUPART_USER, 0).empty() || !part(CURLUPART_PASSWORD, 0).empty())
    throw bad_request("Credentials do not belong into a URL.");
  plain = scheme == wanted.plain;
  std::string host = part(CURLUPART_HOST, 0);
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  // One name, one spelling: what looks like a letter or a dot to a resolver must not pass here as
  // something else.
  if (std::any_of(host.begin(), host.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f; }))
    throw bad_request("A host is written in ASCII; one with other letters as xn--...");
  while (!host.empty() && host.back() == '.') host.pop_back();
  if (host.empty()) throw bad_request("The address names no host.");
  return host + ":" + part(CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

}  // namespace

std::string host_and_port(const std::string& url, bool& plain) {
  return authority_of(url, {"http", "https", "http and https", false}, plain);
}

std::string mail_host_and_port(const std::string& url, bool& plain) {
  return authority_of(url, {"smtp", "smtps", "smtp and smtps", true}, plain);
}

std::string imap_host_and_port(const std::string& url, bool& plain) {
  return authority_of(url, {"imap", "imaps", "imap and imaps", true}, plain);
}

}  // namespace host::plugins
