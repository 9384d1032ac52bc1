// Access tokens whose signature was checked a moment ago: the same token comes with every request
// of a session, and its signature does not change. Remembers what the signature proved, nothing
// more: expiry, session, user and tenant are asked anew each time. Bounded; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/jwt.hpp"

namespace host::auth {

class VerifiedTokens {
 public:
  // nullptr: not known.
  std::shared_ptr<const JwtClaims> find(std::string_view token) const;
  void remember(std::string_view token, std::shared_ptr<const JwtClaims> claims);

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kPerShard = 2048;  // then the shard begins anew
  // Of the signature's end: it is as good as random, and nobody can choose it among tokens that
  // were verified.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view token) const {
      constexpr std::size_t kEnd = 16;
      return std::hash<std::string_view>{}(
          token.substr(token.size() > kEnd ? token.size() - kEnd : 0));
    }
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<const JwtClaims>, Hash, std::equal_to<>> claims;
  };
  Shard& shard(std::string_view token) const { return shards_[Hash{}(token) % kShards]; }

  mutable std::array<Shard, kShards> shards_;
};

}  // namespace host::auth
