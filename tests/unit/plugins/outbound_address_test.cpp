// Addresses that lead inside, in every disguise; URLs and the hosts they name.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/problem.hpp"
#include "plugins/outbound.hpp"

namespace host::plugins {
namespace {

bool is_private(const char* text) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
    return is_private_address(reinterpret_cast<const sockaddr&>(v4));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
  return is_private_address(reinterpret_cast<const sockaddr&>(v6));
}

TEST(Addresses, inside_are_recognised) {
  for (const char* address :
       {"127.0.0.1",    "127.255.255.255",  "0.0.0.0",         "10.1.2.3",
        "172.16.0.1",   "172.31.255.255",   "192.168.1.1",     "169.254.169.254",
        "100.64.0.1",   "224.0.0.1",        "255.255.255.255", "::1",
        "::",           "fe80::1",          "fc00::1",         "fd12::1",
        "ff02::1",      "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "2002:7f00:1::",    "2002:a00:1::",    "::127.0.0.1",
        "2001::1",      "2001:db8::1",      "2001:20::1",      "3fff::1",
        "fec0::1"})
    EXPECT_TRUE(is_private(address)) << address;
}

TEST(Addresses, outside_are_let_through) {
  for (const char* address :
       {"1.1.1.1", "172.32.0.1", "172.15.0.1", "100.128.0.1", "193.0.0.1", "2606:4700::1111",
        "2002:101:101::", "::ffff:8.8.8.8", "64:ff9b::808:808"})
    EXPECT_FALSE(is_private(address)) << address;
}

TEST(Urls, name_their_host_and_port) {
  bool plain = true;
  EXPECT_EQ(host_and_port("https://Api.Example.com/x?y", plain), "api.example.com:443");
  EXPECT_FALSE(plain);
  EXPECT_EQ(host_and_port("http://example.com.:8080", plain), "example.com:8080");
  EXPECT_TRUE(plain);
  for (const char* bad : {"", "example.com", "ftp://example.com", "file:///etc/passwd",
                          "https://user:pass@example.com", "https://user@example.com", "https://"})
    EXPECT_THROW(host_and_port(bad, plain), Problem) << bad;
}

}  // namespace
}  // namespace host::plugins
