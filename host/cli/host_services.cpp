#include "cli/host_services.hpp"

#include <nlohmann/json.hpp>

#include "base/problem.hpp"

namespace host::cli {
namespace {

using Json = nlohmann::json;

// serai.users/1: {} -> {"users": [{"id", "email", "name", "role"}]}, the active ones, oldest first.
std::string users(auth::Auth& auth, const CallToken& token, std::string_view payload) {
  if (const Json asked = Json::parse(payload, nullptr, false); !asked.empty())
    throw Problem(422, "invalid_payload", "serai.users/1 takes an object without members.");
  Json list = Json::array();
  for (const auto& user : auth.team().users(token)) {
    if (!user.active) continue;
    list.push_back(
        {{"id", user.id}, {"email", user.email}, {"name", user.name}, {"role", user.role}});
  }
  return Json{{"users", std::move(list)}}.dump();
}

}  // namespace

std::map<std::string, plugins::HostService, std::less<>> host_services(auth::Auth& auth) {
  return {{"serai.users/1", [&auth](const CallToken& token, std::string_view payload) {
             return users(auth, token, payload);
           }}};
}

}  // namespace host::cli
