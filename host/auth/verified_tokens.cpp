#include "auth/verified_tokens.hpp"

namespace host::auth {

std::optional<JwtClaims> VerifiedTokens::find(std::string_view token) const {
  auto& shard = this->shard(token);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.claims.find(token);
  return found == shard.claims.end() ? std::nullopt : std::optional(found->second);
}

void VerifiedTokens::remember(std::string_view token, const JwtClaims& claims) {
  auto& shard = this->shard(token);
  const std::lock_guard lock(shard.mutex);
  if (shard.claims.size() >= kPerShard) shard.claims.clear();
  shard.claims.emplace(token, claims);
}

}  // namespace host::auth
