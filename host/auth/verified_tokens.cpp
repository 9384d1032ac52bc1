#include "auth/verified_tokens.hpp"

#include <utility>

namespace host::auth {

std::shared_ptr<const JwtClaims> VerifiedTokens::find(std::string_view token) const {
  auto& shard = this->shard(token);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.claims.find(token);
  return found == shard.claims.end() ? nullptr : found->second;
}

void VerifiedTokens::remember(std::string_view token, std::shared_ptr<const JwtClaims> claims) {
  auto& shard = this->shard(token);
  const std::lock_guard lock(shard.mutex);
  if (shard.claims.size() >= kPerShard) shard.claims.clear();
  shard.claims.emplace(token, std::move(claims));
}

}  // namespace host::auth
