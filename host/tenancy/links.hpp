// Addresses that need no login: signed for one tenant, one route of one plugin and one subject,
// until a time. Whoever holds such an address may call that route, and nothing else. Stateless:
// what it stands for can be taken back only by what the plugin makes of the subject. Keyed BLAKE2b
// (RFC 7693), libsodium's crypto_generichash. Thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/call_token.hpp"
#include "base/time.hpp"

namespace host::tenancy {

class Links {
 public:
  using Key = std::array<unsigned char, 32>;
  static constexpr std::size_t kMaxSubject = 200;  // bytes

  // `url`: of this host as clients call it ("https://api.example.com").
  Links(const Key& key, std::string url) : key_(key), url_(std::move(url)) {}

  // What stands for {link} in the path of the plugin's route; `token` is of the plugin and its
  // tenant. `until` empty: for ever. Throws Problem(400 subject_invalid).
  std::string sign(const CallToken& token, std::string_view handler, std::string_view subject,
                   std::optional<Timestamp> until) const;

  struct Opened {
    std::string tenant, subject;
  };
  // Throws Problem(404 link_invalid) for what was not signed for that route, Problem(410
  // link_expired).
  Opened open(std::string_view plugin, std::string_view handler, std::string_view link) const;

  const std::string& url() const { return url_; }

 private:
  std::string seal(std::string_view plugin, std::string_view handler, std::string_view what) const;

  const Key key_;
  const std::string url_;
};

}  // namespace host::tenancy
